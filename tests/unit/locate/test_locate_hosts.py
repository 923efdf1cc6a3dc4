"""Which texts are worth a look: hosts in bytes and in text; never wrongly in the negative."""

from __future__ import annotations

import pytest

from regfix import rewrite_text
from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder

MANY = [f"old{number}.example.net=new.example.org/{number}" for number in range(13)]


def finder(*rules: str) -> HostFinder:
    return HostFinder(RuleSet(Rule.parse(rule) for rule in rules))


def hits(found: HostFinder, text: str) -> list[str]:
    return [text[start:end] for start, end in found.starts(text, 0, len(text))]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("k8s.gcr.io=a.io", "x k8s.gcr.io/y k8s.gcr.io", ["k8s.gcr.io"] * 2),
        ("a.io:5000=b.io", "a.io:5000/x a.io/x", ["a.io", "a.io"]),
        ("localhost=b.io", "localhost/x", ["localhost"]),
        ("localhost:5000=b.io", "localhost:5000/x localhost:50/x", ["localhost", "localhost"]),
        ("[::1]:5000=b.io", "x [::1]:5000/y", ["[::1]"]),
        ("10.0.0.1=b.io", "10.0.0.1/x", ["10.0.0.1"]),
        (
            "docker.io=b.io",
            "index.docker.io/x registry-1.docker.io",
            ["index.docker.io", "docker.io", "registry-1.docker.io", "docker.io"],
        ),
        ("k8s.gcr.io=a.io", "gcr.io k8s.io K8S.GCR.IO", []),
    ],
)
def test_names_are_found_boundaries_are_checked_later(rule: str, text: str, expected: list[str]) -> None:
    assert hits(finder(rule), text) == expected
    assert finder(rule).in_bytes(text.encode()) == bool(expected)


@pytest.mark.parametrize("rule", ["k8s.gcr.io=a.io", "localhost:5000=b.io", "[::1]:5000=b.io", "10.0.0.1:80=c.io"])
@pytest.mark.parametrize("before", ["", " ", "=", '"', "/", "é", "\n"])
def test_many_hosts_are_found_as_few_are(rule: str, before: str) -> None:
    text = f"a{before}{rule.partition('=')[0]}/x old7.example.net/y"
    few, many = finder(rule), finder(rule, *MANY)
    if before:
        assert hits(many, text) == [*hits(few, text), "old7.example.net"]
    assert many.in_bytes(text.encode())
    assert not many.in_bytes(b"example.net old77.example.net gcr.io :5000 [::2]")


@pytest.mark.parametrize("escape", ["\\n", "\\t", "\\r\\n"])
def test_many_hosts_behind_an_escape(escape: str) -> None:
    text = f'run: "docker pull{escape}old7.example.net/x"\n'
    assert finder(*MANY).may_hold(text.encode())
    assert rewrite_text(text, MANY).text == text.replace("old7.example.net", "new.example.org/7")


@pytest.mark.parametrize(
    "data",
    [
        b"k8s.gcr.io",
        b'"k8s.gcr\\x2eio"',
        b'"k8s.gcr.\\u0069o"',
        b'"k8s\\U0000002egcr.io"',
        b'"k8s.\\\n   gcr.io"',
        b'"k8s.\\\r\n\tgcr.io"',
    ],
)
def test_bytes_that_hold_a_host_be_it_with_escapes(data: bytes) -> None:
    assert finder("k8s.gcr.io=a.io").in_bytes(data)
    assert finder("k8s.gcr.io=a.io", *MANY).in_bytes(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"gcr.io", b"k8s_gcr_io", b"k8s\\.gcr\\.io", b"k8s\ngcr.io", b'"\\x00\\uffff\\U00110000"', b"\xff\xfe\x00"],
)
def test_bytes_that_hold_none(data: bytes) -> None:
    assert not finder("k8s.gcr.io=a.io").in_bytes(data)
    assert not finder("k8s.gcr.io=a.io", *MANY).in_bytes(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_host_in_a_wide_encoding(encoding: str) -> None:
    assert finder("k8s.gcr.io=a.io").in_wide_bytes("image: k8s.gcr.io/x".encode(encoding))
    assert not finder("k8s.gcr.io=a.io").in_wide_bytes("image: quay.io/x".encode(encoding))


@pytest.mark.parametrize(
    ("rules", "data", "expected"),
    [
        (["docker.io=a.io"], b"image: nginx", True),
        (["docker.io=a.io"], b"initImage: nginx", True),
        (["docker.io=a.io"], b"IMAGE: nginx", True),
        (["docker.io=a.io"], b"repository: nginx", True),
        (["docker.io=a.io"], b'"im\\u0061ge": "nginx"', True),
        (["docker.io=a.io"], b"replicas: 2", False),
        (["quay.io=a.io"], b"image: nginx", False),
        (["docker.io/bitnami=a.io"], b"image: bitnami/redis", True),
        (["docker.io/bitnami=a.io"], b"image: nginx", False),
        (["docker.io/library=a.io"], b"image: nginx", True),
        (["docker.io/library/nginx=a.io"], b"image: nginx", True),
        (["docker.io/nginx=a.io"], b"image: nginx", True),
        (["docker.io/bitnami=a.io", "docker.io/library=b.io"], b"image: nginx", True),
    ],
)
def test_files_that_may_hold_a_short_name(rules: list[str], data: bytes, expected: bool) -> None:
    assert finder(*rules).may_hold(data) == expected


def test_no_rules_find_nothing() -> None:
    assert not finder().may_hold(b"image: k8s.gcr.io/pause")
    assert hits(finder(), "image: k8s.gcr.io/pause") == []
