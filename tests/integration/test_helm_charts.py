"""Real Helm judges the overrides: only images change, each to where the rules say."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts import case, helm_template, names, pack, write_tree

RENDERED = [name for name in names() if name not in ("refused-alias", "refused-documents")]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Chart.Name }}"}
spec:
  containers:
    - {name: a, image: "{{ .Values.image }}"}
    - {name: b, image: "{{ .Values.other.registry }}/{{ .Values.other.repository }}"}
"""


def rewrite(chart: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "regfix", "rewrite", str(chart), *options]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", RENDERED)
def test_only_images_change(name: str, helm: str, tmp_path: Path) -> None:
    chart, expected, _ = case(name, tmp_path)
    before = helm_template(helm, chart)
    rewrite(chart)
    after = helm_template(helm, chart)
    if not expected.get("left"):
        assert "k8s.gcr.io" not in after
        assert after == before.replace("k8s.gcr.io", "registry.k8s.io")
    assert after.replace("registry.k8s.io", "k8s.gcr.io") == before
    assert name == "no-values" or before != after


@pytest.mark.parametrize("name", ["story-old", "story-new", "nested"])
def test_printed_overrides_do_the_same(name: str, helm: str, tmp_path: Path) -> None:
    chart = case(name, tmp_path).chart
    before = helm_template(helm, chart)
    argv = [sys.executable, "-m", "regfix", "overrides", str(chart)]
    values = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    (tmp_path / "values.yaml").write_text(values, "utf-8")
    after = helm_template(helm, chart, "-f", str(tmp_path / "values.yaml"))
    assert after == before.replace("k8s.gcr.io", "registry.k8s.io")


NAMES = ["alpha", "beta", "gamma"]


@st.composite
def trees(draw: st.DrawFn, depth: int = 2, name: str = "top", *, twice: bool = False) -> dict[str, str]:
    """The files of a chart with subcharts: listed, unlisted, aliased, nested, some values set on the way.

    Below a chart that is there `twice` none has an alias: Helm 3 loses it in the second copy.
    """
    files: dict[str, str] = {"templates/pod.yaml": POD}
    values = {"image": f"k8s.gcr.io/{name}/a:1"}
    lines = [f"image: {values['image']}", f"other: {{registry: k8s.gcr.io, repository: {name}/b}}"]
    dependencies: list[str] = []
    for sub in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)) if depth else ():
        choices: list[tuple[str, ...]] = [(), ("",), ("one",), ("one", "two"), ("", "two")]
        aliases = draw(st.sampled_from(choices[:2] if twice else choices))
        below = draw(trees(depth=depth - 1, name=sub, twice=twice or len(aliases) > 1))
        files |= {f"charts/{sub}/{path}": text for path, text in below.items()}
        for alias in aliases:
            dependencies.append(
                f"  - {{name: {sub}, version: '*', repository: '', alias: '{sub + alias if alias else ''}'}}"
            )
            key = sub + alias if alias else sub
            lines += draw(st.sampled_from([[], [f"{key}:"], [f"{key}: {{}}"], [f"{key}:", "  image: k8s.gcr.io/set:2"],
                                           [f"{key}:", "  other:", "    repository: set/b"],
                                           [f"{key}: {{global: {{x: k8s.gcr.io}}}}"]]))  # fmt: skip
    meta = f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
    files["Chart.yaml"] = meta + ("dependencies:\n" + "\n".join(dependencies) + "\n" if dependencies else "")
    files["values.yaml"] = "\n".join(lines) + draw(st.sampled_from(["\n", ""]))
    return files


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(files=trees(), packed=st.booleans())
def test_the_value_that_reaches_a_subchart_is_the_one_that_helm_renders(
    helm: str, files: dict[str, str], packed: bool
) -> None:
    # A chart's key without a value is an error of Helm 3 and 4: only its own values can hold it in a test.
    files = {path: re.sub(r"(?m)^(\w+):$(?!\n )", r"\1: {}", text) for path, text in files.items()}
    with tempfile.TemporaryDirectory() as folder:
        chart = write_tree(Path(folder) / "top", files)
        for sub in sorted((chart / "charts").iterdir()) if packed and (chart / "charts").exists() else ():
            pack(sub)
        before = helm_template(helm, chart)
        done = rewrite(chart)
        assert done.returncode == 0, done.stderr
        after = helm_template(helm, chart)
    assert after == before.replace("k8s.gcr.io", "registry.k8s.io"), files
