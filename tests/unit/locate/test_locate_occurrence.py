"""Where a host is a whole word, what belongs to it, and what keeps it from being a reference (R30, R31, R35)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix import Action, rewrite_text
from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.locate.occurrence import find_occurrences

if TYPE_CHECKING:
    from regfix.locate.site import Occurrence

RULE = "k8s.gcr.io=registry.k8s.io"


def occurrences(text: str, *rules: str) -> list[Occurrence]:
    return find_occurrences(text, HostFinder(RuleSet(Rule.parse(rule) for rule in rules or (RULE,))))


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("k8s.gcr.io/pause:3.2", "k8s.gcr.io", ("pause",)),
        ("k8s.gcr.io/a/b/c@sha256:00", "k8s.gcr.io", ("a", "b", "c")),
        ("k8s.gcr.io/a__b/c--d.e", "k8s.gcr.io", ("a__b", "c--d.e")),
        ("k8s.gcr.io", "k8s.gcr.io", ()),
        ("k8s.gcr.io/", "k8s.gcr.io", ()),
        ("k8s.gcr.io:443/pause", "k8s.gcr.io:443", ("pause",)),
        ("k8s.gcr.io:443", "k8s.gcr.io:443", ()),
        ("k8s.gcr.io: x", "k8s.gcr.io", ()),
        ("k8s.gcr.io.", "k8s.gcr.io", ()),
        ("k8s.gcr.io/pause.", "k8s.gcr.io", ("pause",)),
        ("k8s.gcr.io/pause...", "k8s.gcr.io", ("pause",)),
        ("k8s.gcr.io/pause, and", "k8s.gcr.io", ("pause",)),
        ("k8s.gcr.io/pause/", "k8s.gcr.io", ("pause",)),
        ('"k8s.gcr.io/pause"', "k8s.gcr.io", ("pause",)),
        ("(k8s.gcr.io/pause)", "k8s.gcr.io", ("pause",)),
        ("[k8s.gcr.io/pause]", "k8s.gcr.io", ("pause",)),
        ("<k8s.gcr.io/pause>", "k8s.gcr.io", ("pause",)),
        ("x=k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("x:k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("a,k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("\\nk8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("\\tk8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("ék8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("docker://k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("oci://k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
        ("docker-daemon:k8s.gcr.io/pause", "k8s.gcr.io", ("pause",)),
    ],
)
def test_a_reference_and_its_parts(text: str, host: str, path: tuple[str, ...]) -> None:
    (found,) = occurrences(text)
    assert (found.host, found.path, found.blocker) == (host, path, None)
    assert text[found.start : found.end] == "/".join((host, *path))


@pytest.mark.parametrize(
    "text",
    [
        "notk8s.gcr.io/pause", "my-k8s.gcr.io/pause", "x.k8s.gcr.io/pause", "_k8s.gcr.io/pause", "0k8s.gcr.io/pause", ".k8s.gcr.io",
        "k8s.gcr.io.evil.com/pause", "k8s.gcr.io-evil/pause", "k8s.gcr.io_evil/pause", "k8s.gcr.iox/pause", "k8s.gcr.io0", "k8s.gcr.io.x",
        "k8sXgcr.io/pause", "k8s.gcr/io", "K8S.GCR.IO/pause", "k8s .gcr.io", "gcr.io/pause",
    ],
)  # fmt: skip
def test_look_alikes_are_nothing(text: str) -> None:
    assert occurrences(text) == []
    assert rewrite_text(text, [RULE], kind="text").findings == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("harbor.corp/k8s.gcr.io/pause", "other-host"),
        ("/etc/k8s.gcr.io/pause", "other-host"),
        ("./k8s.gcr.io/pause", "other-host"),
        ("//k8s.gcr.io/pause", "other-host"),
        ("$(REGISTRY)/k8s.gcr.io/pause", "other-host"),
        ("https://k8s.gcr.io/pause", "url"),
        ("http://k8s.gcr.io", "url"),
        ("git+ssh://k8s.gcr.io/pause", "url"),
        ("https://x.io/?image=k8s.gcr.io/pause", "url"),
        ("{{ .hub }}k8s.gcr.io/pause", "dynamic"),
        ("${HUB}k8s.gcr.io/pause", "dynamic"),
        ("$(HUB)k8s.gcr.io/pause", "dynamic"),
        ("k8s.gcr.io${SUFFIX}/pause", "dynamic"),
        ("user@k8s.gcr.io/pause", "invalid"),
        ("k8s.gcr.io/Pause", "invalid"),
        ("k8s.gcr.io/pause_", None),
        ("k8s.gcr.io/pauseX", "invalid"),
        ("k8s.gcr.io/pause--X", "invalid"),
        ("k8s.gcr.io/-pause", "invalid"),
        ("k8s.gcr.io/*", "pattern"),
        ("k8s.gcr.io/pause*", "pattern"),
        ("k8s.gcr.io/(pause|etcd)", "pattern"),
        ("k8s.gcr.io/[a-z]+", "pattern"),
        ("k8s.gcr.io/.*", "pattern"),
        ("k8s.gcr.io/pause:*", "pattern"),
        ("\\k8s.gcr.io/pause", "pattern"),
        ("k8s.gcr.io\\/pause", "escaped"),
    ],
)
def test_what_keeps_an_occurrence_from_being_a_reference(text: str, reason: str | None) -> None:
    (found,) = occurrences(text)
    assert (None if found.blocker is None else str(found.blocker)) == reason
    result = rewrite_text(text, [RULE], kind="text")
    assert (result.text == text) == (reason is not None)
    (finding,) = result.findings
    assert finding.action is (Action.LEAVE if reason else Action.REWRITE)


@pytest.mark.parametrize(
    ("text", "path", "partial"),
    [
        ("k8s.gcr.io/{{ x }}", (), ""),
        ("k8s.gcr.io/a/{{ x }}", ("a",), ""),
        ("k8s.gcr.io/a-{{ x }}", (), "a-"),
        ("k8s.gcr.io/a{{ x }}", (), "a"),
        ("k8s.gcr.io/a/b${X}", ("a",), "b"),
        ("k8s.gcr.io/$(X)", (), ""),
        ("k8s.gcr.io/%s", (), ""),
        ("k8s.gcr.io/a/<name>", ("a",), ""),
        ("k8s.gcr.io/{name}", (), ""),
    ],
)
def test_a_placeholder_leaves_the_end_open(text: str, path: tuple[str, ...], partial: str) -> None:
    (found,) = occurrences(text)
    assert found.open_ended
    assert (found.path, found.partial, found.blocker) == (path, partial, None)


@pytest.mark.parametrize(
    "text",
    [
        "k8s.gcr.io/a:{{ x }}",
        "k8s.gcr.io/a@{{ x }}",
        "k8s.gcr.io/a {{ x }}",
        "k8s.gcr.io/a{{ end }}",
        "k8s.gcr.io/a{{/* c */}}",
    ],
)
def test_a_placeholder_behind_the_name_does_not(text: str) -> None:
    (found,) = occurrences(text)
    assert not found.open_ended
    assert found.path == ("a",)


@pytest.mark.parametrize(
    ("rule", "text", "moves"),
    [
        ("a.io:5000=b.io", "a.io:5000/x", True),
        ("a.io:5000=b.io", "a.io/x", False),
        ("a.io:5000=b.io", "a.io:50000/x", False),
        ("a.io:5000=b.io", "a.io:500/x", False),
        ("a.io=b.io", "a.io:5000/x", False),
        ("localhost=b.io", "localhost/x", True),
        ("localhost=b.io", "localhost:5000/x", False),
        ("localhost=b.io", "localhost.localdomain/x", False),
        ("localhost:5000=b.io", "localhost:5000/x", True),
        ("localhost:5000=b.io", "http://localhost:5000/x", False),
        ("[::1]:5000=b.io", "[::1]:5000/x", True),
        ("[::1]:5000=b.io", "[::1]/x", False),
        ("[::1]:5000=b.io", "[::1]:50/x", False),
        ("[::1]:5000=b.io", "http://[::1]:5000/x", False),
        ("10.0.0.1:5000=b.io", "10.0.0.1:5000/x", True),
        ("10.0.0.1=b.io", "110.0.0.1/x", False),
        ("10.0.0.1=b.io", "10.0.0.10/x", False),
        ("a.io/x=b.io", "a.io/x/y", True),
        ("a.io/x=b.io", "a.io/xx/y", False),
        ("a.io/x=b.io", "a.io/y/x", False),
    ],
)
def test_the_whole_host_counts_with_its_port(rule: str, text: str, moves: bool) -> None:
    result = rewrite_text(f"- {text}:1\n" if text[0] != "[" else f"- '{text}:1'\n", [rule])
    assert ("b.io" in result.text) == moves


@pytest.mark.parametrize("text", ["The registry is localhost:5000.", "localhost:5000...", "(see localhost:5000.)"])
def test_a_port_at_the_end_of_a_sentence_is_told(text: str) -> None:
    (finding,) = rewrite_text(text, ["localhost:5000=b.io"], kind="text").findings
    assert finding.action is Action.LEAVE


@pytest.mark.parametrize("scheme", ["oci", "docker"])
@pytest.mark.parametrize("escape", ["\\n", "\\t"])
def test_an_escape_in_front_of_a_scheme(scheme: str, escape: str) -> None:
    text = f'a: "pull{escape}{scheme}://k8s.gcr.io/pause"\n'
    assert rewrite_text(text, [RULE]).text == text.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize("text", ["localhost:5000.1/x", "localhost:5000..x", "localhost:5000-x/y", "localhost:50001"])
def test_another_port_is_nothing(text: str) -> None:
    findings = rewrite_text(text, ["localhost:5000=b.io"], kind="text").findings
    assert all(finding.action is Action.NONE for finding in findings)


def test_part_of_a_text() -> None:
    text = "k8s.gcr.io/a k8s.gcr.io/b k8s.gcr.io/c"
    found = find_occurrences(text, HostFinder(RuleSet([Rule.parse(RULE)])), 1, 26)
    assert [occurrence.path for occurrence in found] == [("b",)]


def test_offsets_count_code_points() -> None:
    (found,) = occurrences("😀é\u0301 k8s.gcr.io/a")
    assert (found.start, found.end) == (4, 16)


@pytest.mark.parametrize(
    "text",
    [
        "image: docker.io/acme\n",
        "images: [docker.io/acme]\n",
        "- docker.io/acme\n",
        "repository: docker.io/acme\ntag: '1'\n",
        "args: ['--image=docker.io/acme']\n",
        "args: ['--registry=docker.io/acme:1']\n",
        "env: [{name: SIDE_IMAGE, value: docker.io/acme}]\n",
        "run: docker pull -q docker.io/acme\n",
        "dockerfile: |\n  FROM docker.io/acme\n  FROM --platform=x docker.io/acme AS b\n",
        "a: docker://docker.io/acme\n",
        "# image: docker.io/acme\n",
        "data: |\n  image: 'docker.io/acme'\n",
        'data: \'{"image":"docker.io/acme"}\'\n',
    ],
)
def test_one_component_on_docker_hub_that_is_an_image(text: str) -> None:
    assert rewrite_text(text, ["docker.io=b.io/hub"]).text == text.replace("docker.io", "b.io/hub/library")


@pytest.mark.parametrize(
    "text",
    [
        "args: ['--registry=docker.io/acme']\n",
        "args: [--registry, x docker.io/acme]\n",
        "env: [{name: REGISTRY_PREFIX, value: docker.io/acme}]\n",
        "prefix: docker.io/acme\n",
        "a: images of docker.io/acme are public\n",
        "run: docker run --mirror=docker.io/acme x\n",
    ],
)
def test_one_component_on_docker_hub_that_may_be_a_namespace(text: str) -> None:
    result = rewrite_text(text, ["docker.io=b.io/hub"])
    assert result.text == text
    assert [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ["registry-alone"]
    assert rewrite_text(text, ["docker.io/acme=b.io/acme"]).text == text.replace("docker.io", "b.io")
    assert rewrite_text(text.replace("acme", "acme/x"), ["docker.io=b.io/hub"]).text != text
