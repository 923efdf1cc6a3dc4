"""Images whose registry is not written, or a key of its own (R32, R34)."""

from __future__ import annotations

import pytest

from regfix import Action, rewrite_text

HUB = ["docker.io=ghcr.io/hub"]
OLD = ["k8s.gcr.io=registry.k8s.io"]


def moved(before: str, rules: list[str]) -> str:
    result = rewrite_text(before, rules)
    assert rewrite_text(result.text, rules).text == result.text
    return result.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: nginx\n", "image: ghcr.io/hub/library/nginx\n"),
        ("image: nginx:1.27\n", "image: ghcr.io/hub/library/nginx:1.27\n"),
        ("image: a/b/c@sha256:" + "0" * 64 + "\n", "image: ghcr.io/hub/a/b/c@sha256:" + "0" * 64 + "\n"),
        ("image: docker.io/nginx\n", "image: ghcr.io/hub/library/nginx\n"),
        ("image: index.docker.io/a/b\n", "image: ghcr.io/hub/a/b\n"),
        ("image: registry-1.docker.io/library/nginx\n", "image: ghcr.io/hub/library/nginx\n"),
        ("image: '10'\n", "image: 'ghcr.io/hub/library/10'\n"),
        ("initImage: a/b\n", "initImage: ghcr.io/hub/a/b\n"),
        ("image:\n  repository: nginx\n", "image:\n  repository: ghcr.io/hub/library/nginx\n"),
        ("image:\n  name: nginx\n", "image:\n  name: ghcr.io/hub/library/nginx\n"),
        ("repository: nginx\ntag: v1\n", "repository: ghcr.io/hub/library/nginx\ntag: v1\n"),
        ("repository: nginx\ntag: ''\n", "repository: ghcr.io/hub/library/nginx\ntag: ''\n"),
        ("repository: nginx\npullPolicy: Always\n", "repository: ghcr.io/hub/library/nginx\npullPolicy: Always\n"),
        ("imageRepository: nginx\n", "imageRepository: ghcr.io/hub/library/nginx\n"),
        ("image: a/b@sha256\nimageTag: 0a\n", "image: ghcr.io/hub/a/b@sha256\nimageTag: 0a\n"),
        (
            "image: {registry: docker.io, repository: nginx}\n",
            "image: {registry: ghcr.io/hub, repository: library/nginx}\n",
        ),
        ("image: {registry: docker.io, repository: a/b}\n", "image: {registry: ghcr.io/hub, repository: a/b}\n"),
        ("image: {repository: a/b, registry: docker.io/}\n", "image: {repository: a/b, registry: ghcr.io/hub/}\n"),
        (
            "image: {registry: '', repository: a/b, tag: v1}\n",
            "image: {registry: '', repository: ghcr.io/hub/a/b, tag: v1}\n",
        ),
    ],
)
def test_names_of_docker_hub(before: str, after: str) -> None:
    assert moved(before, HUB) == after


@pytest.mark.parametrize(
    "text",
    [
        "name: nginx\n",
        "repository: nginx\n",
        "repository: https://github.com/a/b\n",
        "repo: a/b\n",
        "tag: nginx\n",
        "image: quay.io/a/b\n",
        "image: localhost/a\n",
        "image: true\n",
        "image: 1.10\n",
        "image: 10\n",
        "image: null\n",
        "image:\n",
        "image: ''\n",
        "image: []\n",
        "image: Nginx\n",
        "image: a b\n",
        "image: ./nginx\n",
        "image: /nginx\n",
        "image: $IMAGE\n",
        "image: ${IMAGE}\n",
        "image: $(IMAGE)/x\n",
        "image: logo.png\n",
        "image: img/photo.jpg\n",
        "image: " + "0123456789abcdef" * 4 + "\n",
        "image: sha256:" + "0" * 64 + "\n",
        "vmImage: ubuntu\n",
        "machineImage: debian\n",
        "images: [nginx]\n",
        "imagePullPolicy: Always\n",
        "imagePullSecrets: [{name: nginx}]\n",
        "image: {registry: quay.io, repository: nginx}\n",
        "image: {registry: quay.io/x, repository: nginx, tag: v1}\n",
        "global: {imageRegistry: quay.io}\nimage: {repository: nginx, tag: v1}\n",
        "image: {registry: 'quay.io', repository: 'a/b'}\n",
        "source: {repository: a/b, tag: v1}\n",
    ],
)
def test_what_is_no_name_of_docker_hub_stays(text: str) -> None:
    assert moved(text, HUB) == text


