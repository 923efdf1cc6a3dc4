"""`--vendored rewrite` for packed charts (R40 to R46) as a user meets it."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import tarfile
import time
from typing import TYPE_CHECKING, Any

import pytest

from archives import CHART, VALUES, VALUES_MOVED, chart_tar, gz, info, patched, seen, tar_of
from regfix.chart.archive import MAX_EXPANDED_BYTES
from support import (
    MODULE,
    PAUSE,
    PAUSE_MOVED,
    Run,
    contents,
    environment,
    git,
    grow,
    instrumented,
    litter,
    regfix,
    states,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

NAME = "chart/charts/bell-1.0.0.tgz"
TOP = b"apiVersion: v2\nname: top\nversion: 1.0.0\n"


def packed(**files: bytes) -> bytes:
    """Return a packed chart; `__` stands for a slash, the names `values` and `chart` for the usual files."""
    return gz(chart_tar(**{"values": VALUES, **files}))


def plant(project: Path, data: bytes, name: str = NAME, **more: str | bytes) -> Path:
    """Make a chart with an archive in it."""
    grow(project, {"chart/Chart.yaml": TOP, "chart/values.yaml": b"a: 1\n", name: data, **more})
    return project / name


def rewrite(project: Path, *arguments: str, **more: Any) -> Run:
    """Rewrite all that lies in a project; archives in its root are not named."""
    paths = sorted(name for name in os.listdir(project) if not name.endswith((".tgz", ".git")))
    return regfix("rewrite", "--vendored", "rewrite", *arguments, *paths, cwd=project, **more)


def files(path: Path) -> dict[str, bytes]:
    """Return the files in an archive."""
    return {dict(one.told)["name"]: one.content for one in seen(path.read_bytes()) if one.content is not None}


def sources(run: Run) -> dict[str, dict[str, Any]]:
    return {source["path"]: source for source in json.loads(run.stdout)["sources"]}


# --- what is rewritten ---


def test_r40_members_are_rewritten_like_files(project: Path) -> None:
    """R40: values, templates, comments; text only with --text; each line in the summary names member, line, column."""
    template = b'# k8s.gcr.io/old:1\nimage: {{ .Values.image | default "k8s.gcr.io/pause" }}\n'
    path = plant(
        project,
        packed(templates__a=b"k8s.gcr.io/no", **{"templates__b.yaml": template}, README=b"see k8s.gcr.io/x:1\n"),
    )
    run = rewrite(project)
    assert run.code == 0, run.said
    assert f"{NAME}!bell/values.yaml: 1 reference rewritten" in run.out
    assert f"{NAME}!bell/README:1:5: k8s.gcr.io/x:1" in run.err
    found = files(path)
    assert found["bell/values.yaml"] == VALUES_MOVED
    assert found["bell/templates/b.yaml"] == template.replace(b"k8s.gcr.io", b"registry.k8s.io")
    assert found["bell/README"] == b"see k8s.gcr.io/x:1\n"
    assert rewrite(project, "--text").code == 0
    assert files(path)["bell/README"] == b"see registry.k8s.io/x:1\n"
    before = states(project)
    assert rewrite(project, "--text", "--check").code == 0
    assert rewrite(project, "--text").code == 0
    assert states(project) == before


def test_r1_an_archive_without_a_change_stays(project: Path) -> None:
    """R1: content, inode, times, and whatever its compression is."""
    path = plant(project, packed(values=VALUES_MOVED))
    before = states(project)
    run = rewrite(project)
    assert (run.code, run.out) == (0, "")
    assert states(project) == before
    assert files(path)["bell/values.yaml"] == VALUES_MOVED


def test_r4_dry_run_and_check_write_nothing_and_name_the_same(project: Path) -> None:
    """R4: as JSON, the same members as the real run; exit 1 of --check."""
    plant(project, packed(), **{"chart/values.yaml": PAUSE})
    before = states(project)
    dry = rewrite(project, "--dry-run", "--format", "json")
    check = rewrite(project, "--check")
    assert states(project) == before
    assert (dry.code, check.code) == (0, 1)
    assert f"{NAME}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2 -> registry.k8s.io/pause:3.2" in check.out
    real = rewrite(project, "--format", "json")
    changed = [{p for p, s in sources(run).items() if s["status"] == "changed"} for run in (dry, real)]
    assert changed == [{f"{NAME}!bell/values.yaml", "chart/values.yaml"}] * 2


def test_r46_only_archives_in_charts_of_a_chart(project: Path) -> None:
    """R46: not elsewhere, not by another name, not those that Helm passes over; they are named where they are vendored."""
    data = packed()
    others = ["chart/files/x.tgz", "chart/x.tgz", "charts/x.tgz", "x.tgz", "chart/charts/sub/x.tgz", "chart/charts/x.tar.gz",
              "chart/charts/_x.tgz", "chart/charts/.x.tgz", "chart/charts/sub/charts/x.tgz", "chart/charts/x.TGZ"]  # fmt: skip
    plant(project, data, **dict.fromkeys(others, data))
    run = rewrite(project)
    assert run.code == 0, run.said
    assert {name for name in others if (project / name).read_bytes() != data} == set()
    assert files(project / NAME)["bell/values.yaml"] == VALUES_MOVED
    assert "chart/charts/_x.tgz!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2" in run.err
    grow(project, {"chart/charts/sub/Chart.yaml": TOP})
    assert rewrite(project).code == 0
    assert files(project / "chart/charts/sub/charts/x.tgz")["bell/values.yaml"] == VALUES_MOVED


@pytest.mark.parametrize(("cwd", "path"), [(".", NAME), ("chart/charts", "bell-1.0.0.tgz"), ("chart/charts", "."),
                                           ("chart", "charts"), ("chart/charts", "../../chart")])  # fmt: skip
def test_r46_however_it_is_named(project: Path, cwd: str, path: str) -> None:
    """R46: by itself, by its folder, from within."""
    archive = plant(project, packed())
    run = regfix("rewrite", "--vendored", "rewrite", path, cwd=project / cwd)
    assert run.code == 0, run.said
    assert files(archive)["bell/values.yaml"] == VALUES_MOVED


@pytest.mark.parametrize("mode", ["override", "ignore"])
def test_r46_a_named_archive_needs_the_option(project: Path, mode: str) -> None:
    """R46: what is named is accounted for, and stays; so is what is no vendored chart."""
    path = plant(project, packed(), **{"other.tgz": packed()})
    before = states(project)
    run = regfix("rewrite", "--vendored", mode, NAME, "other.tgz", cwd=project)
    assert run.code == 0
    assert states(project) == before
    assert f"{path.relative_to(project)}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2" in run.err
    assert "1 not read: archive" in run.err
    scan = sources(regfix("scan", "--format", "json", "other.tgz", cwd=project))
    assert (scan["other.tgz"]["status"], scan["other.tgz"]["reason"]) == ("skipped", "archive")


def test_r46_archives_in_the_charts_of_a_packed_chart(project: Path) -> None:
    """R46, R45: at any depth that there may be, in folders of archives, too; elsewhere in them they are left."""
    inner = packed()
    for _ in range(3):
        inner = packed(**{"charts__deep-1.tgz": inner, "charts__dir__Chart.yaml": CHART, "charts__dir__charts__a.tgz": packed(),
                          "files__b.tgz": packed(), "charts__no__c.tgz": packed(), "charts___d.tgz": packed()})  # fmt: skip
    path = plant(project, inner)
    run = rewrite(project)
    assert run.code == 0, run.said
    data = path.read_bytes()
    for _ in range(3):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            found = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
        assert found["bell/values.yaml"] == VALUES_MOVED
        within = {name: {m.content for m in seen(found[f"bell/{name}"])} for name in
                  ("charts/dir/charts/a.tgz", "files/b.tgz", "charts/no/c.tgz", "charts/_d.tgz")}  # fmt: skip
        assert {name for name, contents in within.items() if VALUES_MOVED in contents} == {"charts/dir/charts/a.tgz"}
        data = found["bell/charts/deep-1.tgz"]
    assert VALUES_MOVED in {member.content for member in seen(data)}
    assert run.err.count("!bell/files/b.tgz!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2") == 3


def test_r37_the_lock_file_in_an_archive_stays_valid(project: Path) -> None:
    """R37: repository and digest move with those of Chart.yaml; a lock file that does not match is left and told."""
    from regfix.chart.lock import digests
    from regfix.syntax.yamltree import load_mapping

    entry = "dependencies:\n- name: horn\n  version: 1.0.0\n  repository: oci://k8s.gcr.io/charts\n"

    def lock(text: str) -> str:
        dependencies = load_mapping(text, "x")["dependencies"]
        assert isinstance(dependencies, list)
        return f'{text}digest: {next(digests(dependencies, dependencies))}\ngenerated: "2026-01-01T00:00:00Z"\n'

    meta = CHART.decode() + entry
    files_in = {"bell/Chart.lock": lock(entry).encode(), "bell/Chart.yaml": meta.encode()}
    stale = {
        "bell/charts/sub/Chart.lock": f"{entry}digest: sha256:0\n".encode(),
        "bell/charts/sub/Chart.yaml": meta.encode(),
    }
    path = plant(project, gz(tar_of([(info(name), data) for name, data in {**files_in, **stale}.items()])))
    run = rewrite(project)
    assert run.code == 0, run.said
    moved = entry.replace("k8s.gcr.io", "registry.k8s.io")
    assert files(path)["bell/Chart.lock"].decode() == lock(moved)
    assert files(path)["bell/charts/sub/Chart.lock"] == stale["bell/charts/sub/Chart.lock"]
    assert "!bell/charts/sub/Chart.lock:" in run.err
    assert "[lock]" in run.err


def test_what_fails_in_an_archive_stays_and_the_rest_goes_on(project: Path) -> None:
    """R5: a member that is no YAML, an archive within that is damaged; both are named."""
    path = plant(project, packed(**{"bad.yaml": b"[k8s.gcr.io/a:1\n", "charts__bad.tgz": packed()[:-9]}))
    run = rewrite(project)
    assert run.code == 2
    assert f"error: {NAME}!bell/bad.yaml:" in run.err
    assert f"error: {NAME}!bell/charts/bad.tgz: the chart archive cannot be read: it is truncated" in run.err
    found = files(path)
    assert (found["bell/values.yaml"], found["bell/bad.yaml"]) == (VALUES_MOVED, b"[k8s.gcr.io/a:1\n")


# --- what is refused ---


def untouched(project: Path, data: bytes, *said: str, **more: str | bytes) -> Run:
    """Assert that an archive stays as it is, exit 2, the reason is told once, and other files are done."""
    plant(project, data, **{"other.yaml": PAUSE, **more})
    before = states(project)
    for options in (("--dry-run",), ("--check",), ()):
        run = rewrite(project, *options)
        assert run.code == 2, run.said
        assert run.err.count("error: ") == 1, run.err
        for text in said:
            assert text in run.err
    after = states(project)
    assert {name for name in before if before[name] != after[name]} == {"other.yaml"}
    assert litter(project) == []
    return run


def test_r41_a_signed_archive_is_refused(project: Path) -> None:
    """R41: a signature that would be void is not left behind; without a change nothing is said."""
    more: dict[str, str | bytes] = {f"{NAME}.prov": b"-----BEGIN PGP SIGNED MESSAGE-----\n"}
    run = untouched(project, packed(), NAME, ".prov file", "remove the signature", **more)
    assert f"{NAME}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2" in run.err, "what stays is told"
    plant(project, packed(values=VALUES_MOVED))
    assert rewrite(project).code == 0


def test_r41_a_signature_beside_an_archive_within(project: Path) -> None:
    """R41: the archive within stays, the one around it is done."""
    path = plant(project, packed(**{"charts__in.tgz": packed(), "charts__in.tgz.prov": b"signed"}))
    run = rewrite(project)
    assert run.code == 2
    assert f"error: {NAME}!bell/charts/in.tgz: the chart archive is not rewritten: its .prov file" in run.err
    found = files(path)
    assert found["bell/values.yaml"] == VALUES_MOVED
    assert VALUES in {one.content for one in seen(found["bell/charts/in.tgz"])}


WHOLE = packed()
DAMAGED = {
    "truncated": (WHOLE[:-20], "truncated"),
    "corrupt": (WHOLE[:-8] + b"0000" + WHOLE[-4:], "cannot be read"),
    "no gzip": (b"no archive", "no gzip file"),
    "empty": (b"", "empty"),
    "no tar": (gz(b"text\n" * 500), "no tar archive"),
    "garbage behind": (WHOLE + b"garbage", "more data behind its end"),
    "several members of gzip": (gz(chart_tar()[:600]) + gz(chart_tar()[600:]), "several parts"),
    "zeros behind": (WHOLE + bytes(512), "several parts, or padding"),
    "no chart": (gz(tar_of([(info("bell/values.yaml"), VALUES)])), "no Chart.yaml"),
    "truncated tar": (gz(chart_tar()[:1100]), "truncated"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_r44_damaged_archives_are_untouched_and_reported(project: Path, name: str) -> None:
    """R44: exit 2 in a dry run, too."""
    data, why = DAMAGED[name]
    untouched(project, data, NAME, why)


def with_members(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    first = [(info("bell/Chart.yaml"), CHART), (info("bell/values.yaml"), VALUES)]
    return gz(tar_of([*first, *members]))


ODD = {
    "duplicate": ((info("bell/values.yaml"), b"a: 1\n"), "the same name"),
    "another way to write its name": ((info("./bell//values.yaml"), b"a: 1\n"), "the same name"),
    "a link of its name": ((info("bell/values.yaml", type=tarfile.SYMTYPE, linkname="/etc/passwd"), b""), "the same name"),
    "escaping": ((info("../bell/more.yaml"), VALUES), "out of the folder"),
    "absolute": ((info("/etc/x.yaml"), VALUES), "out of the folder"),
    "of no chart": ((info("x.yaml"), VALUES), "out of the folder"),
    "of an unknown type": ((info("bell/more.yaml", type=b"M"), VALUES), "no regular file"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_r42_r43_odd_members_that_would_change_are_refused(project: Path, name: str) -> None:
    """R42, R43: the whole archive stays, and what is in it is told."""
    member, why = ODD[name]
    run = untouched(project, with_members(member), why)
    assert f"{NAME}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2" in run.err


def test_r42_r43_odd_members_are_kept_and_nothing_is_extracted(project: Path) -> None:
    """R42, R43: links, devices, escaping and duplicate members without a reference to move."""
    members = [(info("../../evil"), b"x"), (info("/tmp/evil"), b"x"), (info("bell/same"), b"1"), (info("bell/same"), b"2"),
               (info("bell/dev", type=tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
               (info("bell/link", type=tarfile.SYMTYPE, linkname="../../../etc"), b""), (info("bell/link/x"), b"x"),
               (info("bell/fifo", type=tarfile.FIFOTYPE), b"")]  # fmt: skip
    path = plant(project, with_members(*members))
    before, there = seen(path.read_bytes()), set(contents(project.parent))
    assert rewrite(project).code == 0
    assert set(contents(project.parent)) == there
    after = seen(path.read_bytes())
    assert [one.told for one in after] == [one.told for one in before]
    assert [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [1]


def test_r45_a_repacked_archive_stays_within_the_limits(project: Path) -> None:
    """R45: one that would grow beyond them is left, since the next run could not read it."""
    raw = chart_tar(VALUES + b"#" * (512 - len(VALUES)))
    raw += bytes(MAX_EXPANDED_BYTES - len(raw))
    untouched(project, gz(raw), "the new one could not be read: it expands to more than 64 MiB")
    plant(project, gz(raw[:-512]))
    assert rewrite(project).code == 0


# --- the write ---


def test_the_mode_and_the_other_attributes_stay(project: Path) -> None:
    """R25: as for any file."""
    path = plant(project, packed())
    os.chmod(path, 0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 5678)
    before = path.stat()
    assert rewrite(project).code == 0
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


FAULTS = [("write", "ENOSPC"), ("fsync", "EIO"), ("rename", "EXDEV"), ("rename", "EBUSY")]
FAIL = """
real = os.{call}
def fail(*arguments, **more):
    raise OSError(errno.{error}, os.strerror(errno.{error}))
