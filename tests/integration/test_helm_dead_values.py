"""Real Helm judges the dead values: whatever they are set to, nothing changes in what it renders."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts import CASES, case, helm_template, names, pack, write_tree
from regfix.chart.coalescing import coalesce, read_tree
from regfix.chart.merging import put
from regfix.chart.tree import load_chart
from regfix.reads.chart import chart_reads
from regfix.syntax.yamltree import Data, Scalar
from regfix.syntax.yamlwrite import Style, block_lines
from snippets import SNIPPETS, written

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
PATHS = ("registry", "image.registry", "image.repository", "deep.image.registry")


def as_file(texts: list[str]) -> str:
    """Return templates as a file whose render is YAML, whatever they print."""
    defined = {f"part {zlib.crc32(text.encode())}": text for text in texts}  # named templates are known to all charts
    parts = "".join(f'{{{{ define "{name}" }}}}{text}{{{{ end }}}}\n' for name, text in defined.items())
    return parts + MAP + "".join(f'  "{name}": {{{{ include "{name}" . | toJson }}}}\n' for name in defined)


def marked(folder: Path, paths: list[tuple[str, ...]]) -> tuple[str, str]:
    """Write a values file in which each path has a marker of its own."""
    values: dict[str, Data] = {}
    for number, path in enumerate(paths):
        put(values, path, Scalar(f"marker-{number}.example.com"))
    (folder / "marked.yaml").write_text("".join(line + "\n" for line in block_lines(values, 0, Style())), "utf-8")
    return "-f", str(folder / "marked.yaml")


def assert_dead_values_do_nothing(helm: str, chart: Path, paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Set all paths that are not read at once, and see that nothing changes; return them."""
    reads = chart_reads(load_chart(str(chart)))
    dead = [path for path in paths if not reads.is_read(path)]
    before = helm_template(helm, chart)
    assert helm_template(helm, chart, *marked(chart.parent, dead)) == before
    return dead


def test_every_way_to_read(helm: str, tmp_path: Path) -> None:
    numbers = [number for number, snippet in enumerate(SNIPPETS) if snippet.exact]  # the others may read all
    parts = [written(number, SNIPPETS[number]) for number in numbers]
    chart = write_tree(tmp_path / "top", {
        "Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\n",
        "values.yaml": "".join(values for _, _, values in parts),
        "templates/_helpers.tpl": "".join(helpers for _, helpers, _ in parts),
        "templates/map.yaml": as_file([text for text, _, _ in parts]),
    })  # fmt: skip
    paths = [(f"k{number}", *path.split(".")) for number in numbers for path in PATHS]
    dead = assert_dead_values_do_nothing(helm, chart, paths)
    assert len(dead) > len(paths) // 2
    live = [path for path in paths if path not in dead]
    after = helm_template(helm, chart, *marked(tmp_path, live))
    for path in live:
        snippet = SNIPPETS[int(path[0][1:])]
        if snippet.printed:
            assert f"marker-{live.index(path)}.example.com" in after, (path, snippet)


@st.composite
def trees(draw: st.DrawFn, name: str = "top", depth: int = 2) -> dict[str, str]:
    """The files of a chart that reads some of its values and some of its subcharts', with helpers used all over."""
    numbers = draw(st.lists(st.integers(0, len(SNIPPETS) - 1), min_size=1, max_size=6, unique=True))
    parts = [written(number, SNIPPETS[number]) for number in numbers]
    texts, helpers, values = ([part[place] for part in parts] for place in range(3))
    files, dependencies = {}, []
    for sub in draw(st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True)) if depth else ():
        below = draw(trees(sub, depth - 1))
        files |= {f"charts/{sub}/{path}": text for path, text in below.items()}
        alias = draw(st.sampled_from(["", f"{sub}x"]))
        imports = draw(st.sampled_from(["[]", "[{child: k0.image, parent: k1.image}]", "[{child: k2, parent: k3}]"]))
        condition = draw(st.sampled_from(["", f"{alias or sub}.k0.registry"]))
        dependencies.append(f"  - {{name: {sub}, version: '*', repository: '', alias: '{alias}', "
                            f"condition: '{condition}', import-values: {imports}}}\n")  # fmt: skip
        key = alias or sub
        texts += draw(st.lists(st.sampled_from([
            f"{{{{ ((.Values.{key}).k0).registry }}}}", f"{{{{ (((index .Subcharts \"{key}\").Values).k1).registry }}}}",
            f"{{{{ with (.Values.{key}).k2 }}}}{{{{ .image.repository }}}}{{{{ end }}}}",
            f"{{{{ toYaml (.Values.{key}).k3 }}}}", "{{ with .Values.global }}{{ .registry }}{{ end }}",
        ]), max_size=2))  # fmt: skip
    files["Chart.yaml"] = f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n" + (
        "dependencies:\n" + "".join(dependencies) if dependencies else ""
    )
    files["values.yaml"] = "".join(values) + "global: {}\n"
    files["templates/_helpers.tpl"] = "".join(helpers)
    files["templates/map.yaml"] = as_file(texts)
    return files


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(files=trees(), packed=st.booleans())
def test_dead_values_of_generated_charts_do_nothing(helm: str, files: dict[str, str], packed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chart = write_tree(Path(folder) / "top", files)
        for sub in sorted((chart / "charts").iterdir()) if packed and (chart / "charts").exists() else ():
            pack(sub)
        chains = chart_reads(load_chart(str(chart))).chains
        keys = [f"k{number}" for number in range(len(SNIPPETS)) if f"k{number}:" in "".join(files.values())]
        paths = [(*chain, key, *path.split(".")) for chain in sorted(chains) for key in keys for path in PATHS]
        paths += [(*chain, "global", "registry") for chain in sorted(chains)]
        assert_dead_values_do_nothing(helm, chart, paths)


@pytest.mark.parametrize("name", [name for name in names() if (CASES / name / "chart" / "values.yaml").exists()])
def test_dead_values_of_the_cases_do_nothing(name: str, helm: str, tmp_path: Path) -> None:
    if name.startswith("refused"):
        pytest.skip("its values are none to Helm")
    chart = case(name, tmp_path).chart
    loaded = load_chart(str(chart))
    chains = chart_reads(loaded).chains
    held = [path for path in _paths(coalesce(read_tree(loaded, []), {}), ()) if path[-1] != "enabled"]
    asked = [(*chain, *path.split(".")) for chain in chains for path in (*PATHS, "global.imageRegistry", "hub")]
    taken = {path[:size] for path in held for size in range(1, len(path) + 1)}
    free = [path for path in asked if not any(path[:size] in held for size in range(1, len(path) + 1))]
    dead = assert_dead_values_do_nothing(helm, chart, [*held, *(path for path in free if path not in taken)])
    assert dead


def _paths(values: Data, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(values, dict):
        return [found for key, value in values.items() for found in _paths(value, (*path, key))]
    return [path] if isinstance(values, Scalar) else []