@pytest.mark.parametrize("tag", ["!!str", "!", "!<tag:yaml.org,2002:str>", "&a !!str", "!!str &a"])
def test_a_number_that_is_tagged_a_string_is_a_name(tag: str) -> None:
    assert moved(f"image: {tag} 10\n", HUB) == f"image: {tag} ghcr.io/hub/library/10\n"


@pytest.mark.parametrize("value", ["!!int '10'", "!!binary bmdpbng=", "!!null 'nginx'", "!local 10"])
def test_what_is_tagged_as_something_else_is_no_name(value: str) -> None:
    assert moved(f"image: {value}\n", HUB) == f"image: {value}\n"


@pytest.mark.parametrize(
    ("rules", "before", "after"),
    [
        (
            OLD,
            "image: {registry: k8s.gcr.io, repository: pause}\n",
            "image: {registry: registry.k8s.io, repository: pause}\n",
        ),
        (
            OLD,
            "imageRegistry: k8s.gcr.io\nimageRepository: a/b\n",
            "imageRegistry: registry.k8s.io\nimageRepository: a/b\n",
        ),
        (OLD, "hub: k8s.gcr.io/a\nimage: b\n", "hub: registry.k8s.io/a\nimage: b\n"),
        (OLD, "repository: k8s.gcr.io/a\nname: b\n", "repository: registry.k8s.io/a\nname: b\n"),
        (
            ["k8s.gcr.io=h.io/k8s"],
            "image:\n  registry: k8s.gcr.io\n  repository: a/b\n  tag: '1'\n",
            "image:\n  registry: h.io/k8s\n  repository: a/b\n  tag: '1'\n",
        ),
        (
            ["quay.io/coreos=ghcr.io/c"],
            "image:\n  registry: quay.io\n  repository: coreos/etcd\n",
            "image:\n  registry: ghcr.io\n  repository: c/etcd\n",
        ),
        (
            ["quay.io/coreos=ghcr.io"],
            "image:\n  registry: quay.io\n  repository: coreos/etcd\n",
            "image:\n  registry: ghcr.io\n  repository: etcd\n",
        ),
        (
            ["quay.io/coreos=ghcr.io/c"],
            "image:\n  registry: quay.io/coreos\n  repository: etcd\n",
            "image:\n  registry: ghcr.io/c\n  repository: etcd\n",
        ),
        (
            ["docker.io/bitnami=docker.io/bitnamilegacy"],
            "image:\n  registry: docker.io\n  repository: bitnami/redis\n",
            "image:\n  registry: docker.io\n  repository: bitnamilegacy/redis\n",
        ),
        (
            ["docker.io/bitnami=docker.io/bitnamilegacy"],
            "image:\n  repository: bitnami/redis\n  tag: '7'\n",
            "image:\n  repository: bitnamilegacy/redis\n  tag: '7'\n",
        ),
        (
            OLD,
            "aRegistry: k8s.gcr.io\naRepository: x\nbRegistry: quay.io\nbRepository: y\n",
            "aRegistry: registry.k8s.io\naRepository: x\nbRegistry: quay.io\nbRepository: y\n",
        ),
        (
            ["quay.io/x=ghcr.io/x", "quay.io/y=docker.io/y"],
            "a: {registry: quay.io, repository: x/1}\nb: {registry: quay.io, repository: y/1}\n",
            "a: {registry: ghcr.io, repository: x/1}\nb: {registry: docker.io, repository: y/1}\n",
        ),
    ],
)
def test_split_references(rules: list[str], before: str, after: str) -> None:
    assert moved(before, rules) == after


