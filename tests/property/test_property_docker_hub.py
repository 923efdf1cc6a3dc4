"""Docker Hub's short names under image keys, in every style of scalar (R2, R32)."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import moved, normal, split_version
from parsers import pyyaml

from regfix import rewrite_text

RULE_SETS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("docker.io", "harbor.example.com/hub"),),
    (("docker.io", "localhost:5000"),),
    (("docker.io/library", "ghcr.io/official"),),
    (("docker.io/bitnami", "docker.io/bitnamilegacy"),),
    (("docker.io/library/nginx", "ghcr.io/nginx/nginx-server"),),
    (("docker.io/bitnami", "quay.io/b"), ("docker.io", "harbor.example.com/hub"), ("quay.io", "quay.example.com")),
    (("docker.io/library", "docker.io/mirror"), ("docker.io/mirror/redis", "ghcr.io/redis")),
    (("docker.io/a/b", "k8s.gcr.io/ab"), ("index.docker.io/bitnami/redis", "ghcr.io/redis")),
    (("docker.io", "docker.io/library"), ("docker.io/library", "docker.io/library")),
    (("quay.io/x", "docker.io/library"),),
)
NAMES = ("nginx", "redis", "library/nginx", "bitnami/redis", "bitnami/nginx", "a/b/c", "a/b", "ab/c", "library/a/b", "x",
         "mirror/redis", "docker.io/nginx", "docker.io/library/redis", "docker.io/bitnami/redis", "index.docker.io/nginx",
         "index.docker.io/bitnami/redis", "registry-1.docker.io/library/nginx", "registry-1.docker.io/a/b")  # fmt: skip
FOREIGN = ("quay.io/nginx", "quay.io/x/y", "localhost/nginx", "localhost:5000/nginx", "Foo/bar", "nginx:5000/a",
           "mirror.docker.io/nginx", "docker.io.example.com/nginx", "docker.io:443/nginx",
           "harbor.example.com/docker.io/nginx", "[::1]:5000/nginx")  # fmt: skip
VERSIONS = ("", ":1.27", ":010", "@sha256:" + "0123456789abcdef" * 4, ":v1-rc.1@sha256:" + "e" * 64)
NOTHING = ("Nginx", "nginx latest", "nginx:", "nginx:1:2", "-nginx", "nginx-", "a//b", "/nginx", "nginx/", "https://a/b",
           "a..b", "nginx@sha256:1", "./nginx", "$IMAGE", "a\\b", "nginx:-1", "logo.png", "café")  # fmt: skip

WRITTEN = ("image: {}", "image:   {}  # nginx", "image: '{}'", 'image: "{}"', "image: |\n  {}", "image: >-\n   {}\n", "image: |2+\n  {}\n\n",
           "image:\n  # nginx\n  {}", 'image:\n\n  "{}"', "? image\n: {}", "? 'image'\n:\n  '{}'", "{{image: '{}'}}", '{{"image":"{}"}}',
           "{{a: [{{image: {} }}]}}", "image: !!str {}", "image: &x {}\ninitImage: *x", "image: &x !!str '{}'", "- image: {}\n  name: nginx",
           "a: {{b: c}}\n\ninitImage:\t{}", "sidecar_image: {}", '"image": {}', "--- # nginx\nimage: {}\n...\n---\nname: nginx",
           "template:\n- image: {}\n  name: nginx", "image: ! '{}'", "# nginx\nimage: {} # see x")  # fmt: skip
"""Places for a value; none of them quotes what it is given, so values that would need it are for the quoted ones."""

ELSEWHERE = ("name: {}", "- {}", "tag: '{}'", "imagePullPolicy: {}", "vmImage: {}", "images: ['{}']", "command: ['{}']",
             "images: {{a: '{}'}}", "a: 'image: {}'", "repository: {}", "image: ['{}']", "image: {{a: '{}'}}")  # fmt: skip
"""Places where a short name does not look different from any other word."""

ENDS = st.sampled_from(("\n", "\r\n"))


def is_string_with(text: str, value: str) -> bool:
    """Tell whether a parser reads the value at its place as a string."""
    return f"('tag:yaml.org,2002:str', {value!r}" in str(pyyaml(text)) or f"{value}\\n" in str(pyyaml(text))


@settings(max_examples=300)
@given(
    st.sampled_from(RULE_SETS),
    st.sampled_from(WRITTEN),
    st.sampled_from(NAMES + FOREIGN),
    st.sampled_from(VERSIONS),
    ENDS,
)
def test_a_name_moves_as_its_normalized_name_does(
    rules: tuple[tuple[str, str], ...], place: str, name: str, version: str, end: str
) -> None:
    value = name + version
    before, _, behind = place.replace("\n", end).partition("{}")
    before, behind = before.replace("{{", "{"), behind.replace("}}", "}") + end
    text = before + value + behind
    assume(is_string_with(text, value))
    after = rewrite_text(text, [f"{old}={new}" for old, new in rules]).text
    assert after.startswith(before)
    assert after.endswith(behind)
    now = after[len(before) : len(after) - len(behind)]
    expected = moved(rules, name + version)
    assert split_version(now)[1] == version
    assert normal(split_version(now)[0]) == normal(split_version(expected)[0])
    if normal(split_version(expected)[0]) == normal(name):
        assert after == text


@settings(max_examples=100)
@given(st.sampled_from(RULE_SETS), st.sampled_from(WRITTEN), st.sampled_from(NOTHING), ENDS)
def test_what_is_no_reference_stays(rules: tuple[tuple[str, str], ...], place: str, value: str, end: str) -> None:
    text = place.format(value).replace("\n", end) + end
    if pyyaml(text) is not None:
        result = rewrite_text(text, [f"{old}={new}" for old, new in rules])
        assert result.text == text


@settings(max_examples=100)
@given(
    st.sampled_from(RULE_SETS), st.sampled_from(ELSEWHERE), st.sampled_from([n for n in NAMES if ".io" not in n]), ENDS
)
def test_a_short_name_under_another_key_stays(
    rules: tuple[tuple[str, str], ...], place: str, name: str, end: str
) -> None:
    text = place.format(name).replace("\n", end) + end
    assert rewrite_text(text, [f"{old}={new}" for old, new in rules]).text == text
