"""The client against registries that page, limit, redirect, lie, and never end: bounded, and told plainly."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from images import LOGIN, Asked, Fake, Says, dead_host, fake
from regfix.errors import UsageError
from regfix.registry.answer import Answer, State, Wanted
from regfix.registry.asking import Manner, registries
from regfix.registry.mirrors import parse_mirrors, questions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BODY = json.dumps({"schemaVersion": 2, "config": {"digest": "sha256:" + "c" * 64}, "layers": []})
DIGEST = "sha256:" + hashlib.sha256(BODY.encode()).hexdigest()
OTHER = "sha256:" + "0" * 64
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def log_in(home: Path, host: str) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {host: {"auth": LOGIN}}}))


def asked_for(host: str, version: str = "1", *, whole: bool = False, seconds: float = 20, **manner: object) -> Answer:
    """Ask for an image on a fake registry."""
    wanted = Wanted(host, "a/b", version)
    with registries(Manner((host,), cached=False, seconds=seconds)._replace(**manner)) as asked:  # type: ignore[arg-type]
        return asked.answers([wanted], whole={wanted} if whole else ())[wanted]


def manifest(**headers: str) -> Callable[[Asked], Says]:
    """A registry that has one manifest, told with these headers."""
    return lambda one: Says(200, "" if one.path == "/v2/" else BODY, {"Content-Type": MANIFEST, **headers})


def test_a_head_is_enough_where_the_digest_is_told() -> None:
    with fake(manifest(**{"Docker-Content-Digest": DIGEST})) as running:
        assert asked_for(running.host) == Answer(State.FOUND, DIGEST)
        assert [(one.method, one.path) for one in running.asked] == [("GET", "/v2/"), ("HEAD", "/v2/a/b/manifests/1")]
        assert "application/vnd.oci.image.index.v1+json" in running.asked[1].headers["Accept"]


def test_without_a_digest_the_body_is_read() -> None:
    with fake(manifest()) as running:
        assert asked_for(running.host).digest == DIGEST
        assert asked_for(running.host, DIGEST).digest == DIGEST


@pytest.mark.parametrize(
    ("told", "version", "whole"),
    [
        (OTHER, "1", True),
        (OTHER, DIGEST, False),
        (OTHER, DIGEST, True),
        ("", OTHER, False),
        ("x", "1", True),
        (DIGEST, OTHER, False),
    ],
)
def test_lying_digests_are_no_answers(told: str, version: str, whole: bool) -> None:
    with fake(manifest(**({"Docker-Content-Digest": told} if told else {}))) as running:
        answer = asked_for(running.host, version, whole=whole)
    assert answer.state is State.UNREACHABLE
    assert "digest" in answer.why


def signed(body: str, size: object = None, tail: str = "\n}") -> str:
    """A manifest of the first version with a signature in it, as distribution's libtrust puts it."""
    said = {"formatLength": len(body) - len(tail) if size is None else size, "formatTail": part(tail.encode())}
    signatures = [{"protected": part(json.dumps(said).encode()), "signature": "none"}]
    return body.removesuffix(tail) + f',\n   "signatures": {json.dumps(signatures)}' + tail


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(("size", "lies"), [(None, False), (3, True), (-1, True), (10**9, True), ("x", True)])
def test_signed_manifests_are_checked_without_their_signatures(size: object, lies: bool) -> None:
    body = '{\n   "schemaVersion": 1\n}'
    digest = f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    said = Says(200, signed(body, size), {"Content-Type": kind, "Docker-Content-Digest": digest})
    with fake(lambda one: said) as running:
        answer = asked_for(running.host, whole=True)
    assert (answer.state, answer.digest) == ((State.UNREACHABLE, "") if lies else (State.FOUND, digest))


def test_pages_are_followed_to_the_end() -> None:
    def pages(one: Asked) -> Says:
        number = int(one.path.rpartition("last=")[2]) if "last=" in one.path else 0
        more = {"Link": f'</v2/a/b/tags/list?n=2&last={number + 1}>; rel="next"'} if number < 3 else {}
        return Says(200, json.dumps({"name": "a/b", "tags": [f"{number}.0", f"{number}.1"]}), more)

    with fake(pages) as running, registries(Manner((running.host,), cached=False)) as asked:
        wanted = Wanted(running.host, "a/b", "")
        assert asked.tags([wanted])[wanted].names == ("0.0", "0.1", "1.0", "1.1", "2.0", "2.1", "3.0", "3.1")


