"""References that are split over keys: the joined reference moves as the whole one does (R34)."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import moved, normal, split_version

from regfix import Action, rewrite_text

RULE_SETS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("k8s.gcr.io", "registry.k8s.io"),),
    (("k8s.gcr.io", "harbor.example.com/k8s"), ("quay.io/coreos", "ghcr.io/c/o")),
    (("quay.io/coreos", "quay.io"), ("docker.io/bitnami", "docker.io/bitnamilegacy")),
    (("docker.io", "harbor.example.com/hub"),),
    (("docker.io", "harbor.example.com"), ("docker.io/library", "ghcr.io/official")),
    (("docker.io/bitnami", "ghcr.io"), ("localhost:5000", "ghcr.io/local")),
    (("k8s.gcr.io/pause", "registry.k8s.io/pause-it"), ("docker.io/library/nginx", "ghcr.io/nginx/server")),
    (("quay.io", "quay.io/mirror"), ("localhost:5000/a/b/c", "localhost:5001/x")),
)
HOSTS = ("k8s.gcr.io", "quay.io", "docker.io", "index.docker.io", "registry-1.docker.io", "localhost:5000",
         "ghcr.io", "notk8s.gcr.io", "localhost")  # fmt: skip
PATHS = (
    "pause",
    "nginx",
    "coreos/etcd",
    "bitnami/redis",
    "a/b/c/d",
    "coreos/a/b",
    "library/nginx",
    "mirror/x",
    "coreosx/z",
)
KEYS = (
    ("registry", "repository", "image", "tag", "digest"),
    ("imageRegistry", "imageRepository", "name", "imageTag", "imageDigest"),
    ("image_registry", "repo", "image", "image_tag", "sha"),
    ("hub", "repository", "image", "version", "digest"),
    ("sidecarRegistry", "sidecarRepository", "sidecarImage", "sidecarTag", "sidecarDigest"),
)
OTHERS = ("pullPolicy: Always", "resources: {requests: none}", "replicas: 2", "# registry: a comment", "", "enabled: true",
          "args: [--x=k8s]", "pullSecrets: []")  # fmt: skip
STYLES = ("{}", "'{}'", '"{}"')


@st.composite
def split_images(draw: Any) -> tuple[str, str, list[str]]:
    """Return a text, the whole reference's name, and the keys that make up the name in their order."""
    host, path = draw(st.sampled_from(HOSTS)), draw(st.sampled_from(PATHS)).split("/")
    keys = draw(st.sampled_from(KEYS))
    first = draw(st.integers(0, min(1, len(path) - 1)))  # components that stand with the registry
    registry = "/".join([host, *path[:first]]) + draw(st.sampled_from(("", "", "/")))
    rest = path[first:]
    last = draw(st.integers(0, len(rest) - 1))  # components that stand with the image's own name
    pairs = [(keys[0], registry)]
    pairs += [(keys[1], "/".join(rest[: len(rest) - last]))]
    pairs += [(keys[2], rest[-1])] if last == 1 else []
    assume(last <= 1)
    version = [(keys[3], draw(st.sampled_from(("v1", "1.10", "010", ""))))] if draw(st.booleans()) else []
    version += [(keys[4], "sha256:" + "ab" * 32)] if draw(st.booleans()) else []
    style = draw(st.sampled_from(STYLES))
    lines = [f"{key}: " + (style if key != keys[3] else '"{}"').format(value) for key, value in pairs + version]
    lines += draw(st.lists(st.sampled_from(OTHERS), max_size=3, unique=True))
    lines = draw(st.permutations(lines))
    end = draw(st.sampled_from(("\n", "\r\n")))
    named = (keys[2], rest[-1]) in pairs and keys[2] == "name"  # a `name` elsewhere is anybody's
    if named or draw(st.booleans()):
        text = "image:" + end + "".join("  " + line + end for line in lines)
    else:
        text = "-" + end + "".join("  " + line + end for line in lines)
    return text, "/".join([host, *path]), [key for key, _ in pairs]


def joined(text: str, keys: list[str]) -> str:
    """Return the name that the keys of the only mapping make up, as a chart would join them."""
    data = yaml.load(text, Loader=yaml.BaseLoader)
    data = data["image"] if isinstance(data, dict) else data[0]
    return "/".join(data[key].removesuffix("/") for key in keys)


@settings(max_examples=400)
@given(st.sampled_from(RULE_SETS), split_images())
def test_the_joined_reference_moves_as_the_whole_one(
    rules: tuple[tuple[str, str], ...], image: tuple[str, str, list[str]]
) -> None:
    text, name, keys = image
    assert joined(text, keys) == name, "the test has to write what it says"
    result = rewrite_text(text, [f"{old}={new}" for old, new in rules])
    expected = normal(split_version(moved(rules, name))[0])
    now = normal(joined(result.text, keys))
    if now != expected:  # a key would be empty (or three keys stand for all that moves), and it says so
        assert len(expected) < len(keys) or len(keys) == 3
        assert result.text == text
        assert [f.reference for f in result.findings if f.action is Action.LEAVE and f.reason] == [name]
    assert rewrite_text(result.text, [f"{old}={new}" for old, new in rules]).text == result.text


@settings(max_examples=150)
@given(st.sampled_from(RULE_SETS), split_images())
def test_only_the_keys_of_the_name_change(
    rules: tuple[tuple[str, str], ...], image: tuple[str, str, list[str]]
) -> None:
    text, _, keys = image
    after = rewrite_text(text, [f"{old}={new}" for old, new in rules]).text
    before_lines, after_lines = text.splitlines(keepends=True), after.splitlines(keepends=True)
    assert len(before_lines) == len(after_lines)
    for old, new in zip(before_lines, after_lines, strict=True):
        assert old == new or old.strip(" -").split(":")[0] in keys
