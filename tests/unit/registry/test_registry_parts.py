"""The pure parts of the client: addresses, challenges, logins, tags; and the cache with whatever lies in it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from regfix.registry.address import Refused, Trust
from regfix.registry.answer import Answer, State, Wanted
from regfix.registry.cache import MISSING_SECONDS, TAG_SECONDS, Cache, cache_folder
from regfix.registry.challenge import challenges
from regfix.registry.logins import Login
from regfix.registry.manifest import platforms
from regfix.registry.tagnames import is_signature, natural, nearest

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "sha256:" + "0" * 64
IMAGE = Wanted("reg.example.com", "a/b", "1.0")
FOUND = Answer(State.FOUND, DIGEST, whole=True, platforms={"linux/amd64": DIGEST})


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("docker.io", "https://registry-1.docker.io/"), ("quay.io", "https://quay.io/"),
        ("reg.example.com:5000", "https://reg.example.com:5000/"), ("[::1]:5000", "https://[::1]:5000/"),
        ("plain.example.com:80", "http://plain.example.com:80/"), ("other.example.com:81", "http://other.example.com:81/"),
    ],
)  # fmt: skip
def test_where_a_registry_is_asked(host: str, base: str) -> None:
    trust = Trust(frozenset({"plain.example.com", "other.example.com:81"}))
    assert trust.base(host) == httpx.URL(base)


@pytest.mark.parametrize(
    ("registry", "realm", "good"),
    [
        ("registry-1.docker.io", "https://auth.docker.io/token", True),
        ("evil.example.com", "https://auth.docker.io/token", False),
        ("ghcr.io", "https://ghcr.io/token", True), ("ghcr.io", "https://evil.io/token", False),
        ("ghcr.io", "http://ghcr.io/token", False), ("ghcr.io", "https://xghcr.io/token", False),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth", True), ("registry.gitlab.com", "https://evil.com/", False),
        ("registry.example.com", "https://gitlab.example.com/jwt", True), ("ghcr.io", "/token", True),
        ("registry.example.com", "https://example.com.evil.org/", False), ("10.0.0.1", "https://10.0.0.2/", False),
        ("registry.example.com", "https://a.b.example.com/", False), ("reg.example.com", "https://u:p@reg.example.com/", False),
    ],
)  # fmt: skip
def test_which_realms_are_trusted(registry: str, realm: str, good: bool) -> None:
    url = httpx.URL(f"https://{registry}/v2/")
    if good:
        assert Trust().realm(url, realm).scheme == "https"
    else:
        with pytest.raises(Refused):
            Trust().realm(url, realm)


def test_no_redirect_from_tls_to_plain_even_where_plain_is_allowed() -> None:
    with pytest.raises(Refused, match="without TLS"):
        Trust(frozenset({"b.example.com"})).redirect(httpx.URL("https://a.example.com/"), "http://b.example.com/")


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9:6379", "127.0.0.1.", "0.0.0.0", "[::1]", "[::]",
     "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f000001", "0", "0177.0.0.1", "169.254.169.254", "[fe80::1]"],
)  # fmt: skip
def test_no_redirect_to_this_machine_or_to_services_beside_it(host: str) -> None:
    with pytest.raises(Refused):
        Trust().redirect(httpx.URL("https://registry.example.com/v2/"), f"https://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "0.example.com", "notlocalhost", "localhost.example.com", "[2001:db8::1]", "x0", "1x"]
)
def test_redirects_elsewhere(host: str) -> None:
    assert Trust().redirect(httpx.URL("https://registry.example.com/v2/"), f"https://{host}/").host == host.strip("[]")


def test_challenges() -> None:
    found = challenges('Bearer realm="https://a.b/t",service="x, y",scope=z, Basic realm="q"')
    assert [(one.scheme, one.parameters) for one in found] == [
        ("bearer", {"realm": "https://a.b/t", "service": "x, y", "scope": "z"}), ("basic", {"realm": "q"}),
    ]  # fmt: skip
    assert challenges("") == challenges("=,=\x00") == []


@pytest.mark.parametrize("header", ["a" * 8191 + "!", "a-" * 4096, "Bearer " + 'a="' * 2700, "Bearer " + "a " * 4000])
def test_challenges_of_a_hostile_registry_cost_little(header: str) -> None:
    began = time.process_time()
    challenges(header)
    assert time.process_time() - began < 0.2


def test_a_login_shows_nothing() -> None:
    login = Login("keeper", "s3cret", "t0ken", "bearer-token")
    assert not any(word in f"{login} {login!r}" for word in login)


def test_platforms_of_an_index_are_its_images() -> None:
    entries = [
        {"digest": DIGEST, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
        {"digest": DIGEST, "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": "x", "platform": {"os": "linux", "architecture": "amd64"}}, {"digest": DIGEST}, 1,
    ]  # fmt: skip
    assert platforms({"manifests": entries}) == {"linux/arm/v7": DIGEST}
    assert platforms({"layers": []}) is None


def test_tags_in_natural_order() -> None:
    tags = ["v1.10", "latest", "1.0", "v1.9", "10", "9", "v1.9-alpine", "2024"]
    assert sorted(tags, key=natural) == ["1.0", "9", "10", "2024", "latest", "v1.9", "v1.9-alpine", "v1.10"]


def test_nearest_tags_are_of_the_same_form() -> None:
    tags = ["1.7", "1.8", "1.9", "1.10", "1.11", "1.9-alpine", "latest", "sha256-" + "0" * 64 + ".sig"]
    assert nearest("1.9.1", tags) == ("1.9", "1.9-alpine", "1.10", "1.11")
    assert nearest("1.12", tags) == ("1.8", "1.9", "1.10", "1.11")
    assert nearest("1.0", []) == ()
    assert is_signature(tags[-1])
    assert not is_signature("sha256-x")


def test_the_cache_keeps_answers_for_their_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path / "cache")
    missing = Wanted("reg.example.com", "a/b", "2")
    pinned = Wanted("reg.example.com", "a/b", DIGEST)
    denied = Wanted("reg.example.com", "a/b", "3")
    Cache(folder).put(
        [(IMAGE, FOUND), (missing, Answer(State.MISSING)), (pinned, FOUND), (denied, Answer(State.DENIED))]
    )
    assert [Cache(folder).get(one) for one in (IMAGE, missing, pinned, denied)] == [
        FOUND,
        Answer(State.MISSING),
        FOUND,
        None,
    ]
    now = time.time()
    for later, left in ((MISSING_SECONDS, {IMAGE, pinned}), (TAG_SECONDS, {pinned}), (-3600, set[Wanted]())):
        monkeypatch.setattr(time, "time", lambda later=later: now + later + 1)
        assert {one for one in (IMAGE, missing, pinned) if Cache(folder).get(one) is not None} == left
    monkeypatch.setattr(time, "time", lambda: now + 10 * TAG_SECONDS)
    assert Cache(folder, offline=True).get(IMAGE) == FOUND
    assert [entry.stat().st_mode & 0o777 for entry in (tmp_path / "cache").iterdir()] == [0o600]


def test_nothing_is_left_of_a_cache_that_could_not_be_written(tmp_path: Path) -> None:
    Cache(str(tmp_path)).put([(IMAGE, FOUND)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        Cache(str(tmp_path)).put([(IMAGE._replace(version="2"), FOUND)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(list(tmp_path.iterdir())) == 1
    assert Cache(str(tmp_path)).get(IMAGE) == FOUND


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    Cache(str(tmp_path)).put([(IMAGE, FOUND)])
    (path,) = tmp_path.iterdir()
    left, now, other = (tmp_path / name for name in (f"{path.name}.1", f"{path.name}.2", "notes.json"))
    for file in (left, now, other):
        file.write_text("{")
    for file in (left, other):
        os.utime(file, (1, 1))
    Cache(str(tmp_path)).put([(IMAGE, FOUND)])
    assert set(tmp_path.iterdir()) == {path, now, other}


def test_two_runs_add_to_one_cache(tmp_path: Path) -> None:
    one, two = Cache(str(tmp_path)), Cache(str(tmp_path))
    assert one.get(IMAGE) is two.get(IMAGE) is None
    other = IMAGE._replace(version="2")
    one.put([(IMAGE, FOUND)])
    two.put([(other, FOUND)])
    assert Cache(str(tmp_path)).get(IMAGE) == Cache(str(tmp_path)).get(other) == FOUND


def entry(**changes: object) -> str:
    kept = {"at": int(time.time()), "state": "found", "digest": DIGEST, "whole": False, "platforms": None, **changes}
    return json.dumps({"format": 1, "answers": {"a/b@1.0": kept}})


@pytest.mark.parametrize(
    "content",
    [
        "", "[" * 100_000, "null", "[]", '{"format": 1, "answers": []}', '{"format": 2, "answers": {}}', "\xff",
        entry(at="x"), entry(at=1e300), entry(at=int(time.time()) + 9999), entry(at=True), entry(state="denied"), entry(state=[]),
        entry(digest="\x1b[31m"), entry(digest=["x"]), entry(platforms=[]), entry(platforms={"linux": "x"}), entry(at=None),
    ],
)  # fmt: skip
def test_hostile_files_of_the_cache_say_nothing(content: str, tmp_path: Path) -> None:
    Cache(str(tmp_path)).put([(IMAGE, FOUND)])
    (path,) = tmp_path.iterdir()
    path.write_text(content, "latin-1")
    assert Cache(str(tmp_path)).get(IMAGE) is None
    Cache(str(tmp_path)).put([(IMAGE, FOUND)])
    assert Cache(str(tmp_path)).get(IMAGE) == FOUND


def test_links_and_pipes_in_the_cache_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    Cache(str(folder)).put([(IMAGE, FOUND)])
    (path,) = folder.iterdir()
    path.rename(tmp_path / "precious")
    before = (tmp_path / "precious").read_bytes()
    path.symlink_to(tmp_path / "precious")
    assert Cache(str(folder)).get(IMAGE) is None
    Cache(str(folder)).put([(IMAGE._replace(version="2"), FOUND)])
    assert (tmp_path / "precious").read_bytes() == before
    path.unlink()
    os.mkfifo(path)
    assert Cache(str(folder)).get(IMAGE) is None


def test_without_a_place_there_is_no_cache(tmp_path: Path) -> None:
    assert cache_folder({}) is None
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "x"}) is None
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == "/c/regfix/registry"
    assert cache_folder({"HOME": "/h"}) == "/h/.cache/regfix/registry"
    (tmp_path / "file").write_text("")
    Cache(str(tmp_path / "file")).put([(IMAGE, FOUND)])  # a disk that takes nothing is no error


def test_httpx_comes_without_its_command_line() -> None:
    """That brings rich and pygments, where they are installed, and takes a third of the time."""
    code = (
        "import sys; from regfix.registry.library import import_httpx; import_httpx(); import httpx\n"
        "assert callable(httpx.main) and sys.modules.keys().isdisjoint(('rich', 'pygments', 'httpx._main'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