@pytest.mark.parametrize(
    "links",
    [
        ['<?last=1>; rel="next"', '<list?last=2&n=1>; rel="next"', '</v2/a/b/tags/list?last=3>;rel=NEXT'],
        ['</v2/a/b/tags/list?last=1>; title="x"; rel="next"', '<?last=2>; rel="prev next"', '<?last=3>; type=x; rel=next'],
        ['<?last=0>; rel="prev", <?last=1>; rel="next"', '<?last=2>; rel="next", <?last=9>; rel="last"', '<?last=3>;  rel="next"'],
    ],
)  # fmt: skip
def test_every_form_of_a_link_to_the_next_page(links: list[str]) -> None:
    """As seen from the page that holds it (RFC 8288); a page that is overlooked would be tags that are not there."""

    def pages(one: Asked) -> Says:
        number = int(one.path.rpartition("last=")[2].partition("&")[0]) if "last=" in one.path else 0
        return Says(200, json.dumps({"tags": [f"{number}.0"]}), {"Link": links[number]} if number < len(links) else {})

    with fake(pages) as running, registries(Manner((running.host,), cached=False)) as asked:
        wanted = Wanted(running.host, "a/b", "")
        assert asked.tags([wanted])[wanted].names == ("0.0", "1.0", "2.0", "3.0")


@pytest.mark.parametrize("new", [True, False])
def test_paging_without_an_end_ends(new: bool) -> None:
    count = iter(range(10_000))

    def pages(one: Asked) -> Says:
        last = next(count) if new else 1
        return Says(200, '{"tags": ["1"]}', {"Link": f'</v2/a/b/tags/list?last={last}>; rel="next"'})

    with fake(pages) as running, registries(Manner((running.host,), cached=False)) as asked:
        wanted = Wanted(running.host, "a/b", "")
        found = asked.tags([wanted])[wanted]
        assert found.answer.state is State.UNREACHABLE
        assert "does not end" in found.answer.why
        assert len(running.asked) < 600


def test_the_next_page_is_on_the_same_host() -> None:
    with fake(lambda one: Says(200, '{"tags": ["x"]}')) as other:
        link = {"Link": f'<http://{other.host}/v2/a/b/tags/list?last=1>; rel="next"'}
        with ExitStack() as stack:
            running = stack.enter_context(fake(lambda one: Says(200, '{"tags": ["1"]}', link)))
            asked = stack.enter_context(registries(Manner((running.host, other.host), cached=False)))
            wanted = Wanted(running.host, "a/b", "")
            assert "another host" in asked.tags([wanted])[wanted].answer.why
        assert other.asked == []


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[1]",
        "{}",
        '{"errors": []}',
        '{"tags": [1]}',
        '{"tags": "x"}',
        '{"tags": ["\\u001b[31m"]}',
        "[" * 100_000,
    ],
)
def test_lists_of_tags_that_are_none(body: str) -> None:
    with fake(lambda one: Says(200, body)) as running:
        assert asked_for(running.host, "").state is State.UNREACHABLE


@pytest.mark.parametrize("body", ["no json", "[]", "", "[" * 100_000, '"x"'])
def test_manifests_that_are_none(body: str) -> None:
    with fake(lambda one: Says(200, body)) as running:
        assert "manifest" in asked_for(running.host).why


def test_a_huge_manifest_is_not_read_to_its_end() -> None:
    with fake(lambda one: Says(200, "" if one.path == "/v2/" else b" " * (64 << 20))) as running:
        assert "larger than 4,096 KiB" in asked_for(running.host).why


def test_bad_answers_do_not_stop_the_other_questions() -> None:
    """Who answers, if only with something that is too much, is no host that is silent."""

    def answer(one: Asked) -> Says:
        huge = b" " * (5 << 20) if "/bad" in one.path and one.method == "GET" else BODY
        return Says(200, "" if one.path == "/v2/" else huge)

    with fake(answer) as running, registries(Manner((running.host,), cached=False)) as asked:
        wanted = [Wanted(running.host, f"{kind}{n}", "1") for kind in ("bad", "good") for n in range(9)]
        answers = asked.answers(wanted)
    assert [one for one in wanted if answers[one].state is State.FOUND] == wanted[9:]