@pytest.mark.parametrize(
    ("rules", "text", "reason"),
    [
        (OLD, "image: {registry: quay.io, repository: k8s.gcr.io/pause}\n", "other-host"),
        (["quay.io/coreos=ghcr.io/c"], "image: {registry: quay.io, repository: coreosx/etcd}\n", None),
        (["quay.io/coreos=ghcr.io/c"], "image: {registry: ghcr.io, repository: coreos/etcd}\n", None),
        (["quay.io/coreos=ghcr.io/c"], "global: {imageRegistry: quay.io}\n", "registry-alone"),
        (["quay.io=ghcr.io", "quay.io/x=quay.io/x"], "image: {registry: quay.io, repository: x/etcd}\n", "kept"),
        (OLD, 'image: {registry: "k8s.gcr\\x2eio", repository: pause}\n', "escaped"),
    ],
)
def test_split_references_that_stay(rules: list[str], text: str, reason: str | None) -> None:
    result = rewrite_text(text, rules)
    assert result.text == text
    assert [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ([reason] if reason else [])


@pytest.mark.parametrize(
    "text",
    [
        "image:\n  registry: docker.io\n  registry: docker.io\n  repository: nginx\n",
        "image:\n  registry: docker.io\n  repository: a/b\n  repository: nginx\n",
        "image:\n  registry: docker.io\n  repository: nginx\n  tag: '1'\n  tag: '2'\n",
        "image:\n  registry: docker.io\n  registry: quay.io\n  repository: nginx\n",
        "image:\n  registry: docker.io\n  registry: docker.io\n  repository: a/b\n  repository: nginx\n",
    ],
)
def test_duplicate_split_keys_are_told_or_moved_so_that_each_reading_is_right(text: str) -> None:
    """Whichever of the duplicate keys a reader takes, the image is the moved one, or nothing changes and it is told."""
    result = rewrite_text(text, HUB)
    if result.text == text:
        assert [finding for finding in result.findings if finding.action is Action.LEAVE]
    else:
        assert "repository: nginx" not in result.text or "library" in result.text


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("a.io/b/c=d.io/e/f", ("a.io", "b", "c"), ("d.io", "e", "f")),
        ("a.io/b/c=d.io/e/f/g", ("a.io", "b", "c"), ("d.io", "e", "f/g")),
        ("a.io/b=d.io/e/f", ("a.io", "b", "c"), ("d.io", "e/f", "c")),
        ("a.io/b=d.io/e", ("a.io/b", "c", "x"), ("d.io/e", "c", "x")),
        ("a.io=d.io/e", ("a.io", "b", "c"), ("d.io/e", "b", "c")),
        ("docker.io/library/nginx=ghcr.io/web/server", ("docker.io", "library", "nginx"), ("ghcr.io", "web", "server")),
        ("docker.io=ghcr.io/hub", ("docker.io", "library", "nginx"), ("ghcr.io/hub", "library", "nginx")),
        ("a.io/b/c=d.io/e", ("a.io", "b", "c"), None),
        ("a.io/b=d.io", ("a.io", "b", "c"), None),
        ("a.io/b/c=d.io", ("a.io", "b", "c"), None),
    ],
)
def test_a_name_in_three_keys_moves(rule: str, before: tuple[str, ...], after: tuple[str, ...] | None) -> None:
    """Every key gets its share; where one would be left empty, nothing moves and it is told."""
    form = "image:\n  registry: {}\n  repository: {}\n  name: {}\n"
    result = rewrite_text(form.format(*before), [rule])
    assert result.text == form.format(*(after or before))
    assert [f.action for f in result.findings if f.action is not Action.NONE] == [
        Action.REWRITE if after else Action.LEAVE
    ]


@pytest.mark.parametrize("name", ["docker.io/library/nginx", "quay.io/x", "gcr.io/google-containers"])
@pytest.mark.parametrize("version", ["", ":1.27", "@sha256:" + "0" * 64])
def test_a_rule_never_leaves_a_registry_without_a_repository(name: str, version: str) -> None:
    """`image: b.io:1.27` would be an image of Docker Hub."""
    text = f"image: {name}{version}\n"
    result = rewrite_text(text, [f"{name}=b.io"])
    assert result.text == text
    assert [finding.action for finding in result.findings] == [Action.LEAVE]


@pytest.mark.parametrize("version", ["", ":1.27"])
def test_a_rule_never_leaves_a_short_name_without_a_repository(version: str) -> None:
    text = f"image: nginx{version}\n"
    assert rewrite_text(text, ["docker.io/library/nginx=b.io"]).text == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("imageRepository: gcr.io/google-containers\n", "imageRepository: registry.k8s.io\n"),
        ("imageRepository: 'gcr.io/google-containers/'\n", "imageRepository: 'registry.k8s.io/'\n"),
        ("registry: gcr.io/google-containers\n", "registry: registry.k8s.io\n"),
        ("imageRepository: gcr.io/google-containers\nimageTag: '1'\n", None),
        ("imageTag: '1'\nimageRepository: gcr.io/google-containers\n", None),
        ("imageRepository: gcr.io/google-containers:1\n", None),
        ("repository: gcr.io/google-containers\n", None),
    ],
)
def test_a_repository_below_which_images_lie_moves_whole(before: str, after: str | None) -> None:
    """As kubeadm's `imageRepository`; with a tag beside, it is an image, and a registry alone would not be one."""
    assert moved(before, ["gcr.io/google-containers=registry.k8s.io"]) == (after or before)
