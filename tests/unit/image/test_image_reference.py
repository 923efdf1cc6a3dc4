"""References: what is one, its parts, its spellings. Cases after the tables of distribution/reference (v0.6.0)."""

from __future__ import annotations

import pytest

from regfix.errors import InvalidReference
from regfix.image.host import is_host, normalize_host, normalize_path
from regfix.image.reference import Reference

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA512 = "sha512:" + "0f" * 64


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "", "nginx", "", ""),
        ("nginx:1.27", "", "nginx", "1.27", ""),
        ("nginx:5000", "", "nginx", "5000", ""),
        ("example.com", "", "example.com", "", ""),
        ("example.com:5000", "", "example.com", "5000", ""),
        ("10.0.0.1:5000", "", "10.0.0.1", "5000", ""),
        ("example.com/app", "example.com", "app", "", ""),
        ("example.com:5000/app", "example.com:5000", "app", "", ""),
        ("example:5000/app:1", "example:5000", "app", "1", ""),
        ("localhost/app", "localhost", "app", "", ""),
        ("localhost:5000/app", "localhost:5000", "app", "", ""),
        ("10.0.0.1:5000/app:5050", "10.0.0.1:5000", "app", "5050", ""),
        ("[::1]:5000/app", "[::1]:5000", "app", "", ""),
        ("[2001:db8::1]/app:v1", "[2001:db8::1]", "app", "v1", ""),
        ("Foo/app", "Foo", "app", "", ""),
        ("team/app", "", "team/app", "", ""),
        ("team/sub.domain/app", "", "team/sub.domain/app", "", ""),
        ("foo_bar.com:8080", "", "foo_bar.com", "8080", ""),
        ("foo_bar.com/app", "", "foo_bar.com/app", "", ""),
        ("xn--n3h.com/app:xn--n3h.com", "xn--n3h.com", "app", "xn--n3h.com", ""),
        ("a.example.com/b.example.com/app:c.example.com", "a.example.com", "b.example.com/app", "c.example.com", ""),
        ("a__b/c--d/e.f/g_h", "", "a__b/c--d/e.f/g_h", "", ""),
        ("app:Tag_with.All-of_it", "", "app", "Tag_with.All-of_it", ""),
        ("app:_", "", "app", "_", ""),
        ("app:" + "t" * 128, "", "app", "t" * 128, ""),
        (f"app@{SHA256}", "", "app", "", SHA256),
        (f"example.com/app:1@{SHA256}", "example.com", "app", "1", SHA256),
        (f"app@{SHA512}", "", "app", "", SHA512),
        (f"app@sha384:{'0f' * 48}", "", "app", "", f"sha384:{'0f' * 48}"),
        (f"app@sha256+b64u:{'Ab' * 20}", "", "app", "", f"sha256+b64u:{'Ab' * 20}"),
        ("0123456789abcdef" * 4 + ":1", "", "0123456789abcdef" * 4, "1", ""),
        ("t/" + "0123456789abcdef" * 4, "", "t/" + "0123456789abcdef" * 4, "", ""),
        ("k8s.gcr.io/pause:3.2", "k8s.gcr.io", "pause", "3.2", ""),
    ],
)
def test_parts_as_they_are_written(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    parsed = Reference.parse(text)
    assert parsed == Reference(registry, repository, tag, digest)
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "nginx ", " nginx", "nginx\n", ":1", f"@{SHA256}", "nginx:", "nginx@", "nginx@sha256", "nginx@sha256:",
        "nginx@sha256:abcd", "nginx@1sha:" + "a" * 64, "nginx@sha256:" + "g" * 64, "Nginx", "nginx/Nginx", "example.com/App",
        "example.com:5000/Team/app:1", "nginx:-1", "nginx:.1", "nginx:1:2", "nginx:" + "t" * 129, "-nginx", "nginx-", "_nginx",
        "nginx_", "a..b", "a___b", "a._b", "a-.b", "a//b", "/nginx", "nginx/", "example.com/", "example.com//nginx",
        "https://example.com/nginx", "-example.com/nginx", "example-.com/nginx", "example..com:1/nginx", "example.com:/nginx",
        "example.com:x/nginx", "[::1]", "[::1]:5000", "::1/nginx", "[fe80::1%eth0]:5000/nginx", "[::ffff:10.0.0.1]/nginx",
        "a/$b", "a b", "nginx:${TAG}", "{{ .x }}", "nginx:é", "ngïnx", "nginx:\u0661", "[]/nginx",
    ],
)  # fmt: skip
def test_what_is_no_reference(text: str) -> None:
    assert Reference.match(text) is None
    with pytest.raises(InvalidReference, match="is not an image reference"):
        Reference.parse(text)