os.{call} = fail
"""


@pytest.mark.parametrize(("call", "error"), FAULTS)
def test_r21_a_disk_that_says_no(project: Path, tmp_path: Path, call: str, error: str) -> None:
    """R21: the old archive intact, the temporary file gone, the archive named once, its references told as left."""
    plant(project, packed())
    before = states(project)
    hook = FAIL.format(call=call, error=error)
    if call == "write":  # standard output and error are written by other means
        hook = hook.replace("raise", "if arguments[0] <= 2: return real(*arguments)\n    raise")
    run = rewrite(project, env=instrumented(tmp_path / "hook", hook))
    assert run.code == 2
    assert run.err.count(f"error: {NAME}: cannot be written") == 1
    assert f"{NAME}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2" in run.err
    assert "rewritten\n" not in run.out
    assert states(project) == before
    assert litter(project) == []


SLOW = """
import time
real = os.fsync
def fsync(descriptor):
    time.sleep(0.01)
    real(descriptor)
    time.sleep(0.01)
os.fsync = fsync
"""


def test_r20_after_kill_9_each_archive_is_old_or_new(project: Path, tmp_path: Path) -> None:
    """R20: at any instant; what is left over has a name of its own, and the next run removes it and does the rest."""
    chance, name = random.Random(40), "chart/charts/{:02}.tgz"
    old = packed(noise=chance.randbytes(100_000))
    plant(project, old, name.format(0), **{name.format(number): old for number in range(1, 20)})
    first = project / name.format(0)
    assert rewrite(project).code == 0
    new, hook, left = first.read_bytes(), instrumented(tmp_path / "hook", SLOW), 0
    for _ in range(8):
        grow(project, {name.format(number): old for number in range(20)})
        argv = [*MODULE, "rewrite", "-q", "--vendored", "rewrite", "chart"]
        process = subprocess.Popen(argv, cwd=project, env=hook)
        wait_until(lambda: first.read_bytes() == new)
        time.sleep(chance.uniform(0, 0.2))
        process.kill()
        assert process.wait(10) in (-signal.SIGKILL, 0)
        found = [(project / name.format(number)).read_bytes() for number in range(20)]
        assert set(found) <= {old, new}
        left += len(litter(project))
    assert left > 0, "the kills did not hit writes; the test proves nothing"
    assert rewrite(project).code == 0
    assert {(project / name.format(number)).read_bytes() for number in range(20)} == {new}
    assert litter(project) == []


def test_r21_a_full_disk(project: Path) -> None:
    """R21: a real one, where mounting is possible."""
    plant(project, packed(noise=random.Random(41).randbytes(190_000)))
    (project / "disk").mkdir()
    script = (
        "mount -t tmpfs -o size=256k none disk && cp -r chart disk/ && "
        '"$@"; code=$?; cmp "$NAME" "disk/$NAME" && find disk -name ".regfix*"; exit $code'
    )
    unshare = (
        "unshare",
        *(() if os.geteuid() == 0 else ("--user", "--map-root-user")),
        "--mount",
        "--propagation",
        "private",
    )
    probe = subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("mounting is not possible here")
    run = regfix("rewrite", "-q", "--vendored", "rewrite", "disk/chart", cwd=project, env=environment(NAME=NAME),
                 command=(*unshare, "sh", "-c", script, "-", *MODULE))  # fmt: skip
    assert (run.code, run.out) == (2, "")
    assert f"disk/{NAME}: cannot be written: no space left on device" in run.err


def test_r29_two_runs_at_once(project: Path) -> None:
    """R29: all archives are rewritten once, no litter, and none fails."""
    plant(project, packed(), **{f"chart/charts/{number}.tgz": packed() for number in range(40)})
    argv = [*MODULE, "rewrite", "-q", "--vendored", "rewrite", "chart"]
    runs = [subprocess.Popen(argv, cwd=project, env=environment(), stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in runs] == [(b"", 0)] * 3
    assert all(files(path)["bell/values.yaml"] == VALUES_MOVED for path in (project / "chart/charts").iterdir())
    assert litter(project) == []


def test_r26_an_archive_that_changes_meanwhile_is_left(project: Path, tmp_path: Path) -> None:
    """R26: and named."""
    path = plant(project, packed())
    hook = """
