"""Rules (R60, R63, R65 to R67): what is one, what they may not do together, what they write."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from support import OLD, PAUSE, contents, grow, measured, regfix, rewritten, rule_options, states

if TYPE_CHECKING:
    from pathlib import Path

MALFORMED = {
    "empty": "",
    "blank": " ",
    "scheme": "https://a.io",
    "oci scheme": "oci://a.io",
    "docker scheme": "docker://a.io/x",
    "no scheme": "//a.io",
    "blank inside": "a.io/x y",
    "blank in front": " a.io",
    "blank behind": "a.io ",
    "tab": "a.io\t",
    "line feed": "a.io\n",
    "line feed inside": "a.io\nb: c",
    "carriage return": "a.io\r",
    "escape": "a.io\x1b[31m",
    "bell": "a.io\x07",
    "delete": "a.io\x7f",
    "c1": "a.io\x9b31m",
    "nel": "a.io\x85",
    "line separator": "a.io\u2028x",
    "bidi": "a.io\u202e",
    "zero width": "a.io\u200b",
    "single quote": "a.io/'x",
    "double quote": 'a.io/"x',
    "backtick": "a.io/`x",
    "braces": "a.io/{x}",
    "template": "{{ .x }}/y",
    "bracket": "a.io/[x]",
    "comma": "a.io,b.io",
    "comment": "a.io #x",
    "hash": "a.io#x",
    "colon": "a.io: x",
    "star": "a.io/*",
    "anchor": "&a.io",
    "dollar": "${X}/y",
    "percent": "a.io/%s",
    "backslash": "a.io\\x",
    "upper-case path": "a.io/Proj",
    "tag": "a.io/x:1",
    "digest": "a.io/x@sha256:" + "0a" * 32,
    "no host": "proj/x",
    "name": "nginx",
    "port without number": "a.io:",
    "port with letters": "a.io:http",
    "port and blank": "a.io: 5000",
    "two slashes": "a.io//x",
    "slashes only": "/",
    "leading slash": "/a.io/x",
    "leading dash in the path": "a.io/-x",
    "trailing dash in the path": "a.io/x-",
    "leading dot": ".a.io",
    "trailing dot": "a.io.",
    "two dots": "a..io",
    "leading dash": "-a.io",
    "parent": "a.io/../x",
    "user": "me@a.io",
    "query": "a.io/x?y=z",
    "letters of another script": "\u00e4.io",
    "full-width": "\uff41.io/x",
    "other digits": "a.io:\u0665\u0660",
    "too long": "a.io/" + "x" * 300,
    "brackets without address": "[]:5000",
}


@pytest.mark.parametrize("side", ["from", "to"])
@pytest.mark.parametrize("name", MALFORMED)
def test_r60_a_malformed_side_is_refused(tmp_path: Path, name: str, side: str) -> None:
    """R60: with a message that names it, nothing written; a rule cannot inject YAML."""
    grow(tmp_path, {"x.yaml": PAUSE})
    before = states(tmp_path)
    text = f"{MALFORMED[name]}=b.io" if side == "from" else f"{OLD}={MALFORMED[name]}"
    run = regfix("rewrite", "--rule", text, cwd=tmp_path)
    assert (run.code, states(tmp_path)) == (2, before)
    assert "--rule" in run.err
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u200b]", run.err) is None
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["", "k8s.gcr.io", "=", "k8s.gcr.io=", "=b.io", "a.io=b.io=c.io", "a.io->b.io", "a.io==b.io"]
)
def test_r60_what_is_no_rule_is_refused(project: Path, text: str) -> None:
    """R60: OLD=NEW, once."""
    grow(project, {"x.yaml": PAUSE})
    run = regfix("rewrite", "--rule", text, cwd=project)
    assert (run.code, (project / "x.yaml").read_text()) == (2, PAUSE)


@pytest.mark.parametrize(("rule", "result"), [
    (f"{OLD}=b.io", "b.io/pause:3.2"),
    (f"{OLD}/=b.io/", "b.io/pause:3.2"),
    (f"{OLD}=b.io:5000/x/y", "b.io:5000/x/y/pause:3.2"),
    (f"{OLD}=localhost", "localhost/pause:3.2"),
    (f"{OLD}=localhost:5000/x", "localhost:5000/x/pause:3.2"),
    (f"{OLD}=registry:5000", "registry:5000/pause:3.2"),
    (f"{OLD}=10.0.0.1", "10.0.0.1/pause:3.2"),
    (f"{OLD}=b.io/a--b__c.d", "b.io/a--b__c.d/pause:3.2"),
    (f"{OLD}=xn--bcher-kva.example/x", "xn--bcher-kva.example/x/pause:3.2"),
    (f"{OLD}/pause=b.io/stop", "b.io/stop:3.2"),
])  # fmt: skip
def test_r60_well_formed_rules_are_taken(project: Path, rule: str, result: str) -> None:
    """R60: hosts with ports, addresses, paths."""
    assert rewritten(project, PAUSE, "--rule", rule) == f"image: {result}\n"


CONFLICTS = {
    "plain": ["a.io=b.io", "a.io=c.io"],
    "slash": ["a.io/=b.io", "a.io=c.io"],
    "hub hosts": ["docker.io=b.io", "index.docker.io=c.io"],
    "hub hosts, registry-1": ["registry-1.docker.io/x=b.io", "docker.io/x=c.io"],
    "hub library": ["docker.io/nginx=b.io/nginx", "docker.io/library/nginx=c.io/nginx"],
    "hub library, other host": ["index.docker.io/library/nginx=b.io/nginx", "docker.io/nginx=c.io/nginx"],
    "path": ["a.io/x/y=b.io", "a.io/x/y=b.io/z"],
}


@pytest.mark.parametrize("order", ["as given", "reversed"])
@pytest.mark.parametrize("name", CONFLICTS)
def test_r63_conflicting_rules_are_errors(project: Path, name: str, order: str) -> None:
    """R63: also where only normalising shows it, and among others."""
    rules = ["q.io=r.io", *CONFLICTS[name], "s.io=t.io"]
    rules = rules if order == "as given" else rules[::-1]
    grow(project, {"x.yaml": "image: a.io/x:1\n"})
    run = regfix("rewrite", *(piece for rule in rules for piece in ("--rule", rule)), cwd=project)
    assert run.code == 2
    assert "conflict" in run.err
    assert (project / "x.yaml").read_text() == "image: a.io/x:1\n"


@pytest.mark.parametrize("rules", [
    ["a.io=b.io", "a.io=b.io"], ["a.io=b.io", "a.io/=b.io"], ["docker.io=b.io", "index.docker.io=b.io"],
    ["a.io=b.io", "a.io/x=c.io"],
])  # fmt: skip
def test_r63_the_same_rule_twice_is_none(project: Path, rules: list[str]) -> None:
    """R63: presets and settings may say the same."""
    options = [piece for rule in rules for piece in ("--rule", rule)]
    assert rewritten(project, "image: a.io/p:1\n", *options) in ("image: b.io/p:1\n", "image: a.io/p:1\n")


CYCLES = {
    "two": [("a.io", "b.io"), ("b.io", "a.io")],
    "three": [("a.io", "b.io"), ("b.io", "c.io"), ("c.io", "a.io")],
    "paths": [("a.io", "b.io/x"), ("b.io", "a.io")],
    "hub": [("docker.io", "a.io"), ("a.io", "index.docker.io")],
    "growing": [("a.io/x", "b.io"), ("b.io", "a.io/x/y")],
    "into a part": [("a.io", "b.io"), ("b.io/x", "a.io/x")],
}


@pytest.mark.parametrize("name", CYCLES)
def test_r33_r63_cycles_are_errors_in_any_order(project: Path, name: str) -> None:
    """R33, R63: they are named, nothing is written."""
    grow(project, {"x.yaml": "image: a.io/x/p:1\n"})
    for order in itertools.permutations(CYCLES[name]):
        run = regfix("rewrite", *rule_options(order), cwd=project)
        assert run.code == 2
        assert "cycle" in run.err
        assert all(old.removeprefix("index.") in run.err for old, _ in CYCLES[name])
    assert (project / "x.yaml").read_text() == "image: a.io/x/p:1\n"


@pytest.mark.parametrize("rule", ["k8s.gcr.io=registry.k8s.io", "k8s.gcr.io/a.b=registry.k8s.io"])
def test_r65_rules_are_literal_text(project: Path, rule: str) -> None:
    """R65: a dot is a dot."""
    text = (
        "- image: k8sxgcr.io/a.b/c\n- image: k8s.gcr-io/a.b/c\n- image: k8s.gcr.io/axb/c\n- image: k8s.gcr.io/a.b/c\n"
    )
    after = rewritten(project, text, "--rule", rule).splitlines()
    assert after[:2] == text.splitlines()[:2]
    assert after[2:] == (
        ["- image: registry.k8s.io/axb/c", "- image: registry.k8s.io/a.b/c"] if rule.startswith("k8s.gcr.io=")
        else ["- image: k8s.gcr.io/axb/c", "- image: registry.k8s.io/c"]
    )  # fmt: skip


MANY = 10_000


@pytest.mark.parametrize("kind", ["hosts", "paths"])
def test_r66_ten_thousand_rules_over_twenty_thousand_references(project: Path, kind: str) -> None:
    """R66, R65: within 60 s; the rules come from the settings."""
    if kind == "hosts":
        rules = [(f"r{n}.example.com", f"new.corp/r{n}") for n in range(MANY)]
    else:
        rules = [(f"example.com/team{n}", f"new.corp/t{n}") for n in range(MANY)]
    lines = [(f"{rules[n % MANY][0]}/app{n}:1", f"{rules[n % MANY][1]}/app{n}:1") for n in range(2 * MANY)]
    grow(project, {
        ".regfix.yaml": "rules:\n" + "".join(f"  {old}: {new}\n" for old, new in rules),
        "x.yaml": "".join(f"- image: {old}\n" for old, _ in lines),
    })  # fmt: skip
    run = measured("rewrite", "-q", "x.yaml", cwd=project, timeout=60)
    assert run.code == 0, run.err
    assert (project / "x.yaml").read_text() == "".join(f"- image: {new}\n" for _, new in lines)


@pytest.mark.parametrize("kind", ["chain", "fan", "nested"])
def test_r65_rules_that_lead_to_each_other_are_linear_too(project: Path, kind: str) -> None:
    """R65, R19: a long chain, many rules into what many others move, a long nesting: within 60 s."""
    count = 3000
    if kind == "chain":
        rules = [(f"r{n}.io", f"r{n + 1}.io") for n in range(count)]
    elif kind == "fan":
        rules = [(f"a{n}.io", "hub.io") for n in range(count)] + [
            (f"hub.io/p{n}", f"new.io/p{n}") for n in range(count)
        ]
    else:
        rules = [("a.io" + "/x" * n, f"b{n}.io") for n in range(100)]
    grow(project, {".regfix.yaml": "rules:\n" + "".join(f"  {old}: {new}\n" for old, new in rules),
                   "x.yaml": f"image: {rules[0][0]}/p1:1\n"})  # fmt: skip
    run = measured("rewrite", "-q", "x.yaml", cwd=project, timeout=60)
    assert run.code == 0, run.err
    expected = {"chain": f"r{count}.io/p1", "fan": "new.io/p1", "nested": "b0.io/p1"}[kind]
    assert (project / "x.yaml").read_text() == f"image: {expected}:1\n"


QUOTING = {
    "plain": "image: k8s.gcr.io/pause:3.2\n",
    "flow": "{image: k8s.gcr.io/pause:3.2, b: 1}\n",
    "sequence": "- k8s.gcr.io/pause:3.2\n- [k8s.gcr.io/pause:3.2, x]\n",
    "comment behind": "image: k8s.gcr.io/pause:3.2 # c\n",
    "key": "k8s.gcr.io/pause:3.2: x\n",
    "registry": "image:\n  registry: k8s.gcr.io\n  repository: pause\n",
    "registry in flow": "image: {registry: k8s.gcr.io, repository: pause}\n",
    "quoted": "image: 'k8s.gcr.io/pause:3.2'\na: \"k8s.gcr.io/pause:3.2\"\n",
    "literal": "image: |-\n  k8s.gcr.io/pause:3.2\n",
    "folded": "image: >-\n  k8s.gcr.io/pause:3.2\n",
    "next line": "image:\n  k8s.gcr.io/pause:3.2\n",
    "anchor": "image: &a k8s.gcr.io/pause:3.2\nb: {image: *a}\n",
    "argument": "args: [--image=k8s.gcr.io/pause:3.2]\n",
    "json": '{"image":"k8s.gcr.io/pause:3.2"}\n',
    "words": "a: docker pull k8s.gcr.io/pause:3.2\n",
    "embedded": "a: |\n  image: k8s.gcr.io/pause:3.2\n",
    "json in a string": 'a: \'{"image": "k8s.gcr.io/pause:3.2"}\'\n',
}
TARGETS = ["[fd00::1]:5000", "[fd00::1]", "[fd00::1]:5000/mirror", "12:30", "1.5", "1e3.5", "12:30/x", "0.1:8"]


@pytest.mark.parametrize("target", TARGETS)
def test_r67_a_value_that_needs_quotes_gets_them_or_is_refused(tmp_path: Path, target: str) -> None:
    """R67: the file stays YAML, and whoever reads it gets the planned text, not a number or a list."""
    grow(tmp_path, {f"{name}.yaml": text for name, text in QUOTING.items()})
    before = contents(tmp_path)
    run = regfix("rewrite", "--rule", f"k8s.gcr.io={target}", cwd=tmp_path)
    failures = []
    for name, data in contents(tmp_path).items():
        if data == before[name]:
            if name not in run.err:
                failures.append((name, "neither moved nor named"))
            continue
        planned = _replaced(yaml.safe_load(before[name]), "k8s.gcr.io", target)
        try:
            found = yaml.safe_load(data)
        except yaml.YAMLError as error:
            found = error
        if found != planned:
            failures.append((name, data))
    assert failures == []


def _replaced(value: object, old: str, new: str) -> object:
    if isinstance(value, dict):
        return {_replaced(key, old, new): _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return value.replace(old, new) if isinstance(value, str) else value


@pytest.mark.parametrize("target", ["[fd00::1]:5000", "12:30", "1.5"])
def test_r67_in_templates_and_comments(project: Path, target: str) -> None:
    """R67: a template is quoted or left and reported; a comment is no YAML."""
    text = "{{ if .x }}\nregistry: k8s.gcr.io\nimage: k8s.gcr.io/pause:3.2\n{{ end }}\n# image: k8s.gcr.io/pause:3.2\n"
    grow(project, {"templates/x.yaml": text})
    run = regfix("rewrite", "--rule", f"k8s.gcr.io={target}", cwd=project)
    after = (project / "templates/x.yaml").read_text()
    rendered = "\n".join(line for line in after.splitlines() if "{{" not in line)
    if OLD in rendered:
        assert "templates/x.yaml:" in run.err
    rest = {key: value for key, value in yaml.safe_load(rendered).items() if OLD not in str(value)}
    assert all(value == {"registry": target, "image": f"{target}/pause:3.2"}[key] for key, value in rest.items())
