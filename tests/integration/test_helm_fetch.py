"""`--fetch`: the real Helm brings what is not vendored, from real repositories, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from charts import helm_template, tgz, tree_bytes, write_tree
from regfix.chart.lock import digests
from regfix.syntax.yamltree import Scalar, load_mapping
from repository import packed, publish, registry, served
from support import MODULE, Run, environment, regfix, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repository import Registry, Site

POD = "kind: Pod\nspec: {containers: [{image: '{{ .Values.image }}'}]}\n"
META = "apiVersion: v2\nname: top\nversion: 1.0.0\n"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0")


def bell(version: str) -> bytes:
    """A chart whose reference tells its version."""
    return packed("bell", version, {"values.yaml": f"image: k8s.gcr.io/bell:{version}\n", "templates/pod.yaml": POD})


@pytest.fixture(scope="module")
def site(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A chart repository over HTTP."""
    folder = tmp_path_factory.mktemp("site")
    publish(folder, helm, *(("bell", version, bell(version)) for version in VERSIONS))
    with served(folder) as site:
        yield site


@pytest.fixture(scope="module")
def oci(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """An OCI registry with the same charts."""
    folder = tmp_path_factory.mktemp("oci")
    with registry(folder) as running:
        for version in VERSIONS:
            archive = folder / f"bell-{version}.tgz"
            archive.write_bytes(bell(version))
            running.push(helm, archive, "charts")
        yield running


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a home of its own for Helm and an empty temporary folder."""
    return home_in(tmp_path / "home")


def home_in(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(parents=True)
    homes = {f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return environment(HOME=str(folder), TMPDIR=str(folder / "tmp"), **homes)


def chart(folder: Path, repository: str, wanted: str = "^1.0.0", more: str = "", **files: str) -> Path:
    entry = f"  - {{name: bell, version: '{wanted}', repository: '{repository}'{more}}}\n"
    tree = {"Chart.yaml": META + "dependencies:\n" + entry, "values.yaml": "size: 1\n"}
    return write_tree(folder / "top", tree | {name.replace("__", "/"): text for name, text in files.items()})


def fetch(helm: str, folder: Path, env: dict[str, str], *options: str) -> Run:
    run = regfix("rewrite", "top", "--fetch", "--helm", helm, *options, cwd=folder, env=env)
    assert os.listdir(env["TMPDIR"]) == []
    return run


def values(folder: Path) -> str:
    return (folder / "top" / "values.yaml").read_text("utf-8")


def test_overrides_are_those_of_a_vendored_copy(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    top = chart(tmp_path, site.url, more=", alias: ding")
    before = tree_bytes(top)
    run = fetch(helm, tmp_path, home)
    assert (run.code, "not vendored" in run.said) == (0, False)
    assert values(tmp_path) == "size: 1\nding:\n  image: registry.k8s.io/bell:1.2.0\n"
    assert {name for name, data in tree_bytes(top).items() if before.get(name) != data} == {"values.yaml"}
    subprocess.run([helm, "dependency", "build", str(top)], check=True, capture_output=True, env=home)
    assert "image: 'registry.k8s.io/bell:1.2.0'" in helm_template(helm, top)
    assert regfix("rewrite", "top", "--check", cwd=tmp_path).code == 0


def test_without_the_option_nothing_is_asked_for(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, site.url)
    asked = len(site.asked)
    run = regfix("rewrite", "top", "--helm", helm, cwd=tmp_path, env=home)
    assert "1 dependency not vendored" in run.err
    assert (values(tmp_path), len(site.asked)) == ("size: 1\n", asked)
    command = (sys.executable, "-X", "importtime", "-m", "regfix")
    run = regfix("rewrite", "top", cwd=tmp_path, command=command)
    assert ("regfix.overrides.needed" in run.err, "regfix.helm" in run.err) == (True, False)


def lock(top: Path, locked: str) -> None:
    """Write the lock file that Helm would write for the chart as it is."""
    listed = load_mapping((top / "Chart.yaml").read_text("utf-8"), "Chart.yaml")["dependencies"]
    assert isinstance(listed, list)
    [entry] = listed
    assert isinstance(entry, dict)
    now = {**entry, "version": Scalar(locked)}
    repository = entry["repository"].value  # type: ignore[union-attr]
    text = f"dependencies:\n- name: bell\n  repository: {repository}\n  version: {locked}\n"
    [digest, *_] = digests(listed, [{key: now[key] for key in ("name", "repository", "version")}])
    (top / "Chart.lock").write_text(f"{text}digest: {digest}\ngenerated: '2024-01-02T03:04:05Z'\n", "utf-8")


def test_a_valid_lock_file_decides(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    top = chart(tmp_path, site.url)
    lock(top, "1.1.0")
    assert fetch(helm, tmp_path, home).code == 0
    assert values(tmp_path) == "size: 1\nbell:\n  image: registry.k8s.io/bell:1.1.0\n"
    subprocess.run([helm, "repo", "add", "here", site.url], check=True, capture_output=True, env=home)
    subprocess.run([helm, "dependency", "build", str(top)], check=True, capture_output=True, env=home)
    assert os.listdir(top / "charts") == ["bell-1.1.0.tgz"]


def test_a_stale_lock_file_does_not_count(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    lock(chart(tmp_path, site.url), "1.1.0")
    top = chart(tmp_path, site.url, ">=1.0.0 <1.2.0 || 2.x")
    assert fetch(helm, tmp_path, home).code == 0
    assert values(tmp_path) == "size: 1\nbell:\n  image: registry.k8s.io/bell:2.0.0\n"
    subprocess.run([helm, "dependency", "update", str(top)], check=True, capture_output=True, env=home)
    assert os.listdir(top / "charts") == ["bell-2.0.0.tgz"]


@pytest.mark.parametrize("spelled", ["@here", "alias:here"])
def test_repositories_of_the_users_configuration(
    spelled: str, helm: str, site: Site, home: dict[str, str], tmp_path: Path
) -> None:
    chart(tmp_path, spelled)
    run = fetch(helm, tmp_path, home)
    assert (run.code, "here: no repositories found" in run.err) == (2, True)
    subprocess.run([helm, "repo", "add", "here", site.url], check=True, capture_output=True, env=home)
    assert fetch(helm, tmp_path, home).code == 0
    assert values(tmp_path) == "size: 1\nbell:\n  image: registry.k8s.io/bell:1.2.0\n"


def test_a_fresh_index_counts_and_the_users_own_stays(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, ("bell", "1.0.0", bell("1.0.0")))
    with served(tmp_path / "site") as site:
        subprocess.run([helm, "repo", "add", "here", site.url], check=True, capture_output=True, env=home)
        before = tree_bytes(tmp_path / "home")
        publish(tmp_path / "site", helm, ("bell", "1.5.0", bell("1.5.0")))
        chart(tmp_path, site.url + "/")
        assert fetch(helm, tmp_path, home).code == 0
    assert values(tmp_path) == "size: 1\nbell:\n  image: registry.k8s.io/bell:1.5.0\n"
    after = tree_bytes(tmp_path / "home")
    assert {name: data for name, data in after.items() if name in before} == before


def test_the_users_password_is_used_and_never_told(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, ("bell", "1.0.0", bell("1.0.0")))
    with served(tmp_path / "site", "anna:s3cret") as site:
        top = chart(tmp_path, site.url)
        run = fetch(helm, tmp_path, home)
        assert (run.code, "401" in run.err) == (2, True)
        wrong = site.url.replace("://", "://anna:wr0ng@")
        chart(tmp_path, wrong)
        for options in ((), ("--format", "json"), ("-v",)):
            run = fetch(helm, tmp_path, home, *options)
            assert (run.code, "wr0ng" in run.said, "***@127.0.0.1" in run.said) == (2, False, True)
        assert "wr0ng" not in regfix("rewrite", "top", "--format=json", cwd=tmp_path, env=home).said
        chart(tmp_path, site.url.replace("://", "://anna:s3cret@"))
        assert fetch(helm, tmp_path, home).code == 0
        assert "registry.k8s.io/bell:1.0.0" in values(tmp_path)
        chart(tmp_path, site.url)
        add = [helm, "repo", "add", "here", site.url, "--username", "anna", "--password", "s3cret"]
        subprocess.run(add, check=True, capture_output=True, env=home)
        assert fetch(helm, tmp_path, home).code == 0
        assert "registry.k8s.io/bell:1.0.0" in (top / "values.yaml").read_text("utf-8")


@pytest.mark.parametrize(("wanted", "comes"), [("~1.1", "1.1.0"), ("1.0.0", "1.0.0")])
def test_registries(wanted: str, comes: str, helm: str, oci: Registry, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, f"oci://{oci.host}/charts", wanted)
    run = fetch(helm, tmp_path, home)
    assert (run.code, "certificate" in run.err) == (2, True)
    assert fetch(helm, tmp_path, {**home, "SSL_CERT_FILE": str(oci.certificate)}).code == 0
    assert values(tmp_path) == f"size: 1\nbell:\n  image: registry.k8s.io/bell:{comes}\n"


def test_what_cannot_be_fetched_is_told_and_the_rest_goes_on(
    helm: str, site: Site, home: dict[str, str], tmp_path: Path
) -> None:
    more = (f"}}\n  - {{name: horn, version: 1.0.0, repository: '{site.url}'}}\n"
            "  - {name: gong, version: 1.0.0, repository: 'http://127.0.0.1:1'}\n"
            f"  - {{name: lute, repository: '{site.url}'}}\n"
            "  - {name: near, version: 1.0.0, repository: 'file://../near'")  # fmt: skip
    top = chart(tmp_path, site.url, more=more)
    write_tree(tmp_path / "near", {"Chart.yaml": META.replace("top", "near"), "values.yaml": "image: k8s.gcr.io/n:1\n"})
    (top / "values.yaml").write_text("image: k8s.gcr.io/own:1\n", "utf-8")
    run = fetch(helm, tmp_path, home)
    assert run.code == 2
    assert "top/Chart.yaml: horn was not fetched" in run.err
    assert "no chart name found" in run.err
    assert "top/Chart.yaml: gong was not fetched from http://127.0.0.1:1: " in run.err
    assert "connection refused" in run.err
    assert "lute was not fetched" in run.err
    assert "gives no version" in run.err
    assert "near was not fetched" not in run.err
    assert values(tmp_path) == ("image: registry.k8s.io/own:1\nbell:\n  image: registry.k8s.io/bell:1.2.0\n"
                                "near:\n  image: registry.k8s.io/n:1\n")  # fmt: skip


HOSTILE = {
    "no chart": tgz({"bell/values.yaml": b"image: k8s.gcr.io/x:1\n"}),
    "escapes": tgz({"../../bell/Chart.yaml": b"name: bell\n", "bell/x": b""}),
    "another": packed("horn", "1.0.0", {}),
    "another version": packed("bell", "3.0.0", {}),
    "bomb": tgz({"bell/Chart.yaml": META.replace("top", "bell").encode(), "bell/zeros": b"\0" * (80 << 20)}),
    "cut": bell("1.0.0")[:-40],
    "no archive": b"<html>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_comes_is_not_trusted(kind: str, helm: str, home: dict[str, str], tmp_path: Path) -> None:
    publish(tmp_path / "site", helm, ("bell", "1.0.0", bell("1.0.0")))
    (tmp_path / "site" / "bell-1.0.0.tgz").write_bytes(HOSTILE[kind])
    with served(tmp_path / "site") as site:
        top = chart(tmp_path, site.url)
        before = tree_bytes(tmp_path)
        run = fetch(helm, tmp_path, home)
    assert run.code == 2, run.said
    assert "error: " in run.err
    assert {name: tree_bytes(tmp_path)[name] for name in before} == before
    assert not (top / "charts").exists()


def test_what_no_value_reaches_is_told(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    fixed = packed("bell", "1.0.0", {"templates/pod.yaml": "image: k8s.gcr.io/fixed:1\n"})
    publish(tmp_path / "site", helm, ("bell", "1.0.0", fixed))
    with served(tmp_path / "site") as site:
        chart(tmp_path, site.url)
        run = fetch(helm, tmp_path, home)
    assert run.code == 0
    assert "  top/charts/bell-1.0.0.tgz!bell/templates/pod.yaml:1:8: k8s.gcr.io/fixed:1\n" in run.err


def test_values_files_beside_get_their_part(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, site.url, ci__test_values="bell: {size: 2}\n")
    asked = len(site.downloads())
    assert fetch(helm, tmp_path, home, "--dry-run").code == 0
    assert len(site.downloads()) - asked == 1
    assert values(tmp_path) == "size: 1\n"


def test_overrides_of_what_helm_fetches(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, site.url)
    without = regfix("overrides", "top", cwd=tmp_path, env=home)
    assert (without.code, without.out) == (0, "")
    assert "1 dependency not vendored" in without.err
    options = ("--fetch", "--helm", helm)
    run = regfix("overrides", "top", *options, cwd=tmp_path, env=home)
    assert (run.code, run.out) == (0, "bell:\n  image: registry.k8s.io/bell:1.2.0\n")
    subprocess.run([helm, "repo", "add", "here", site.url], check=True, capture_output=True, env=home)
    subprocess.run([helm, "repo", "update"], check=True, capture_output=True, env=home)
    run = regfix("overrides", "here/bell", "--version", "~1.1", *options, cwd=tmp_path, env=home)
    assert (run.code, run.out) == (0, "image: registry.k8s.io/bell:1.1.0\n")
    run = regfix("overrides", f"{site.url}/bell-2.0.0.tgz", *options, cwd=tmp_path, env=home)
    assert (run.code, run.out) == (0, "image: registry.k8s.io/bell:2.0.0\n")
    (tmp_path / ".regfix.yaml").write_text("rules:\n  k8s.gcr.io: harbor.corp/k8s\n", "utf-8")
    run = regfix("overrides", "here/bell", *options, cwd=tmp_path, env=home)
    assert (run.code, run.out) == (0, "image: harbor.corp/k8s/bell:2.0.0\n")
    run = regfix("overrides", "here/none", *options, cwd=tmp_path, env=home)
    assert (run.code, run.out, "here/none: not fetched: " in run.err) == (2, "", True)
    assert os.listdir(home["TMPDIR"]) == []


def test_overrides_of_a_chart_in_a_registry(helm: str, oci: Registry, home: dict[str, str], tmp_path: Path) -> None:
    env = {**home, "SSL_CERT_FILE": str(oci.certificate)}
    reference = f"oci://{oci.host}/charts/bell"
    run = regfix("overrides", reference, "--version=^1", "--fetch", "--helm", helm, cwd=tmp_path, env=env)
    assert (run.code, run.out) == (0, "image: registry.k8s.io/bell:1.2.0\n")


@pytest.mark.parametrize(("arguments", "said"), [
    (("rewrite", "top", "--fetch", "--vendored=ignore"), "--fetch is for overrides"),
    (("rewrite", "top", "--fetch", "--helm=/no/helm"), "no such program"),
    (("overrides", "top", "--version=1"), "--version goes with --fetch"),
    (("overrides", "here/bell"), "--fetch"),
])  # fmt: skip
def test_what_does_not_fit_together(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    chart(tmp_path, "http://127.0.0.1:1")
    run = regfix(*arguments, cwd=tmp_path)
    assert (run.code, said in run.err) == (2, True)


def test_the_report_in_json(helm: str, home: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, "http://127.0.0.1:1")
    report = json.loads(fetch(helm, tmp_path, home, "--format=json").out)
    errors = [source["error"] for source in report["sources"] if source["error"]]
    assert len(errors) == 1
    assert "bell was not fetched from http://127.0.0.1:1" in errors[0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interruption_leaves_nothing(number: int, code: int, home: dict[str, str], tmp_path: Path) -> None:
    slow = tmp_path / "helm"
    slow.write_text('#!/bin/sh\ntouch "$HOME/started"\nexec sleep 60\n', "utf-8")
    slow.chmod(0o755)
    before = tree_bytes(chart(tmp_path, "http://127.0.0.1:1"))
    argv = [*MODULE, "rewrite", "top", "--fetch", "--helm", str(slow)]
    with subprocess.Popen(argv, cwd=tmp_path, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until((tmp_path / "home" / "started").exists)
        assert os.listdir(home["TMPDIR"]) != []
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (code, b"")
    assert os.listdir(home["TMPDIR"]) == []
    assert tree_bytes(tmp_path / "top") == before


def test_one_chart_under_two_names(helm: str, site: Site, home: dict[str, str], tmp_path: Path) -> None:
    top = chart(
        tmp_path, site.url, more=f"}}\n  - {{name: bell, version: ^1.0.0, repository: '{site.url}', alias: ding"
    )
    asked = len(site.downloads())
    assert fetch(helm, tmp_path, home).code == 0
    assert len(site.downloads()) - asked == 1
    image = "  image: registry.k8s.io/bell:1.2.0\n"
    assert values(tmp_path) == f"size: 1\nbell:\n{image}ding:\n{image}"
    subprocess.run([helm, "dependency", "update", str(top)], check=True, capture_output=True, env=home)
    assert helm_template(helm, top).count("registry.k8s.io/bell:1.2.0") == 2


ODD = [
    r"a\0b",
    "--help",
    "-x",
    "../x",
    "a/b/c",
    "",
    r"\n",
    "@",
    "alias:",
    "oci://",
    "oci:///x",
    "file",
    "x" * 3000,
    "::",
    "%",
]


@pytest.mark.parametrize("command", ["rewrite", "upgrades"])
def test_a_chart_that_cannot_be_read_is_told(command: str, tmp_path: Path) -> None:
    entry = "dependencies: [{name: bell, version: 1.0.0, repository: 'http://127.0.0.1:1'}]\n"
    write_tree(tmp_path / "top", {"Chart.yaml": META + entry + "name: twice\n", "values.yaml": "size: 1\n"})
    options = ("--fetch",) if command == "rewrite" else ()
    run = regfix(command, "top", *options, "--helm", sys.executable, cwd=tmp_path)
    assert (run.code, run.err.count("error: top/Chart.yaml")) == (2, 1)
    (tmp_path / "top" / "Chart.yaml").write_text(META + entry + "name: k8s.gcr.io/a:1\n", "utf-8")
    run = regfix(command, "top", *options, "--helm", sys.executable, cwd=tmp_path)
    assert (run.code, run.err.count("error: top/Chart.yaml")) == (2, 1)


@pytest.mark.parametrize("command", ["rewrite", "upgrades"])
def test_odd_words_of_a_chart_are_no_options_and_no_crash(
    command: str, helm: str, site: Site, home: dict[str, str], tmp_path: Path
) -> None:
    entries = "".join(f'  - {{name: "{odd or "x"}", version: "1.0.0", repository: "{site.url}", alias: a{n}}}\n'
                      f'  - {{name: bell, version: "{odd}", repository: "{site.url}", alias: b{n}}}\n'
                      f'  - {{name: bell, version: "1.0.0", repository: "{odd}", alias: c{n}}}\n'
                      for n, odd in enumerate(ODD))  # fmt: skip
    write_tree(tmp_path / "top", {"Chart.yaml": META + "dependencies:\n" + entries, "values.yaml": "size: 1\n"})
    before = tree_bytes(tmp_path / "top")
    options = ("--fetch",) if command == "rewrite" else ()
    run = regfix(command, "top", *options, "--helm", helm, cwd=tmp_path, env=home, timeout=300)
    assert run.code == 2
    assert "unexpected" not in run.err
    assert "\0" not in run.err
    assert tree_bytes(tmp_path / "top") == before
    assert os.listdir(home["TMPDIR"]) == []


def test_a_mirror_that_needs_to_know_each_repository(
    helm: str, site: Site, home: dict[str, str], tmp_path: Path
) -> None:
    """What only a fetched chart names is looked at, too, before the rules of a mirror are made."""
    chart(tmp_path, site.url)
    run = fetch(helm, tmp_path, home, "--mirror-to", "harbor.acme.example/{registry_path}-{repository_path}")
    assert run.code == 0, run.said
    assert values(tmp_path) == "size: 1\nbell:\n  image: harbor.acme.example/k8s-gcr-io-bell:1.2.0\n"