real = os.fsync
def fsync(*arguments):
    real(*arguments)
    open(os.environ["VICTIM"], "ab").write(b"more")
os.fsync = fsync
"""
    run = rewrite(project, env=instrumented(tmp_path / "hook", hook, VICTIM=str(path)))
    assert run.code == 2
    assert f"{NAME}: changed while regfix was running" in run.err
    assert path.read_bytes() == packed() + b"more"


def test_r27_links_and_hard_links(project: Path, tmp_path: Path) -> None:
    """R27: a link is not followed, an archive with two names is refused, as any file."""
    path = plant(project, packed())
    grow(tmp_path, {"outside.tgz": packed()})
    (project / "chart/charts/link.tgz").symlink_to(tmp_path / "outside.tgz")
    os.link(path, project / "chart/charts/again.tgz")
    run = rewrite(project)
    assert run.code == 2
    assert run.err.count("names (hard links)") == 2
    assert path.read_bytes() == (tmp_path / "outside.tgz").read_bytes() == packed()


# --- reports ---


def test_the_diff_shows_members_as_comments_that_git_passes_over(project: Path) -> None:
    """R4: `git apply` and patch(1) take the rest of the diff; people see all of it."""
    plant(project, packed(), **{"a.yaml": PAUSE, "chart/values.yaml": PAUSE, "z.yaml": PAUSE[:-1]})
    dry = rewrite(project, "--dry-run")
    shown = (
        "# in an archive, not for git apply:\n"
        f"# --- a/{NAME}!bell/values.yaml\n# +++ b/{NAME}!bell/values.yaml\n"
        "# @@ -1,1 +1,1 @@\n# -image: k8s.gcr.io/pause:3.2\n# +image: registry.k8s.io/pause:3.2\n"
    )
    assert shown in dry.out
    archive = (project / NAME).read_bytes()
    done = git(project, "apply", "-", stdin=dry.stdout)
    assert done.returncode == 0, done.stderr
    moved = PAUSE_MOVED.encode()
    assert {n: d for n, d in contents(project).items() if n.endswith("s.yaml") or n in ("a.yaml", "z.yaml")} == {
        "a.yaml": moved, "chart/values.yaml": moved, "z.yaml": moved[:-1]}  # fmt: skip
    assert (project / NAME).read_bytes() == archive
    assert git(project, "apply", "--reverse", "-", stdin=dry.stdout).returncode == 0
    assert rewrite(project, "--diff").out == dry.out


def test_a_file_with_a_name_like_a_member_has_a_diff_of_its_own(project: Path) -> None:
    """R4: `x.tgz!y.yaml` may be the name of a file."""
    grow(project, {"x.tgz": b"", "x.tgz!y.yaml": PAUSE, "y.tgz!/y.yaml": PAUSE})
    dry = regfix("rewrite", "--dry-run", cwd=project)
    assert git(project, "apply", "-", stdin=dry.stdout).returncode == 0
    assert contents(project)["x.tgz!y.yaml"] == contents(project)["y.tgz!/y.yaml"] == PAUSE_MOVED.encode()


def test_sarif_and_github_name_member_line_and_column(project: Path) -> None:
    """The file is the archive; its lines are none, so no region and no fix is given."""
    plant(project, packed(), **{"chart/values.yaml": PAUSE})
    (inside, outside) = json.loads(rewrite(project, "--check", "--format", "sarif").stdout)["runs"][0]["results"]
    place = inside["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": NAME, "uriBaseId": "%SRCROOT%"}}
    assert inside["message"]["text"].endswith("(in bell/values.yaml:1:8)")
    assert ("fixes" in inside, "fixes" in outside) == (False, True)
    said = rewrite(project, "--check", "--format", "github").out.splitlines()[0]
    assert said.startswith(f"::error file={NAME},title=regfix%3A move::")
    assert said.endswith("(in bell/values.yaml:1:8)")


def test_scan_lists_what_is_in_archives(project: Path) -> None:
    """References of all registries; what is damaged is named."""
    inner = packed(values=b"image: quay.io/team/app:1\n")
    plant(project, packed(**{"charts__in.tgz": inner}), **{"chart/charts/bad.tgz": WHOLE[:-9], "x.tgz": packed()})
    run = regfix("scan", "chart", cwd=project)
    assert run.code == 2
    assert run.out.splitlines() == [
        f"{NAME}!bell/values.yaml:1:8: k8s.gcr.io/pause:3.2 -> registry.k8s.io/pause:3.2",
        f"{NAME}!bell/charts/in.tgz!bell/values.yaml:1:8: quay.io/team/app:1",
    ]
    assert "chart/charts/bad.tgz: the chart archive cannot be read" in run.err


def test_r53_names_of_members_are_escaped(project: Path) -> None:
    """R53, R52: control characters, undecodable bytes, in text and in the diff."""
    name = "bell/\x1b[31m\n\u202ex\udcff.yaml"
    path = plant(project, with_members((info(name), VALUES)))
    for options in (("--check",), ("--dry-run", "--format", "json"), ("--check", "--format", "github"), ()):
        run = rewrite(project, *options)
        assert run.code in (0, 1), run.said
        assert "\x1b" not in run.said
        assert "\u202e" not in run.said
    assert files(path)[name] == VALUES_MOVED


def test_a_chart_whose_size_is_told_in_another_style(project: Path) -> None:
    """R40: base 256, through the whole command."""
    raw = patched(chart_tar(form=tarfile.GNU_FORMAT), 1024, {124: b"\x80" + len(VALUES).to_bytes(11, "big")})
    path = plant(project, gz(raw))
    assert rewrite(project).code == 0
    assert files(path)["bell/values.yaml"] == VALUES_MOVED