def test_compressed_bodies_are_not_unpacked() -> None:
    with fake(lambda one: Says(200, b"x", {"Content-Encoding": "gzip"})) as running:
        assert "compressed" in asked_for(running.host).why


@pytest.mark.parametrize("where", ["/v2/", "/v2/a/b/manifests/1"])
def test_slow_bytes_end_with_the_time(where: str) -> None:
    def slow(one: Asked) -> Says:
        return Says(200, BODY * 10, pause=0.2 if one.path == where else 0)

    with fake(slow) as running:
        began = time.monotonic()
        answer = asked_for(running.host, seconds=1.5)
        assert time.monotonic() - began < 6
    assert answer.state is State.UNREACHABLE
    assert "time" in answer.why


def test_a_busy_registry_is_asked_again_when_it_says() -> None:
    busy = iter([Says(200), Says(429, "", {"Retry-After": "1"}), Says(200, BODY, {"Docker-Content-Digest": DIGEST})])
    with fake(lambda one: next(busy)) as running:
        began = time.monotonic()
        assert asked_for(running.host).state is State.FOUND
        assert time.monotonic() - began >= 1
        assert len(running.asked) == 3


@pytest.mark.parametrize(("wait", "questions"), [("3600", 1), ("Fri, 31 Dec 2100 23:59:59 GMT", 1), ("rubbish", 3)])
def test_a_registry_that_stays_busy_is_given_up(wait: str, questions: int) -> None:
    with fake(lambda one: Says(200 if one.path == "/v2/" else 429, "", {"Retry-After": wait})) as running:
        answer = asked_for(running.host, "")
        assert "429" in answer.why
        assert len(running.asked) == 1 + questions


def test_what_is_left_of_a_limit_is_told() -> None:
    limits = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "76;w=21600", "Docker-Content-Digest": DIGEST}
    with fake(manifest(**limits)) as running, registries(Manner((running.host,), cached=False)) as asked:
        asked.answers([Wanted(running.host, "a/b", "1")])
        assert asked.remaining() == {running.host: "76 of 100 pulls left in 21600 seconds"}


def guarded(realm: str) -> Callable[[Asked], Says]:
    """A registry that wants a token from a realm, and is content with any."""

    def answer(one: Asked) -> Says:
        if "Authorization" not in one.headers:
            return Says(401, "", {"WWW-Authenticate": f'Bearer realm="{realm}",service="x y"'})
        return manifest(**{"Docker-Content-Digest": DIGEST})(one)

    return answer


def test_a_token_is_got_once_for_a_repository_and_asked_for_with_the_login(home: Path) -> None:
    with ExitStack() as stack:
        tokens = stack.enter_context(fake(lambda one: Says(200, '{"token": "t0ken"}')))
        running = stack.enter_context(fake(guarded(f"http://{tokens.host}/token?x=1")))
        log_in(home, running.host)
        assert asked_for(running.host).state is State.FOUND
        assert tokens.paths() == ["/token?x=1&service=x+y&scope=repository%3Aa%2Fb%3Apull"]
        assert tokens.asked[0].headers["Authorization"] == f"Basic {LOGIN}"
        assert [one.headers.get("Authorization") for one in running.asked] == [None, "Bearer t0ken"]


@pytest.mark.parametrize(
    "realm",
    [
        "http://localhost:{port}/token",
        "https://tokens.example.com/token",
        "https://user@127.0.0.1/x",
        "ftp://127.0.0.1/",
        "",
    ],
)
def test_a_realm_elsewhere_gets_nothing(realm: str, home: Path) -> None:
    with ExitStack() as stack:
        tokens = stack.enter_context(fake(lambda one: Says(200, '{"token": "t0ken"}')))
        running = stack.enter_context(fake(guarded(realm.format(port=tokens.host.partition(":")[2]))))
        log_in(home, running.host)
        answer = asked_for(running.host)
        assert answer.state is State.UNREACHABLE
        assert tokens.asked == []
        assert LOGIN not in json.dumps([one.headers for one in running.asked])


def test_a_realm_that_the_user_names_gets_the_login(home: Path) -> None:
    with ExitStack() as stack:
        tokens = stack.enter_context(fake(lambda one: Says(200, '{"token": "t0ken"}')))
        elsewhere = tokens.host.replace("127.0.0.1", "localhost")
        running = stack.enter_context(fake(guarded(f"http://{elsewhere}/token")))
        log_in(home, running.host)
        assert asked_for(running.host, realms=("localhost",)).state is State.FOUND
        assert tokens.asked[0].headers["Authorization"] == f"Basic {LOGIN}"


