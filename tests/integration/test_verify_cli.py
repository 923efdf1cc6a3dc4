"""`regfix verify` against small registries: how much is asked, the cache, dead and hostile hosts, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from images import Asked, Fake, Says, body_of, dead_host, fake, registry_with, seeded
from support import MODULE, environment, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Run

DIGEST = seeded("a")


def verify(project: Path, *arguments: str, hosts: tuple[str, ...] = (), **env: str) -> Run:
    plain = [option for host in hosts for option in ("--plain-http", host)]
    home = {"HOME": str(project.parent), "XDG_CACHE_HOME": str(project.parent / "cache"), "REGISTRY_AUTH_FILE": "/none"}
    return regfix("verify", *plain, *arguments, cwd=project, env=environment(**home, **env))


def manifests(running: Fake) -> list[str]:
    return [one.path for one in running.asked if "/manifests/" in one.path]


def test_one_question_for_each_image_and_none_the_second_time(project: Path) -> None:
    tags = {f"{home}/app{n}:1": "a" for home in ("old", "new") for n in range(20)}
    with fake(registry_with(tags)) as running:
        rule = ("--rule", f"{running.host}/old={running.host}/new")
        grow(project, {f"{n}.yaml": f"image: {running.host}/old/app{n % 20}:1\n" for n in range(60)})
        run = verify(project, *rule, hosts=(running.host,))
        assert (run.code, run.err) == (0, "20 images in 60 references: 20 same\n")
        assert len(manifests(running)) == 40 == len(set(manifests(running)))
        asked = len(running.asked)
        again = verify(project, *rule, hosts=(running.host,))
        assert (again.code, again.out) == (0, run.out)
        assert len(running.asked) == asked
        verify(project, *rule, "--no-cache", hosts=(running.host,))
        assert len(manifests(running)) == 80
    offline = verify(project, *rule, "--offline", hosts=(running.host,))
    assert (offline.code, offline.out) == (0, run.out)


def test_offline_knows_nothing_without_a_cache(project: Path) -> None:
    grow(project, {"a.yaml": "image: k8s.gcr.io/pause:3.2\n"})
    run = verify(project, "--offline")
    assert run.code == 2
    assert "unreachable: registry.k8s.io/pause:3.2\n  not in the cache (--offline)\n" in run.out


def test_a_dead_host_is_told_and_the_others_are_verified(project: Path) -> None:
    dead = dead_host()
    with fake(registry_with({"app:1": "a"})) as running:
        text = f"a: {{image: {dead}/app:1}}\nb: {{image: {running.host}/app:1}}\n"
        grow(project, {"a.yaml": text + "".join(f"c{n}: {{image: {dead}/app{n}:1}}\n" for n in range(30))})
        began = time.monotonic()
        run = verify(project, "--all", hosts=(running.host,))
        assert time.monotonic() - began < 20
    assert run.code == 2
    assert f"found: {running.host}/app:1 ({DIGEST})" in run.out
    assert run.out.count("unreachable: ") == 31
    assert "Connection refused" in run.out


def test_where_the_old_home_is_gone_the_new_one_is_enough(project: Path) -> None:
    dead = dead_host()
    with fake(registry_with({"app:1": "a"})) as running:
        grow(project, {"a.yaml": f"image: {dead}/app:1\n"})
        run = verify(project, "--rule", f"{dead}={running.host}", hosts=(running.host,))
    assert run.code == 0
    assert run.out.startswith(f"found: {running.host}/app:1 ({DIGEST})\n  its old home {dead}/app:1: unreachable")


def test_names_that_go_on_elsewhere_are_not_asked_for(project: Path) -> None:
    with fake(registry_with({"new/app:1": "a"})) as running:
        host = running.host
        values = f"a: {{image: '{host}/old/app:${{TAG}}'}}\nb: {{image: '{host}/old/${{NAME}}'}}\nc: {{registry: {host}/old}}\n"
        grow(project, {"a.yaml": values})
        run = verify(project, "--rule", f"{host}/old={host}/new", hosts=(host,))
        assert manifests(running) == [], "no tag is known"
    assert run.code == 0, run.said
    assert f"found: {host}/new/app\n" in run.out
    assert "2 not asked for: a part of the name comes from elsewhere" in run.err


def test_what_a_registry_says_reaches_the_terminal_escaped(project: Path) -> None:
    evil = {"WWW-Authenticate": 'Bearer realm="https://\u202eevil.example.com/"'}
    with fake(
        lambda one: Says(401, "", {key: value.encode("utf-8").decode("latin-1") for key, value in evil.items()})
    ) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\n"})
        run = verify(project, "--all", hosts=(running.host,))
    assert run.code == 2
    assert "\u202e" not in run.said
    assert "\x1b" not in run.said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--no-cache", "--offline"), "exclude each other"), (("--timeout", "0"), "--timeout is a number"),
        (("--timeout", "-1"), "--timeout is a number"), (("--ca", "none.pem"), "the certificates cannot be read"),
        (("--ca", "a.yaml"), "the certificates cannot be read"), (("--format", "xml"), "is not one of"),
    ],
)  # fmt: skip
def test_wrong_options(arguments: tuple[str, ...], message: str, project: Path) -> None:
    grow(project, {"a.yaml": "image: k8s.gcr.io/pause:3.2\n"})
    run = verify(project, *arguments)
    assert run.code == 2
    assert message in run.err


def test_a_source_that_fails_is_told_and_the_rest_is_verified(project: Path) -> None:
    with fake(registry_with({"app:1": "a"})) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\n", "b.yaml": b"\xff\xfe image: \xff\n"})
        run = verify(project, "--all", "--format", "json", hosts=(running.host,))
    assert run.code == 2
    found = json.loads(run.out)
    assert [one["verdict"] for one in found["images"]] == ["found"]
    assert len(found["errors"]) == 1


@pytest.mark.parametrize("liar", ["old", "new"])
def test_a_registry_that_lies_about_a_digest_is_found_out(liar: str, project: Path) -> None:
    """Both homes tell the same digest, and one of them has another image."""

    def answer(one: Asked) -> Says:
        lies = f"/{liar}/" in one.path and "/manifests/" in one.path
        return Says(200, body_of("b" if lies else "a"), {"Docker-Content-Digest": DIGEST})

    with fake(answer) as running:
        grow(project, {"a.yaml": f"image: {running.host}/old/app:1\n"})
        run = verify(project, "--rule", f"{running.host}/old={running.host}/new", hosts=(running.host,))
    assert "same:" not in run.out
    assert run.code == (2 if liar == "new" else 0)
    assert "the manifest has not the digest that the registry tells" in run.out


def test_a_pinned_digest_is_that_of_what_is_there(project: Path) -> None:
    """It is echoed, but the manifest is another one."""
    with fake(lambda one: Says(200, body_of("b"), {"Docker-Content-Digest": DIGEST})) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app@{DIGEST}\n"})
        run = verify(project, "--all", hosts=(running.host,))
    assert run.code == 2
    assert "the manifest has not the digest that was asked for" in run.out


def sending(target: str) -> Callable[[Asked], Says]:
    """A registry with an image of two blobs that sends to another host for all that it is asked for there."""
    body = json.dumps({"schemaVersion": 2, "config": {"digest": DIGEST}, "layers": [{"digest": seeded("layer")}]})

    def answer(one: Asked) -> Says:
        if "/blobs/" in one.path:
            return Says(307, "", {"Location": target}) if target else Says(404)
        if one.path.endswith("/gone"):
            return Says(404)
        listed = json.dumps({"tags": ["1", f"sha256-{'0' * 64}.sig"]})
        return Says(200, listed if "/tags/" in one.path else body if "/manifests/" in one.path else "")

    return answer


def moved_to(host: str) -> Callable[[Asked], Says]:
    """A registry that sends to another one for everything."""
    return lambda one: Says(200) if one.path == "/v2/" else Says(302, "", {"Location": f"http://{host}{one.path}"})


@pytest.mark.parametrize("image", ["image: {}/app:1", "image: {{repository: {}/app, tag: ''}}", "image: {}/app:gone"])
def test_hosts_behind_redirects_of_blobs_are_listed(image: str, project: Path) -> None:
    """To the end of a chain: where old registries send to new ones, the files are on a third host."""
    with (
        fake(lambda one: Says(200)) as last,
        fake(sending(f"http://{last.host}/blob?signature=s3cret")) as second,
        fake(moved_to(second.host)) as running,
    ):
        grow(project, {"a.yaml": image.format(running.host) + "\n"})
        run = verify(project, "--all", "--hosts", hosts=(running.host, second.host, last.host))
    uses = {(second.host, "blobs"), (last.host, "blobs"), (second.host, "redirect"), (running.host, "registry")}
    assert run.code == 0, run.said
    assert set(run.out.splitlines()) == {f"{host}\t{use} of {running.host}" for host, use in uses}
    assert "s3cret" not in run.said


@pytest.mark.parametrize("dead", [True, False])
def test_hosts_that_could_not_be_found_out_are_no_success(dead: bool, project: Path) -> None:
    """What is known is listed all the same, and the host that did not answer is named."""
    with fake(sending("http://localhost:1/blob" if dead else "")) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\nb: {{image: {running.host}/old/$X}}\n"})
        rule = ("--rule", f"{running.host}/old={running.host}/new")
        run = verify(project, "--all", "--hosts", *rule, hosts=(running.host,))
    assert run.code == 2
    assert f"{running.host}\tregistry of {running.host}" in run.out
    assert ("localhost:1: Connection refused" if dead else "asked for a blob, it answers with status 404") in run.out
    assert run.err.splitlines() == [
        "1 not asked for: a part of the name comes from elsewhere",
        f"  ./a.yaml:2:12: {running.host}/new",
    ]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_waits_for_a_registry_ends_at_once(number: signal.Signals, code: int, project: Path) -> None:
    with fake(lambda one: Says(200, "{}" if "/manifests/" in one.path else "", pause=1.0)) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\n"})
        argv = [*MODULE, "verify", "--all", "--no-cache", "--plain-http", running.host, "."]
        process = subprocess.Popen(argv, cwd=project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        while not manifests(running) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (code, b"", b"")


def test_an_interrupted_run_leaves_no_program_behind(project: Path, tmp_path: Path) -> None:
    program = tmp_path / "docker-credential-odd"
    program.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid.new\nmv {tmp_path}/pid.new {tmp_path}/pid\nexec sleep 60\n"
    )
    program.chmod(0o755)
    (tmp_path / "auth.json").write_text('{"credsStore": "odd"}')
    env = environment(REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"), PATH=f"{tmp_path}:/usr/bin:/bin")
    with fake(lambda one: Says(401, "", {"WWW-Authenticate": "Basic"})) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\n"})
        argv = [*MODULE, "verify", "--all", "--no-cache", "."]
        process = subprocess.Popen(argv, cwd=project, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        while not (tmp_path / "pid").exists() and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert (process.communicate(timeout=10), process.returncode) == ((b"", b""), 130)
    number = int((tmp_path / "pid").read_text())
    while time.monotonic() < end:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.kill(number, signal.SIGKILL)
    pytest.fail("the program still runs")
