"""The catalogue on the command line: entries of the user, malformed ones, the whole catalogue in a scan, states."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import regfix as package
from support import contents, environment, grow, regfix, states

MINE = """\
name: ours
summary: what our team has moved
entries:
  - from: quay.io/team
    to: ghcr.io/team
    class: renamed
    since: 2026-01-15
    until: '2026-12'
    tags: {at-least: '2.0', except: ['*-rc*']}
    tag: {remove-prefix: v}
    note: version 1 was not copied
    sources: ['https://wiki.example.com/moves']
  - from: quay.io/team/old
    class: gone
"""
PODS = """\
- image: quay.io/team/portal:v2.1
- image: quay.io/team/portal:v1.9
- image: quay.io/team/portal:v2.2-rc1
- image: quay.io/team/old/portal:v2.1
"""


def test_a_file_of_ones_own_is_a_preset(tmp_path: Path) -> None:
    grow(tmp_path, {"mine.yaml": MINE, "pods.yaml": PODS})
    done = regfix("rewrite", "--catalogue", "mine.yaml", "--preset", "ours", "pods.yaml", cwd=tmp_path)
    assert done.code == 0, done.said
    assert (tmp_path / "pods.yaml").read_text() == PODS.replace("quay.io/team/portal:v2.1", "ghcr.io/team/portal:2.1")
    for reason in ("[other-tag]", "[gone]"):
        assert reason in done.err
    shown = regfix("rules", "show", "ours", "--catalogue", "mine.yaml", "--as-of", "2026-11-25", cwd=tmp_path)
    assert shown.code == 0
    assert "since 2026-01-15, until 2026-12, due in 6 days" in shown.out
    assert "tags: at least 2.0; not *-rc*" in shown.out
    listed = regfix("rules", "list", "--catalogue", "mine.yaml", "--preset", "ours", "--preset", "minio", cwd=tmp_path)
    assert re.search(r"^ours +1 renamed, 1 gone", listed.out, re.MULTILINE)
    explained = regfix("rules", "explain", "quay.io/team/portal:v2.1", "--catalogue", "mine.yaml", cwd=tmp_path)
    assert "preset ours of mine.yaml" in explained.out


def test_settings_hold_presets_too(tmp_path: Path) -> None:
    indented = MINE.replace("\n", "\n    ").rstrip()
    grow(tmp_path, {".regfix.yaml": f"presets: [ours]\ncatalogue:\n  - {indented}\n", "pods.yaml": PODS})
    assert regfix("rewrite", "pods.yaml", cwd=tmp_path).code == 0
    assert "ghcr.io/team/portal:2.1" in (tmp_path / "pods.yaml").read_text()


def test_an_entry_of_the_user_counts_in_the_place_of_ours(tmp_path: Path) -> None:
    """A preset of the same name is extended, and an entry from the same prefix corrected wherever it is."""
    more = ("name: bitnami\nentries:\n"
            "  - {from: docker.io/bitnami, to: harbor.example.com/bitnami, class: mirror}\n"
            "  - {from: quay.io/bitnami2, to: harbor.example.com/bitnami, class: mirror}\n")  # fmt: skip
    other = "name: other\nentries:\n  - {from: docker.io/minio/mc, to: ghcr.io/us/mc, class: mirror}\n"
    pods = "- image: bitnami/redis:latest\n- image: quay.io/bitnami2/x:1\n- image: minio/mc:1\n- image: minio/minio:1\n"
    grow(tmp_path, {"more.yaml": more, "other.yaml": other, "pods.yaml": pods})
    options = ["--catalogue", "more.yaml", "--catalogue", "other.yaml", "--preset", "bitnami", "--preset", "minio"]
    done = regfix("rewrite", *options, "pods.yaml", cwd=tmp_path)
    assert done.code == 0, done.said
    assert (tmp_path / "pods.yaml").read_text() == (
        "- image: harbor.example.com/bitnami/redis:latest\n- image: harbor.example.com/bitnami/x:1\n"
        "- image: ghcr.io/us/mc:1\n- image: quay.io/minio/minio:1\n"
    )


def test_the_default_preset_can_be_corrected(tmp_path: Path) -> None:
    own = "name: kubernetes\nentries:\n  - {from: k8s.gcr.io/ours, class: unaffected}\n"
    grow(tmp_path, {"own.yaml": own, "x.yaml": "- image: k8s.gcr.io/ours/x:1\n- image: k8s.gcr.io/pause:3.9\n"})
    assert regfix("rewrite", "--catalogue", "own.yaml", "x.yaml", cwd=tmp_path).code == 0
    assert (tmp_path / "x.yaml").read_text() == "- image: k8s.gcr.io/ours/x:1\n- image: registry.k8s.io/pause:3.9\n"


HEAD = "name: ours\nentries:\n  - from: quay.io/team\n    to: ghcr.io/team\n    class: renamed\n"
MALFORMED = {
    "not yaml": ("name: [\n", "2:1"),
    "no mapping": ("- a\n", "1:1"),
    "empty": ("", "1:1"),
    "unknown key": (HEAD + "    form: x\n", "6:5"),
    "class": (HEAD.replace("renamed", "moved"), "5:12"),
    "prefix": (HEAD.replace("quay.io/team", "quay.io/Team"), "3:11"),
    "no target": (HEAD.replace("    to: ghcr.io/team\n", ""), "3:5"),
    "number": (HEAD + "    tags: {at-least: 1.20}\n", "6:22"),
    "date": (HEAD + "    until: 2026-02-30x\n", "6:12"),
    "list": (HEAD + "    tags:\n      except:\n        - ok\n        - a b\n", "9:11"),
    "twice": (HEAD + "  - {from: quay.io/team, to: a.io, class: mirror}\n", "6:12"),
    "key twice": (HEAD + "    class: mirror\n", "6:5"),
    "null": (HEAD + "    note:\n", "6:5"),
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("below", ["file", "settings"])
def test_a_malformed_entry_is_an_error_with_its_place(case: str, below: str, tmp_path: Path) -> None:
    text, at = MALFORMED[case]
    name, options = "mine.yaml", ["--catalogue", "mine.yaml", "--preset", "ours"]
    if below == "settings":
        if not text.startswith("name: ours"):
            pytest.skip("it is no entry")
        line, column = map(int, at.split(":"))
        text, at = "catalogue:\n  - " + text.replace("\n", "\n    ").rstrip(" "), f"{line + 1}:{column + 4}"
        name, options = ".regfix.yaml", []
    grow(tmp_path, {name: text, "pods.yaml": PODS})
    before = states(tmp_path)
    done = regfix("rewrite", *options, "pods.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f"{name}:{at}: " in done.err, done.err
    assert states(tmp_path) == before


def test_entries_that_form_a_cycle_are_refused(tmp_path: Path) -> None:
    cycle = (
        "name: ours\nentries:\n  - {from: a.io, to: b.io, class: mirror}\n  - {from: b.io, to: a.io, class: renamed}\n"
    )
    grow(tmp_path, {"mine.yaml": cycle, "x.yaml": "image: a.io/x\n"})
    done = regfix("rewrite", "--catalogue", "mine.yaml", "--preset", "ours", "x.yaml", cwd=tmp_path)
    assert done.code == 2
    assert "cycle" in done.err


def test_a_scan_of_the_whole_catalogue(tmp_path: Path) -> None:
    pods = """\
