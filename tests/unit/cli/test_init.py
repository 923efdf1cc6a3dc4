"""`regfix init`: settings that hold, with what was found; never over others unless that is asked for."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from regfix import __main__ as entry
from regfix.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Init = Callable[..., tuple[int, str, str]]

TREE = """\
image: k8s.gcr.io/pause:3.9
---
image: bitnami/redis:7.4
---
args: [--image=quay.io/team/app:1, --image=lab.example.net:5000/app:2]
---
image: lab.example.net:5000/app:1
"""


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Init:
    """Run `regfix init` in a folder with some registries."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(TREE)

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["regfix", "init", *arguments])
        return entry._run(), *capfd.readouterr()

    return run


def test_what_is_written_are_settings(init: Init, tmp_path: Path) -> None:
    code, out, err = init()
    assert (code, out) == (0, "")
    assert err == ".regfix.yaml written: 4 registries found\n"
    text = (tmp_path / ".regfix.yaml").read_text()
    assert "#       2  lab.example.net:5000  ./a.yaml:5:44: lab.example.net:5000/app:2\n" in text
    assert "#       1  quay.io               ./a.yaml:5:16: quay.io/team/app:1\n" in text
    settings = load_settings(str(tmp_path / ".regfix.yaml"))
    assert (settings.presets, settings.rules, settings.mirror) == (("kubernetes",), (), None)
    assert re.search(r"^#   - bitnami  # concerns 1 reference", text, re.MULTILINE), "needs a look"


def test_what_stands_in_comments_are_settings_too(init: Init, tmp_path: Path) -> None:
    text = init("--dry-run")[1]
    assert not (tmp_path / ".regfix.yaml").exists()
    head, rest = text.split("presets:\n")
    rest = re.sub(r"(?m)^# ?(?=(?:rules|mirror|exclude|comments|text):|  +\S)", "", rest)
    (tmp_path / "all.yaml").write_text(head + "presets:\n" + rest)
    settings = load_settings(str(tmp_path / "all.yaml"))
    assert [str(rule.source) for rule in settings.rules] == [
        "docker.io",
        "k8s.gcr.io",
        "lab.example.net:5000",
        "quay.io",
    ]
    assert settings.mirror is not None
    assert "bitnami" in settings.presets
    assert (settings.exclude, settings.comments, settings.text) == (("testdata/",), True, False)


def test_others_are_replaced_by_force_only(init: Init, tmp_path: Path) -> None:
    mine = tmp_path / ".regfix.yaml"
    mine.write_text("presets: []\n")
    code, out, err = init()
    assert (code, out, mine.read_text()) == (2, "", "presets: []\n")
    assert "there are settings already" in err
    code, page, _ = init("-o", "-")
    assert (code, mine.read_text()) == (0, "presets: []\n"), "shown, not written"
    assert init("--force", "-q") == (0, "", "")
    assert mine.read_text() == page


def test_a_folder_without_references_and_other_places(init: Init, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert init("empty", "-o", "mine.yaml")[0] == 0
    assert "#   none\n" in (tmp_path / "mine.yaml").read_text()
    assert load_settings(str(tmp_path / "mine.yaml")).presets == ("kubernetes",)
    assert init("missing")[0] == init("a.yaml")[0] == init("a", "b")[0] == init("-o", "no/such.yaml")[0] == 2


def test_names_of_files_are_no_yaml(init: Init, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").rename(tmp_path / "a\nrules: {b.io: c.io}.yaml")
    assert init()[0] == 0
    assert load_settings(str(tmp_path / ".regfix.yaml")).rules == ()


def test_a_file_that_cannot_be_read_is_told(init: Init, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("image: quay.io/a\n  b: [\n")
    code, _, err = init()
    assert code == 2
    assert "b.yaml:2" in err
    assert load_settings(str(tmp_path / ".regfix.yaml")).presets == ("kubernetes",)
