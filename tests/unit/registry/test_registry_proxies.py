"""By which proxy a host is asked: as programs in Go have it, and so skopeo."""

from __future__ import annotations

import pytest

from images import Says, body_of, dead_host, fake
from regfix.registry.answer import State, Wanted
from regfix.registry.asking import Manner, registries
from regfix.registry.proxies import is_straight, proxy_url

NETWORKS = "10.0.0.0/8, fc00:f853:ccd:e793::/64,192.168.1.7,[fd00::1],[fd00::2]:5000"
NAMES = ".corp.example,*.svc,registry.lan:5000,plain.example,UPPER.example,,:,x:y"


@pytest.mark.parametrize(
    ("host", "port", "without", "straight"),
    [
        ("10.1.2.3", 5000, NETWORKS, True), ("11.1.2.3", 5000, NETWORKS, False), ("10.example.com", 443, NETWORKS, False),
        ("fc00:f853:ccd:e793::5", 443, NETWORKS, True), ("fc00::5", 443, NETWORKS, False),
        ("192.168.1.7", 443, NETWORKS, True), ("192.168.1.70", 443, NETWORKS, False),
        ("fd00::1", 443, NETWORKS, True), ("fd00::2", 5000, NETWORKS, True), ("fd00::2", 443, NETWORKS, False),
        ("a.corp.example", 443, NAMES, True), ("notcorp.example", 443, NAMES, False), ("a.b.svc", 80, NAMES, True),
        ("registry.lan", 5000, NAMES, True), ("registry.lan", 443, NAMES, False), ("sub.plain.example", 443, NAMES, True),
        ("upper.example", 443, NAMES, True), ("x", 443, NAMES, False), ("registry.example.com", 443, "", False),
        ("registry.example.com", 443, "*", True), ("registry.example.com", 443, "a, *", True),
        ("localhost", 5000, "", True), ("127.3.4.5", 5000, "", True), ("::1", 5000, "", True),
    ],
)  # fmt: skip
def test_which_hosts_are_asked_without_a_proxy(host: str, port: int, without: str, straight: bool) -> None:
    assert is_straight(host, port, without) is straight


def test_where_proxies_are_named() -> None:
    env = {"HTTPS_PROXY": "", "https_proxy": "small:3128", "ALL_PROXY": "http://all:1", "no_proxy": "x"}
    assert [proxy_url(scheme, env) for scheme in ("https", "http")] == ["http://small:3128", "http://all:1"]
    assert proxy_url("https", {"HTTPS_PROXY": "http://u:p@large:1", "https_proxy": "small"}) == "http://u:p@large:1"
    assert proxy_url("https", {}) == ""


def test_what_is_on_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://{dead_host()}")
    monkeypatch.setenv("NO_PROXY", "fd00::/8")
    with (
        fake(lambda one: Says(200, body_of("a"))) as running,
        registries(Manner((running.host,), cached=False)) as asked,
    ):
        wanted = Wanted(running.host, "a/b", "1")
        assert asked.answers([wanted])[wanted].state is State.FOUND


def test_others_are_asked_by_their_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake(lambda one: Says(200, body_of("a"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:s3cret@{proxy.host}")
        with registries(Manner(("registry.invalid",), cached=False)) as asked:
            wanted = Wanted("registry.invalid", "a/b", "1")
            assert asked.answers([wanted])[wanted].state is State.FOUND
        assert proxy.paths()[-1] == "http://registry.invalid/v2/a/b/manifests/1"
        assert all("Proxy-Authorization" in one.headers for one in proxy.asked)