- image: gcr.io/istio-release/pilot:1.29.0
- image: bitnami/redis:6.2-debian-10-r1
- image: quay.io/coreos/etcd:v3.5.0
- image: gcr.io/distroless/static
- image: k8s.gcr.io/pause:3.9
- image: ghcr.io/nobody/knows:1
- image: nginx:1.27
"""
    grow(tmp_path, {"pods.yaml": pods})
    done = regfix("scan", "--catalogue", "--as-of", "2026-11-25", cwd=tmp_path)
    assert done.code == 0
    assert [line.partition(": ")[2] for line in done.out.splitlines()] == [
        "gcr.io/istio-release/pilot:1.29.0 -> docker.io/istio/pilot:1.29.0 (unverified)"
        " (renamed, due in 13 days, until 2026-12-08, preset istio)",
        "bitnami/redis:6.2-debian-10-r1 [other-tag] (renamed, past, until 2025-09-29, preset bitnami)",
        "quay.io/coreos/etcd:v3.5.0 [successor] (successor, undated, preset quay-kubernetes)",
        "gcr.io/distroless/static [kept] (unaffected, undated, preset gcr)",
        "k8s.gcr.io/pause:3.9 -> registry.k8s.io/pause:3.9 (mirror, past, preset kubernetes)",
    ]
    assert "the next deadline is 2026-12-08: due in 13 days" in done.err
    later = regfix("scan", "--catalogue", "--as-of", "2026-12-08", "--format", "csv", cwd=tmp_path)
    assert "renamed,past,2026,2026-12-08,preset istio" in later.out
    assert "deadline" not in later.err
    told = regfix("scan", "--catalogue", "--as-of", "2026-11-25", "--format", "json", cwd=tmp_path).out
    found = json.loads(told)["sources"][0]["findings"]
    assert [f["entry"]["state"] for f in found] == ["due in 13 days", "past", "undated", "undated", "past"]
    assert [f["entry"]["class"] for f in found] == ["renamed", "renamed", "successor", "unaffected", "mirror"]
    assert contents(tmp_path) == {"pods.yaml": pods.encode()}


@pytest.mark.parametrize("options", [("--rule", "a.io=b.io"), ("--preset", "minio")])
def test_the_whole_catalogue_is_no_choice_of_rules(options: tuple[str, str], tmp_path: Path) -> None:
    done = regfix("scan", "--catalogue", *options, cwd=tmp_path)
    assert done.code == 2
    assert "leave out --rule and --preset" in done.err


def test_a_day_that_is_none_is_an_error(tmp_path: Path) -> None:
    done = regfix("rules", "list", "--as-of", "soon", cwd=tmp_path)
    assert done.code == 2
    assert "'soon' is no date" in done.err


def test_the_data_is_read_from_an_archive(tmp_path: Path) -> None:
    """The package works from a zip, as its loader finds the data there."""
    home = Path(package.__file__).parent
    with zipfile.ZipFile(tmp_path / "regfix.zip", "w") as archive:
        for path in sorted(home.rglob("*")):
            if path.suffix in (".py", ".json"):
                archive.write(path, path.relative_to(home.parent).as_posix())
    script = "import regfix.image.catalogue as c; print(c.__file__, len(c.whole_catalogue()))"
    done = subprocess.run([sys.executable, "-c", script], env=environment(PYTHONPATH=str(tmp_path / "regfix.zip")),
                          cwd=tmp_path, capture_output=True, text=True, check=True)  # fmt: skip
    assert ".zip" in done.stdout
    assert done.stdout.split()[-1] == "20"


def test_the_data_is_in_the_wheel() -> None:
    """What the build takes is the whole package; nothing ignores the data."""
    git = shutil.which("git")
    folder = Path(package.__file__).parent / "catalogue"
    if git is None:
        pytest.skip("no git")
    ignored = subprocess.run([git, "check-ignore", "-q", str(folder / "minio.json")], cwd=folder, check=False)
    assert ignored.returncode != 0