@pytest.mark.parametrize("body", ["no json", "{}", '{"token": 1}', '{"token": "a\\r\\nX: y"}', '{"token": ""}'])
def test_tokens_that_are_none(body: str) -> None:
    with fake(lambda one: Says(200, body)) as tokens, fake(guarded(f"http://{tokens.host}/")) as running:
        assert "gave no token" in asked_for(running.host).why


def redirecting(target: str, home: Path, **more: str) -> tuple[Answer, Fake]:
    """Ask a registry with a login that redirects manifests to a host."""

    def answer(one: Asked) -> Says:
        if "Authorization" not in one.headers:
            return Says(401, "", {"WWW-Authenticate": 'Basic realm="x"'})
        return Says(307, "", {"Location": target, **more})

    with fake(answer) as running:
        log_in(home, running.host)
        return asked_for(running.host), running


def test_a_login_does_not_follow_a_redirect(home: Path) -> None:
    with fake(manifest(**{"Docker-Content-Digest": DIGEST})) as other:
        answer, running = redirecting(f"http://{other.host}/elsewhere", home)
        assert answer == Answer(State.FOUND, DIGEST)
        assert other.paths() == ["/elsewhere"]
        assert "Authorization" not in other.asked[0].headers
        assert running.asked[-1].headers["Authorization"] == f"Basic {LOGIN}"


def test_a_login_is_not_for_who_asks_for_it_behind_a_redirect(home: Path) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}
    with fake(lambda one: Says(401, "", challenge)) as other:
        answer, _ = redirecting(f"http://{other.host}/elsewhere", home)
        assert answer.state is State.DENIED
        assert LOGIN not in json.dumps([one.headers for one in other.asked])


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2.example.com/",
        "ftp://127.0.0.1/",
        "http://",
        "",
        "http://u:p@127.0.0.1/",
        "http://[",
        "http://\x7f/",
    ],
)
def test_redirects_that_lead_nowhere(target: str, home: Path) -> None:
    assert redirecting(target, home)[0].state is State.UNREACHABLE


def test_redirects_in_a_circle(home: Path) -> None:
    answer, running = redirecting("/v2/a/b/manifests/1", home)
    assert "more than 5 redirects" in answer.why
    assert len(running.asked) < 10


def test_a_dead_host_does_not_stop_the_others() -> None:
    dead = dead_host()
    with fake(manifest(**{"Docker-Content-Digest": DIGEST})) as running:
        wanted = [Wanted(host, f"a/{n}", "1") for n in range(40) for host in (dead, running.host)]
        began = time.monotonic()
        with registries(Manner((running.host, dead), cached=False)) as asked:
            answers = asked.answers(wanted)
        assert time.monotonic() - began < 15, "a dead host is tried a few times, not for each image"
    assert {(one.host == dead, answer.state) for one, answer in answers.items()} == {
        (True, State.UNREACHABLE),
        (False, State.FOUND),
    }
    assert "refused" in next(answer.why for one, answer in answers.items() if one.host == dead).lower()


