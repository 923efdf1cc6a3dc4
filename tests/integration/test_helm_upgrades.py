"""`regfix upgrades` with the real Helm: chart repositories over HTTP, registries, folders."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from charts import tree_bytes, write_tree
from repository import packed, publish, registry, served
from support import environment, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from repository import Site
    from support import Run

META = "apiVersion: v2\nname: {}\nversion: {}\n"
OLD, NEW, OTHER = "image: k8s.gcr.io/bell:1\n", "image: registry.k8s.io/bell:1\n", "image: quay.io/bells/bell:1\n"
ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "upgrades.schema.json").read_text("utf-8"))
LINE = {"1.0.0": OLD, "1.1.0": OLD, "1.2.0": NEW, "1.2.1": NEW, "2.0.0-rc.1": NEW, "2.0.0": OTHER}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a home of its own for Helm and an empty temporary folder."""
    folder = tmp_path / "home"
    (folder / "tmp").mkdir(parents=True)
    homes = {f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return environment(HOME=str(folder), TMPDIR=str(folder / "tmp"), **homes)


def archives(name: str, line: Mapping[str, str]) -> list[tuple[str, str, bytes]]:
    return [(name, version, packed(name, version, {"values.yaml": values})) for version, values in line.items()]


@pytest.fixture(scope="module")
def site(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A chart repository with a chart that leaves the old registry in 1.2.0, and one that never does."""
    folder = tmp_path_factory.mktemp("site")
    stuck = dict.fromkeys(("1.0.0", "1.1.0", "3.0.0"), OLD)
    nested = packed(
        "mid", "1.1.0", {"charts/bell/Chart.yaml": META.format("bell", "1.2.0"), "charts/bell/values.yaml": NEW}
    )
    publish(folder, helm, *archives("bell", LINE), *archives("stuck", stuck), ("mid", "1.1.0", nested),
            *archives("many", {f"{n}.0.0": OLD if n < 70 else NEW for n in range(1, 101)}))  # fmt: skip
    with served(folder) as site:
        yield site


def chart(folder: Path, *dependencies: str, vendored: Mapping[str, str] | None = None, **files: str) -> Path:
    """A chart with dependencies, and vendored copies: name and version to values."""
    lines = "".join(f"  - {{{one}}}\n" for one in dependencies)
    tree = {"Chart.yaml": META.format("top", "1.0.0") + (f"dependencies:\n{lines}" if lines else "")}
    for copy, values in (vendored or {}).items():
        name, _, version = copy.partition(" ")
        tree |= {f"charts/{name}/Chart.yaml": META.format(name, version), f"charts/{name}/values.yaml": values}
    return write_tree(folder / "top", tree | {name.replace("__", "/"): text for name, text in files.items()})


def upgrades(helm: str, folder: Path, env: dict[str, str], *options: str) -> Run:
    before = tree_bytes(folder / "top")
    run = regfix("upgrades", "top", "--helm", helm, *options, cwd=folder, env=env)
    assert tree_bytes(folder / "top") == before
    assert os.listdir(env["TMPDIR"]) == []
    return run


def report(helm: str, folder: Path, env: dict[str, str], *options: str) -> dict[str, Any]:
    run = upgrades(helm, folder, env, "--format=json", *options)
    found: dict[str, Any] = json.loads(run.out)
    [one] = found["dependencies"]
    jsonschema.validate(found, SCHEMA)
    assert run.code == (2 if one["state"] == "failed" else 0 if one["state"] == "clean" else 1)
    return dict(one)


def bell(site: Site | str, wanted: str, more: str = "") -> str:
    url = site if isinstance(site, str) else site.url
    return f"name: bell, version: '{wanted}', repository: '{url}'{more}"


@pytest.mark.parametrize(("wanted", "in_range", "todo"), [
    ("^1.0.0", True, "helm dependency update top"), ("~1.0.0", False, "version: ~1.2.0"),
    ("1.0.0", False, "version: 1.2.0"), (">=1.0.0 <1.2", False, "version: ^1.2.0"), ("1.0.x", False, "version: ^1.2.0"),
])  # fmt: skip
def test_the_first_clean_version(
    wanted: str, in_range: bool, todo: str, helm: str, site: Site, home: dict[str, str], tmp_path: Path
) -> None:
    chart(tmp_path, bell(site, wanted), vendored={"bell 1.0.0": OLD})
    one = report(helm, tmp_path, home)
    assert (one["atHand"], one["firstClean"], one["inRange"], one["newest"]) == ("1.0.0", "1.2.0", in_range, "2.0.0")
    assert (one["state"], one["complete"], one["todo"]) == ("upgrade", True, todo)
    assert [held["reference"] for held in one["references"]] == ["k8s.gcr.io/bell:1"]
    assert {seen["version"]: seen["clean"] for seen in one["looked"]}["1.1.0"] is False


def test_what_is_not_vendored_is_fetched(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "~1.1.0", ", alias: ding"))
    one = report(helm, tmp_path, home)
    assert (one["key"], one["atHand"], one["firstClean"], one["inRange"]) == ("ding", "1.1.0", "1.2.0", False)


def test_what_is_clean_asks_for_nothing(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "^1"), vendored={"bell 1.1.5": OTHER})
    asked = len(site.asked)
    run = upgrades(helm, tmp_path, home)
    assert (run.code, run.out, run.err) == (0, "", "0 of 1 dependency with references that move\n")
    assert len(site.asked) == asked
    assert report(helm, tmp_path, home)["state"] == "clean"


def test_charts_of_one_name_in_two_repositories(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, *archives("bell", {"1.0.0": OLD, "1.0.9": OTHER}))
    with served(tmp_path / "site") as second:
        chart(tmp_path, bell(site, "^1"), bell(second, "^1", ", alias: ding"), vendored={"bell 1.0.0": OLD})
        run = upgrades(helm, tmp_path, home)
    rows = [line.split()[:5] for line in run.out.splitlines()[1:]]
    assert rows == [["bell", "1.0.0", "1.2.0", "yes", "2.0.0"], ["ding", "1.0.0", "1.0.9", "yes", "1.0.9"]]


def test_a_chart_that_its_repository_no_longer_has(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "^1").replace("bell", "bel"), vendored={"bel 1.0.0": OLD})
    one = report(helm, tmp_path, home)
    assert (one["state"], "no chart of this name" in one["error"]) == ("failed", True)


def test_none_is_clean(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "^1").replace("bell", "stuck"), vendored={"stuck 1.0.0": OLD})
    one = report(helm, tmp_path, home)
    assert (one["state"], one["firstClean"], one["inRange"], one["newest"]) == ("none", None, None, "3.0.0")
    run = upgrades(helm, tmp_path, home)
    assert run.code == 1
    assert run.out.splitlines()[1].split() == ["stuck", "1.0.0", "none", "3.0.0"]


def test_the_limit_holds_and_is_told(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "^1").replace("bell", "many"), vendored={"many 1.0.0": OLD})
    asked = len(site.downloads())
    one = report(helm, tmp_path, home, "--max=10")
    assert (one["firstClean"], one["complete"], one["newest"]) == ("70.0.0", False, "100.0.0")
    assert len(site.downloads()) - asked == len(one["looked"]) == 10
    run = upgrades(helm, tmp_path, home, "--max=1")
    assert "many: an earlier version may be clean: 1 were downloaded (--max)" in run.err
    for wrong in ("0", "-1", "x", "1" * 30):
        assert upgrades(helm, tmp_path, home, f"--max={wrong}").code == 2


def test_other_rules(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "^1"), vendored={"bell 1.0.0": OLD})
    one = report(helm, tmp_path, home, "--rule=registry.k8s.io=harbor.corp/k8s", "--rule=k8s.gcr.io=harbor.corp/k8s")
    assert (one["firstClean"], one["inRange"], one["todo"]) == ("2.0.0", False, "version: ^2.0.0")


def test_a_value_that_no_template_reads_does_not_count(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    pods = {"1.1.0": ".Values.image", "1.2.0": ".Values.other", "2.0.0": ".Values.image"}
    files = {
        version: {"values.yaml": OLD, "templates/pod.yaml": f"image: {{{{ {value} }}}}\n"}
        for version, value in pods.items()
    }
    publish(
        tmp_path / "site", helm, *(("bell", version, packed("bell", version, tree)) for version, tree in files.items())
    )
    with served(tmp_path / "site") as site:
        chart(tmp_path, bell(site, "^1"), vendored={"bell 1.0.0": OLD})
        assert report(helm, tmp_path, home)["firstClean"] == "1.2.0"


def test_charts_within_charts(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    """What a dependency brings with it counts as its own; a chart that comes from nowhere is looked into."""
    inner = META.format("own", "1.0.0") + f"dependencies:\n  - {{{bell(site, '^1')}}}\n"
    chart(
        tmp_path, f"name: mid, version: ^1.0.0, repository: '{site.url}'", "name: own, version: 1.0.0",
        vendored={"mid 1.0.0": "", "own 1.0.0": OLD}, charts__mid__charts__bell__values_yaml=OLD,
    )  # fmt: skip
    top = tmp_path / "top" / "charts"
    (top / "mid/charts/bell/values_yaml").rename(top / "mid/charts/bell/values.yaml")
    write_tree(top, {"mid/charts/bell/Chart.yaml": META.format("bell", "1.0.0"), "own/Chart.yaml": inner,
                     "own/charts/bell/Chart.yaml": META.format("bell", "1.1.0"),
                     "own/charts/bell/values.yaml": OLD})  # fmt: skip
    found = json.loads(upgrades(helm, tmp_path, home, "--format=json").out)["dependencies"]
    assert [(one["key"], one["atHand"], one["firstClean"]) for one in found] == [
        ("mid", "1.0.0", "1.1.0"), ("own.bell", "1.1.0", "1.2.0"),
    ]  # fmt: skip
    assert found[0]["references"][0]["keyPath"] == "bell.image"


@pytest.mark.parametrize(("values", "version", "state", "todo"), [
    (NEW, "1.1.0", "upgrade", "helm dependency update top"), (OLD, "1.1.0", "none", "regfix rewrite top/../bell"),
    (NEW, "2.0.0", "upgrade", "version: ^2.0.0"),
])  # fmt: skip
def test_folders(
    values: str, version: str, state: str, todo: str, helm: str, home: dict[str, str], tmp_path: Path
) -> None:
    chart(tmp_path, bell("file://../bell", "^1"), vendored={"bell 1.0.0": OLD})
    write_tree(tmp_path / "bell", {"Chart.yaml": META.format("bell", version), "values.yaml": values})
    one = report(helm, tmp_path, home)
    assert (one["state"], one["newest"], one["todo"]) == (state, version, todo)


def test_a_registry(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    with registry(tmp_path / "oci") as oci:
        env = {**home, "SSL_CERT_FILE": str(oci.certificate)}
        for name, version, data in archives("bell", LINE):
            (tmp_path / f"{name}-{version}.tgz").write_bytes(data)
            oci.push(helm, tmp_path / f"{name}-{version}.tgz", "charts")
        chart(tmp_path, bell(f"oci://{oci.host}/charts", "~1.1.0"))
        one = report(helm, tmp_path, env)
        assert (one["atHand"], one["firstClean"], one["inRange"], one["newest"]) == ("1.1.0", "1.2.0", False, "2.0.0")
        assert one["complete"] is True
        chart(tmp_path, bell(f"oci://{oci.host}/none", "~1.1.0"), vendored={"bell 1.1.0": OLD})
        one = report(helm, tmp_path, env)
        assert one["state"] == "failed"
        assert f"bell was not fetched from oci://{oci.host}/none: " in one["error"]


def test_what_fails_is_told_and_the_rest_goes_on(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(
        tmp_path, bell(site, "^1"), bell("http://anna:s3cret@127.0.0.1:1", "^1", ", alias: ding"),
        f"name: gong, version: ^1, repository: '{site.url}'", vendored={"bell 1.0.0": OLD},
    )  # fmt: skip
    run = upgrades(helm, tmp_path, home)
    assert run.code == 2
    assert "top/Chart.yaml: ding was not fetched from http://***@127.0.0.1:1: " in run.err
    assert "top/Chart.yaml: gong was not fetched" in run.err
    assert "s3cret" not in run.said
    assert "s3cret" not in upgrades(helm, tmp_path, home, "--format=json").said
    rows = [line.split()[:3] for line in run.out.splitlines()[1:]]
    assert rows == [["bell", "1.0.0", "1.2.0"], ["ding", "1.0.0", "?"]]


def test_a_version_that_cannot_be_read_is_told(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, *archives("bell", LINE))
    (tmp_path / "site" / "bell-1.2.0.tgz").write_bytes(b"<html>")
    (tmp_path / "site" / "bell-1.2.1.tgz").unlink()
    with served(tmp_path / "site") as site:
        chart(tmp_path, bell(site, "^1"), vendored={"bell 1.0.0": OLD})
        run = upgrades(helm, tmp_path, home)
    assert run.code == 1
    assert run.out.splitlines()[1].split()[:5] == ["bell", "1.0.0", "2.0.0", "no", "2.0.0"]
    assert "bell: 1.2.0 was not looked into: " in run.err
    assert "bell: 1.2.1 was not looked into: " in run.err
    assert "404" in run.err


def test_a_password_of_the_users_configuration(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, *archives("bell", LINE))
    with served(tmp_path / "site", "anna:s3cret") as site:
        chart(tmp_path, bell(site, "^1"), vendored={"bell 1.0.0": OLD})
        assert report(helm, tmp_path, home)["state"] == "failed"
        add = [helm, "repo", "add", "here", site.url, "--username", "anna", "--password", "s3cret"]
        subprocess.run(add, check=True, capture_output=True, env=home)
        assert report(helm, tmp_path, home)["firstClean"] == "1.2.0"


def test_the_table(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, bell(site, "~1.0.0"), bell(site, "^1", ", alias: ding"), vendored={"bell 1.0.0": OLD})
    run = upgrades(helm, tmp_path, home, "-v")
    assert run.code == 1
    assert run.out == (
        "DEPENDENCY   AT HAND   FIRST CLEAN   IN RANGE   NEWEST   TO DO\n"
        "bell         1.0.0     1.2.0         no         2.0.0    version: ~1.2.0\n"
        "ding         1.0.0     1.2.0         yes        2.0.0    helm dependency update top\n"
    )
    assert "bell.image: k8s.gcr.io/bell:1 -> registry.k8s.io/bell:1\n" in run.err
    assert run.err.endswith("2 of 2 dependencies with references that move\n")
    assert "2 of 2" not in upgrades(helm, tmp_path, home, "-q").err


def test_the_page_shows_what_is_printed(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "upgrade-dependencies.md").read_text("utf-8")
    images = {name: f"image: k8s.gcr.io/{name}:1.0\n" for name in ("bell", "horn")}
    lines = {
        "bell": {"1.0.0": images["bell"], "1.0.3": images["bell"], "1.2.0": NEW, "2.1.0": NEW},
        "horn": {"1.0.0": images["horn"], "1.5.0": images["horn"]}, "lamp": {"1.4.0": NEW},
    }  # fmt: skip
    publish(tmp_path / "site", helm, *(one for name, line in lines.items() for one in archives(name, line)))
    meta = re.search(r"```yaml file=(\S+)\n(.*?)```", text, re.DOTALL)
    assert meta is not None
    with served(tmp_path / "site") as site:
        files = {
            meta[1]: meta[2].replace("https://charts.example.com", site.url),
            "lighthouse/values.yaml": "replicas: 1\n",
        }
        write_tree(tmp_path, files)
        (tmp_path / "lighthouse" / "charts").mkdir()
        write_tree(tmp_path / "lighthouse" / "charts", {"horn/Chart.yaml": META.format("horn", "1.0.0"),
                                                        "horn/values.yaml": images["horn"]})  # fmt: skip
        shown = re.findall(r"```text command\n\$ regfix (.*?)\n(.*?)```", text, re.DOTALL)
        assert len(shown) == 2
        for command, output in shown:
            run = regfix(*command.split(), "--helm", helm, cwd=tmp_path, env=home)
            assert run.out + run.err == output
