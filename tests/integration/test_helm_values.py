"""Which value reaches which chart: what regfix computes is what Helm renders, over generated chart trees."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from charts import helm_template, write_tree
from regfix.chart.coalescing import coalesce, read_tree, switched, with_imports
from regfix.chart.tree import load_chart
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from regfix.chart.coalescing import ValuesTree

NAMES = [["alpha", "beta"], ["horn", "bell"], ["lamp", "lens"]]
DUMP = "kind: Dump\nat: {{ .Template.BasePath | quote }}\nvalues: {{ .Values | toJson | quote }}\n"


@st.composite
def own_values(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """What a chart may have in its values file."""
    values: dict[str, Any] = {"image": {"registry": f"{name}.example", "repository": f"{name}/a"}, "list": [name]}
    if draw(st.booleans()):
        values["global"] = draw(st.sampled_from([{"registry": name}, {"deep": {name: "1", "both": name}}, {}]))
    if draw(st.booleans()):
        values["exports"] = {"data": {"shared": name, f"of-{name}": "x"}}
    if draw(st.integers(0, 4)) == 0:
        values["tags"] = {draw(st.sampled_from(["one", "two"])): draw(st.booleans())}
    return values


SET = [{}, {"image": {"registry": "set.example"}}, {"image": {"repository": "set/b"}, "extra": "1"}, {"list": ["set"]},
       {"enabled": False}, {"enabled": True}, {"global": {"registry": "set"}}, {"exports": {"data": {"shared": "set"}}}]  # fmt: skip
IMPORTS = [[], ["data"], [{"child": "image", "parent": "brought"}], [{"child": "exports.data", "parent": "image"}, "data"],
           [{"child": "none", "parent": "x"}]]  # fmt: skip


@st.composite
def trees(draw: st.DrawFn, depth: int = 3, name: str = "top") -> dict[str, str]:
    """The files of a chart with subcharts: listed or not, aliased, switched off, imported from, set from above."""
    files: dict[str, str] = {"templates/dump.yaml": DUMP}
    values = draw(own_values(name))
    entries: list[dict[str, Any]] = []
    for sub in draw(st.lists(st.sampled_from(NAMES[depth - 1]), max_size=2, unique=True)) if depth else ():
        for path, text in draw(trees(depth=depth - 1, name=sub)).items():
            files[f"charts/{sub}/{path}"] = text
        choices: list[tuple[str, ...]] = [(), ("",), (sub + "one",), (sub + "one", sub + "two"), ("", sub + "two")]
        for alias in draw(st.sampled_from(choices)):
            entry: dict[str, Any] = {"name": sub, "version": draw(st.sampled_from(["*", "^1.0.0"])), "repository": ""}
            entry |= {"alias": alias} if alias else {}
            key = alias or sub
            if draw(st.integers(0, 3)) == 0:
                entry["condition"] = draw(st.sampled_from([f"{key}.enabled", f"none.x,{key}.enabled"]))
            if draw(st.integers(0, 3)) == 0:
                entry["tags"] = draw(st.sampled_from([["one"], ["one", "two"]]))
            # Helm brings the second table under one key into the first itself (MergeTables), so one chart in another's values
            imports = IMPORTS[:2] if any("image" in json.dumps(e.get("import-values")) for e in entries) else IMPORTS
            entry |= {"import-values": found} if (found := draw(st.sampled_from(imports))) else {}
            entries.append(entry)
            more = draw(st.sampled_from(SET))
            if more:
                values[key] = more
    meta: dict[str, Any] = {"apiVersion": "v2", "name": name, "version": "1.0.0"}
    files["Chart.yaml"] = json.dumps(meta | ({"dependencies": entries} if entries else {}))
    files["values.yaml"] = json.dumps(values)
    return files


def loaded(tree: ValuesTree) -> ValuesTree:
    """The tree without what is off."""
    below = ((sub, loaded(under)) for sub, under in tree.below if not (under.off or sub.only_helm_3))
    return tree._replace(below=tuple(below))


def is_shared(tree: ValuesTree, *, copied: bool = False) -> bool:
    """Whether what Helm does to the first copy of a chart changes what the second one has below it, in some runs.

    Both copies share the charts and entries below (getAliasDependency in pkg/chart/v2/util/dependencies.go), and the
    order of charts is by chance.
    """
    seen: set[str] = set()
    for sub, under in tree.below:
        again = copied or sub.chart.path in seen
        seen.add(sub.chart.path)
        entry = sub.dependency
        if copied and (sub.imports or (entry is not None and (entry.alias or entry.condition or entry.tags))):
            return True
        if is_shared(under, copied=again):
            return True
    return False


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    assert isinstance(value, Scalar)
    return json.loads(value.value) if value.plain and value.value in ("true", "false", "null") else value.value


def computed(tree: ValuesTree, values: Any) -> list[Any]:
    """The values of each chart below, in any order."""
    return [plain(values), *(found for sub, under in tree.below for found in computed(under, values[sub.key]))]


def rendered(text: str) -> list[tuple[str, Any]]:
    """The values of each chart with its path. Helm names the path of a chart below two copies after one of them."""
    pairs = re.findall(r'^at: "(.*)"\nvalues: (".*")$', text, re.M)
    return [(at, json.loads(json.loads(values))) for at, values in pairs]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(files=trees(), user=st.sampled_from([{}, {"tags": {"one": False}}, {"global": {"registry": "user"}},
                                            {"lamp": {"image": {"registry": "user"}, "horn": {"enabled": False}}}]))  # fmt: skip
def test_the_values_of_each_chart_are_those_that_helm_renders(
    helm: str, files: dict[str, str], user: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chart = write_tree(Path(folder) / "top", files)
        (Path(folder) / "user.yaml").write_text(json.dumps(user), "utf-8")
        told = rendered(helm_template(helm, chart, "-f", str(Path(folder) / "user.yaml")))
        tree = read_tree(load_chart(str(chart)), [])
    assume(not is_shared(tree))
    given_by_user = plain_data(user)
    mine = with_imports(loaded(switched(tree, given_by_user)))
    found = computed(mine, coalesce(mine, given_by_user))
    assert found[0] == dict(told)["top/templates"], files
    assert all(values in found for _, values in told), files


def plain_data(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain_data(inner) for key, inner in value.items()}
    return Scalar(json.dumps(value), plain=True) if isinstance(value, bool) else Scalar(value)