def test_a_broken_file_with_logins_is_an_error_without_its_content(home: Path) -> None:
    from regfix.errors import UsageError

    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_text('{"auths": s3cret')
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}
    with (
        fake(lambda one: Says(401, "", challenge)) as running,
        pytest.raises(UsageError, match="not understood") as error,
    ):
        asked_for(running.host)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "exit code 3"),
        ("echo s3cret", "did not answer"),
        ("yes", "printed too much"),
        (None, "cannot be started"),
    ],
)
def test_a_credential_helper_that_fails_is_named(
    script: str | None, why: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = home / "docker-credential-odd"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    with fake(lambda one: Says(401, "", {"WWW-Authenticate": 'Basic realm="x"'})) as running:
        (home / ".docker").mkdir()
        (home / ".docker" / "config.json").write_text(json.dumps({"credHelpers": {running.host: "odd"}}))
        answer = asked_for(running.host)
    assert answer.state is State.DENIED
    assert why in answer.why
    assert "s3cret" not in answer.why


def having(*paths: str) -> Callable[[Asked], Says]:
    """A registry that has the manifest at some paths."""
    return lambda one: Says(200 if one.path in ("/v2/", *paths) else 404, BODY, {"Content-Type": MANIFEST})


def mirrored(host: str, *mirrors: str, plain: tuple[str, ...] = (), **manner: object) -> Answer:
    wanted = Wanted(host, "a/b", "1")
    how = Manner((host, *plain), cached=False, seconds=20, mirrors=parse_mirrors(f"{host}={one}" for one in mirrors))
    with registries(how._replace(**manner)) as asked:  # type: ignore[arg-type]
        return asked.answers([wanted], whole={wanted})[wanted]


def test_mirrors_are_asked_first_and_in_their_order(home: Path) -> None:
    with fake(having()) as first, fake(having("/v2/hub/a/b/manifests/1")) as second, fake(having()) as origin:
        log_in(home, origin.host)
        mirrors = (first.host, f"{second.host}/hub")
        assert mirrored(origin.host, *mirrors, plain=(first.host, second.host)).digest == DIGEST
        assert [one.path for one in first.asked] == ["/v2/", "/v2/a/b/manifests/1"]
        assert [one.path for one in second.asked] == ["/v2/", "/v2/hub/a/b/manifests/1"]
        assert origin.asked == []


def test_what_no_mirror_has_the_registry_is_asked_for(home: Path) -> None:
    with fake(having()) as mirror, fake(having("/v2/a/b/manifests/1")) as origin:
        assert mirrored(origin.host, dead_host(), mirror.host, plain=(mirror.host,)).state is State.FOUND
        assert len(mirror.asked) == len(origin.asked) == 2


def test_a_mirror_does_not_get_the_login_of_its_registry(home: Path) -> None:
    challenge = {"WWW-Authenticate": "Basic"}
    with fake(lambda one: Says(401, "", challenge)) as mirror, fake(having("/v2/a/b/manifests/1")) as origin:
        log_in(home, origin.host)
        assert mirrored(origin.host, mirror.host, plain=(mirror.host,)).state is State.FOUND
        assert all("Authorization" not in one.headers for one in mirror.asked)


def test_what_a_mirror_says_is_kept_as_its_own(home: Path) -> None:
    """A later run without the mirror, or the registry itself, must not get its answers."""
    with fake(having("/v2/a/b/manifests/1")) as mirror, fake(having()) as origin:
        plain = (mirror.host,)
        assert mirrored(origin.host, mirror.host, plain=plain, cached=True).state is State.FOUND
        assert mirrored(origin.host, cached=True).state is State.MISSING
        assert mirrored(origin.host, mirror.host, plain=plain, cached=True, offline=True).state is State.FOUND
        assert len(mirror.asked) == 2


def test_a_mirror_of_a_part_is_asked_for_that_part() -> None:
    mirrors = parse_mirrors(["docker.io/team=m.io/x", "docker.io=n.io", "index.docker.io=o.io/hub", "quay.io=p.io"])
    told = [str(one) for one in questions(Wanted("docker.io", "team/app", "1"), mirrors)]
    assert told == ["m.io/x/app:1", "n.io/team/app:1", "o.io/hub/team/app:1"]
    assert str(next(questions(Wanted("docker.io", "teams/app", "1"), mirrors))) == "n.io/teams/app:1"


@pytest.mark.parametrize(
    "text", ["", "a.io", "a.io=", "=b.io", "a.io=https://b.io", "a.io=b.io:x", "a.io=b.io/A", "hub=b.io"]
)
def test_mirrors_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="mirror"):
        parse_mirrors([text])


def test_mirrors_are_asked_for_hosts_and_for_tags() -> None:
    """Without a way to the registry itself, a mirror knows all that there is to know."""
    seen = having("/v2/a/b/manifests/1", "/v2/a/b/blobs/sha256:" + "c" * 64)

    def answer(one: Asked) -> Says:
        return Says(200, '{"tags": ["1", "2"]}') if "/tags/" in one.path else seen(one)

    origin = dead_host()
    with fake(answer) as mirror:
        manner = Manner((origin, mirror.host), cached=False, mirrors=parse_mirrors([f"{origin}={mirror.host}"]))
        with registries(manner) as asked:
            wanted = Wanted(origin, "a/b", "1")
            assert asked.tags([wanted])[wanted].names == ("1", "2")
            assert asked.hosts([wanted])[mirror.host] == {"registry": {mirror.host}}
            assert "not known" not in asked.hosts([wanted]).get(origin, {})
            other = wanted._replace(version="9")
            assert "not known" in asked.hosts([other])[origin]