@pytest.mark.parametrize(
    ("front", "length", "good"),
    [("t/", 253, True), ("t/", 254, False), ("", 247, True), ("", 248, False), ("quay.io/", 255, True), ("quay.io/", 256, False)],
)  # fmt: skip
def test_a_repository_has_at_most_255_characters(front: str, length: int, good: bool) -> None:
    """The `library/` of an official image counts, as it does in ParseNormalizedNamed."""
    assert (Reference.match(front + "a" * length) is not None) == good


def test_the_registry_does_not_count_in_the_length() -> None:
    assert Reference.match("registry.example.com/" + "a" * 250) is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0123456789abcdef" * 4, id="64 hexadecimal digits are an image's ID, not a name"),
        pytest.param("nginx@sha256:" + "a" * 63, id="a digest that is too short for its algorithm"),
        pytest.param("nginx@sha256:" + "a" * 65, id="a digest that is too long for its algorithm"),
        pytest.param("nginx@sha512:" + "a" * 64, id="a digest of another algorithm"),
        pytest.param("nginx@sha256:" + "A" * 64, id="a digest in capitals"),
    ],
)
def test_what_only_the_grammar_allows(text: str) -> None:
    assert Reference.match(text) is None


@pytest.mark.parametrize(
    ("text", "normalized", "familiar"),
    [
        ("nginx", "docker.io/library/nginx", "nginx"),
        ("library/nginx", "docker.io/library/nginx", "nginx"),
        ("docker.io/nginx:1", "docker.io/library/nginx:1", "nginx:1"),
        ("index.docker.io/library/nginx", "docker.io/library/nginx", "nginx"),
        ("registry-1.docker.io/nginx", "docker.io/library/nginx", "nginx"),
        ("bitnami/redis", "docker.io/bitnami/redis", "bitnami/redis"),
        ("library/a/b", "docker.io/library/a/b", "library/a/b"),
        ("other/library", "docker.io/other/library", "other/library"),
        ("library", "docker.io/library/library", "library"),
        ("quay.io/nginx", "quay.io/nginx", "quay.io/nginx"),
        ("quay.io/library/nginx", "quay.io/library/nginx", "quay.io/library/nginx"),
        ("docker.io:443/nginx", "docker.io:443/nginx", "docker.io:443/nginx"),
        ("mirror.docker.io/nginx", "mirror.docker.io/nginx", "mirror.docker.io/nginx"),
        ("FOO/bar", "FOO/bar", "FOO/bar"),
        (f"nginx:1@{SHA256}", f"docker.io/library/nginx:1@{SHA256}", f"nginx:1@{SHA256}"),
    ],
)
def test_spellings(text: str, normalized: str, familiar: str) -> None:
    parsed = Reference.parse(text)
    assert (parsed.normalized, parsed.familiar) == (normalized, familiar)
    assert str(parsed) == text, "only a rule changes what is written"


@pytest.mark.parametrize("component", ["k8s.gcr.io", "a:5000", "localhost", "localhost:5000", "[::1]", "Foo", "a."])
def test_the_first_component_is_a_host(component: str) -> None:
    assert is_host(component)


@pytest.mark.parametrize("component", ["a", "nginx", "localhosts", "local-host", "library", "docker", "10", "a_b", ""])
def test_the_first_component_is_no_host(component: str) -> None:
    assert not is_host(component)


@pytest.mark.parametrize("host", ["docker.io", "index.docker.io", "registry-1.docker.io"])
def test_hosts_of_docker_hub_are_one(host: str) -> None:
    assert normalize_host(host) == "docker.io"
    assert normalize_path(normalize_host(host), ("nginx",)) == ("library", "nginx")
    assert normalize_path(normalize_host(host), ("a", "nginx")) == ("a", "nginx")


@pytest.mark.parametrize(
    "host", ["docker.io:443", "www.docker.io", "registry-2.docker.io", "hub.docker.com", "Docker.io"]
)
def test_other_hosts_stay(host: str) -> None:
    assert normalize_host(host) == host
    assert normalize_path(host, ("nginx",)) == ("nginx",)
