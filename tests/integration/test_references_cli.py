"""References (R30 to R37): which text is one, and what the rules do to it."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from support import HUB, OLD, contents, diff_names, grow, moved, regfix, rewritten, rule_options

if TYPE_CHECKING:
    from pathlib import Path

    from support import Run

# --- R30: where a reference begins and ends ---

STAYS = {
    "url": "a: https://k8s.gcr.io/v2/pause/manifests/3.2\n",
    "url with port": "a: http://k8s.gcr.io:80/v2/\n",
    "url with user": "a: https://me:pass@k8s.gcr.io/v2/\n",
    "url as a parameter": "a: https://example.com/?image=k8s.gcr.io/pause\n",
    "url without scheme": "a: //k8s.gcr.io/v2/pause\n",
    "mail": "a: admin@k8s.gcr.io\n",
    "absolute path": "a: /var/lib/registry/k8s.gcr.io/pause\n",
    "relative path": "a: ./k8s.gcr.io/pause\n",
    "folder": "a: /etc/containerd/certs.d/k8s.gcr.io/hosts.toml\n",
    "prefix": "image: notk8s.gcr.io/pause:3.2\n",
    "prefix with dash": "image: my-k8s.gcr.io/pause:3.2\n",
    "prefix with underscore": "image: my_k8s.gcr.io/pause:3.2\n",
    "subdomain": "image: eu.k8s.gcr.io/pause:3.2\n",
    "suffix": "image: k8s.gcr.io.evil.com/pause:3.2\n",
    "suffix without dot": "image: k8s.gcr.iox/pause:3.2\n",
    "suffix with dash": "image: k8s.gcr.io-mirror.corp/pause:3.2\n",
    "suffix with underscore": "a: k8s.gcr.io_pause\n",
    "dot is no wildcard": "image: k8sxgcr.io/pause:3.2\n",
    "dash is no dot": "image: k8s-gcr.io/pause:3.2\n",
    "port": "image: k8s.gcr.io:443/pause:3.2\n",
    "below a host": "image: harbor.corp/k8s.gcr.io/pause:3.2\n",
    "below a host with port": "image: localhost:5000/k8s.gcr.io/pause:3.2\n",
    "below a path": "image: harbor.corp/mirror/k8s.gcr.io/pause:3.2\n",
    "below the hub": "image: mirror/k8s.gcr.io/pause:3.2\n",
    "below a variable": "image: ${REGISTRY}/k8s.gcr.io/pause:3.2\n",
    "below a kubernetes variable": "args: [--image=$(REGISTRY)/k8s.gcr.io/pause:3.2]\n",
    "below a shell variable": "args: [--image=$REGISTRY/k8s.gcr.io/pause:3.2]\n",
    "below a placeholder": "image: <registry>/k8s.gcr.io/pause:3.2\n",
    "glued to a variable": "image: ${PREFIX}k8s.gcr.io/pause:3.2\n",
    "host with a variable": "image: k8s.gcr.io${SUFFIX}/pause:3.2\n",
    "label": "metadata:\n  labels:\n    k8s.gcr.io/name: x\n",
    "tag of yaml": "a: !k8s.gcr.io/x b\n",
}
MOVES = {
    "plain": "image: k8s.gcr.io/pause:3.2\n",
    "no tag": "image: k8s.gcr.io/pause\n",
    "digest": f"image: k8s.gcr.io/pause@sha256:{'0a' * 32}\n",
    "tag and digest": f"image: k8s.gcr.io/a/b/c:v1.0_x@sha256:{'0a' * 32}\n",
    "argument": "args: [--image=k8s.gcr.io/pause:3.2, '-i', k8s.gcr.io/pause]\n",
    "variable": "env:\n- name: X\n  value: IMAGE=k8s.gcr.io/pause:3.2\n",
    "list": "a: k8s.gcr.io/a:1,k8s.gcr.io/b:2;k8s.gcr.io/c\n",
    "brackets": "a: (k8s.gcr.io/a:1) <k8s.gcr.io/b> [k8s.gcr.io/c]\n",
    "quotes inside": "a: \"'k8s.gcr.io/a:1'\"\n",
    "command": "a: docker pull k8s.gcr.io/pause:3.2 && echo\n",
    "oci": "a: oci://k8s.gcr.io/charts/x\n",
    "docker transport": "a: docker://k8s.gcr.io/pause:3.2\n",
    "comment": "a: 1 # k8s.gcr.io/pause:3.2\n# - image: k8s.gcr.io/pause:3.2\n",
    "end of a sentence": "# pull k8s.gcr.io/pause.\na: 1\n",
    "json in a string": 'a: \'{"image":"k8s.gcr.io/pause:3.2"}\'\n',
    "embedded document": "data:\n  x.yaml: |\n    image: k8s.gcr.io/pause:3.2\n",
    "block of text": "a: |\n  k8s.gcr.io/a:1\n  k8s.gcr.io/b:2\n",
    "tag with a variable": "image: k8s.gcr.io/pause:${TAG}\n",
    "path with a variable": "image: k8s.gcr.io/${NAME}:3.2\n",
    "key of a map": "overrides:\n  k8s.gcr.io/pause: x\n",
    "digest key": "images:\n  k8s.gcr.io/pause:3.2: sha256:abc\n",
    "dashes": "image: k8s.gcr.io/a--b__c.d/e-f:x-y.z\n",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """All cases of R30 after one run."""
    folder = tmp_path_factory.mktemp("written")
    for name, table in (("stays", STAYS), ("moves", MOVES)):
        grow(folder, {f"{name}/{case}.yaml": text for case, text in table.items()})
    return folder, regfix("rewrite", "--rule", "k8s.gcr.io=registry.k8s.io", cwd=folder)


@pytest.mark.parametrize("case", STAYS)
def test_r30_what_is_no_reference_to_the_host_stays(written: tuple[Path, Run], case: str) -> None:
    """R30: URLs, paths, look-alikes, what lies below another host or a placeholder; a port makes another host."""
    folder, _ = written
    assert (folder / "stays" / f"{case}.yaml").read_text() == STAYS[case]


@pytest.mark.parametrize(
    "case", [case for case, text in STAYS.items() if re.search(r"(?<![\w.-])k8s\.gcr\.io(?![\w:.-])", text)]
)
def test_r30_a_mention_that_stays_is_listed(written: tuple[Path, Run], case: str) -> None:
    """R30: with file and line, so that nobody looks for it."""
    _, run = written
    assert f"stays/{case}.yaml:" in run.err


@pytest.mark.parametrize("case", MOVES)
def test_r30_each_reference_moves_wherever_it_stands(written: tuple[Path, Run], case: str) -> None:
    """R30: the host is compared whole; the rest of the line stays."""
    folder, run = written
    assert run.code == 0
    assert (folder / "moves" / f"{case}.yaml").read_text() == moved(MOVES[case])


@pytest.mark.parametrize(("rule", "before", "after"), [
    ("localhost=a.io", "localhost/x:1", "a.io/x:1"),
    ("localhost=a.io", "localhost:5000/x:1", "localhost:5000/x:1"),
    ("localhost:5000=a.io", "localhost:5000/x:1", "a.io/x:1"),
    ("localhost:5000=a.io", "localhost:50000/x:1", "localhost:50000/x:1"),
    ("localhost:5000=a.io", "localhost/x:5000", "localhost/x:5000"),
    ("registry:5000=a.io", "registry:5000/x", "a.io/x"),
    ("a.io:443=b.io", "a.io/x:443", "a.io/x:443"),
    ("a.io=b.io:5000", "a.io/x:1", "b.io:5000/x:1"),
    ("10.0.0.1:5000=b.io", "10.0.0.1:5000/x:1", "b.io/x:1"),
    ("10.0.0.1=b.io", "110.0.0.1/x:1", "110.0.0.1/x:1"),
    ("[fd00::1]:5000=b.io", '"[fd00::1]:5000/x:1"', '"b.io/x:1"'),
    ("[fd00::1]=b.io", '"[fd00::1]:5000/x:1"', '"[fd00::1]:5000/x:1"'),
])  # fmt: skip
def test_r30_the_whole_host_with_its_port_is_compared(project: Path, rule: str, before: str, after: str) -> None:
    """R30: a port belongs to the host, a tag does not."""
    assert rewritten(project, f"image: {before}\n", "--rule", rule) == f"image: {after}\n"


# --- R31: whole components ---

GOOGLE = ("--rule", "gcr.io/google-containers=registry.k8s.io")
PATHS = {
    "gcr.io/google-containers/pause:3.2": "registry.k8s.io/pause:3.2",
    "gcr.io/google-containers/a/b": "registry.k8s.io/a/b",
    "gcr.io/google-containers-x/pause:3.2": None,
    "gcr.io/google-container/pause:3.2": None,
    "gcr.io/google/containers/pause:3.2": None,
    "gcr.io/pause:3.2": None,
    "us.gcr.io/google-containers/pause:3.2": None,
    "gcr.io/x/google-containers/pause:3.2": None,
    "gcr.io:443/google-containers/pause": None,
    "gcr.io/google-containers:3.2": None,
    "gcr.io/google-containers/{{ .x }}": "registry.k8s.io/{{ .x }}",
    "gcr.io/google-containers/pause-{{ .arch }}:3.2": "registry.k8s.io/pause-{{ .arch }}:3.2",
    "gcr.io/google-containers/${NAME}": "registry.k8s.io/${NAME}",
    "gcr.io/google-containers/$(NAME):1": "registry.k8s.io/$(NAME):1",
    "gcr.io/google-containers{{ .x }}/pause": None,
    "gcr.io/google-containers${X}/pause": None,
    "gcr.io/google-{{ .x }}/pause": None,
    "gcr.io/google-${X}": None,
    "gcr.io/{{ .project }}/pause": None,
    "gcr.io{{ .x }}/google-containers/pause": None,
    "{{ .x }}gcr.io/google-containers/pause": None,
    "$(X)/gcr.io/google-containers/pause": None,
}


@pytest.fixture(scope="module")
def by_path(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """All cases of R31 after one run."""
    folder = tmp_path_factory.mktemp("paths")
    grow(folder, {f"{number}.yaml": f'image: "{text}"\n' for number, text in enumerate(PATHS)})
    return folder, regfix("rewrite", *GOOGLE, cwd=folder)


@pytest.mark.parametrize("reference", PATHS)
def test_r31_a_path_is_matched_by_whole_components(by_path: tuple[Path, Run], reference: str) -> None:
    """R31, R35: what is glued to a placeholder is unknown and stays."""
    folder, run = by_path
    assert run.code == 0
    number = list(PATHS).index(reference)
    expected = PATHS[reference] or reference
    assert (folder / f"{number}.yaml").read_text() == f'image: "{expected}"\n'


@pytest.mark.parametrize(
    "reference",
    [r for r in PATHS if re.match(r"gcr\.io/google(-containers)?[-{$]*\{|gcr\.io/\{", r) and PATHS[r] is None],
)
def test_r31_what_a_placeholder_may_complete_is_listed(by_path: tuple[Path, Run], reference: str) -> None:
    """R31: it may be what a rule means."""
    assert f"{list(PATHS).index(reference)}.yaml:1:" in by_path[1].err


def test_r31_the_rest_of_a_move_is_never_empty(project: Path) -> None:
    """R31: a repository that is the rule's path itself would become a registry without a repository."""
    text = "image: gcr.io/google-containers:3.2\n"
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", *GOOGLE, cwd=project)
    assert (project / "x.yaml").read_text() == text
    assert "x.yaml:1:8" in run.err


# --- R32: Docker Hub ---

HUB_NAMES = ["nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx", "index.docker.io/nginx",
             "index.docker.io/library/nginx", "registry-1.docker.io/library/nginx"]  # fmt: skip


@pytest.mark.parametrize("source", ["docker.io", "index.docker.io", "registry-1.docker.io", "docker.io/library"])
def test_r32_all_names_of_docker_hub_are_one(project: Path, source: str) -> None:
    """R32: on another host the result has `library/` unless the rule replaces it."""
    text = "".join(f"- image: {name}:1.27\n" for name in HUB_NAMES)
    target = "harbor.corp/library" if source == "docker.io/library" else "harbor.corp"
    after = rewritten(project, text, "--rule", f"{source}={target}")
    assert after == "- image: harbor.corp/library/nginx:1.27\n" * len(HUB_NAMES)


@pytest.mark.parametrize("source", ["docker.io/nginx", "docker.io/library/nginx", "index.docker.io/nginx"])
def test_r32_one_image_of_docker_hub(project: Path, source: str) -> None:
    """R32: a rule for one official image, by any of its names."""
    text = "".join(f"- image: {name}:1.27\n" for name in [*HUB_NAMES, "redis", "nginxinc/nginx", "nginx-x"])
    after = rewritten(project, text, "--rule", f"{source}=harbor.corp/web")
    assert after == "- image: harbor.corp/web:1.27\n" * len(HUB_NAMES) + (
        "- image: redis:1.27\n- image: nginxinc/nginx:1.27\n- image: nginx-x:1.27\n"
    )


@pytest.mark.parametrize(("before", "after"), [
    ("bitnami/redis:7", "harbor.corp/hub/bitnami/redis:7"),
    ("docker.io/bitnami/redis:7", "harbor.corp/hub/bitnami/redis:7"),
    ("a/b/c:1", "harbor.corp/hub/a/b/c:1"),
    (f"nginx@sha256:{'0a' * 32}", f"harbor.corp/hub/library/nginx@sha256:{'0a' * 32}"),
    ("localhost/nginx", "localhost/nginx"),
    ("registry:5000/nginx", "registry:5000/nginx"),
    ("quay.io/nginx", "quay.io/nginx"),
    ("docker.io:443/nginx", "docker.io:443/nginx"),
    ("hub.docker.io/nginx", "hub.docker.io/nginx"),
    ("docker.iox/nginx", "docker.iox/nginx"),
    ("Nginx:1", "Nginx:1"),
    ("scratch", "harbor.corp/hub/library/scratch"),
])  # fmt: skip
def test_r32_what_belongs_to_docker_hub(project: Path, before: str, after: str) -> None:
    """R32: a name whose first component is no host."""
    assert rewritten(project, f"image: {before}\n", *HUB) == f"image: {after}\n"


@pytest.mark.parametrize("text", [
    "name: nginx\n", "command: [nginx, -g]\n", "value: nginx\n", "app: nginx\n", "a: https://index.docker.io/v1/\n",
    "imagePullPolicy: Always\n", "imagePullSecrets: [{name: regcred}]\n", "image: true\n", "image: 1.27\n",
    "image: photo.png\n", "image:\n", "image: ''\n", "image: null\n", "image: {}\n", "repository: https://charts.example/x\n",
])  # fmt: skip
def test_r32_a_word_that_is_no_image_stays(project: Path, text: str) -> None:
    """R32: short names count under image keys only."""
    assert rewritten(project, text, *HUB) == text


def test_r32_to_docker_hub(project: Path) -> None:
    """R32: a target on Docker Hub is written with its host."""
    text = "image: k8s.gcr.io/pause:3.2\n"
    assert rewritten(project, text, "--rule", "k8s.gcr.io=docker.io/mirror") == "image: docker.io/mirror/pause:3.2\n"


# --- R33: which rule counts ---

RULES = [
    ("a.io", "h.io/all"),
    ("a.io/x", "h.io/x"),
    ("a.io/x/y", "h.io/xy"),
    ("a.io/z", "z.io"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_r33_the_longest_match_counts_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    """R33: by components, not by letters."""
    text = "".join(f"- image: a.io/{name}:1\n" for name in ("p", "x", "x/p", "x/y", "x/y/p", "xx", "x-y", "z/p", "zz"))
    expected = "".join(
        f"- image: {name}:1\n"
        for name in (
            "h.io/all/p",
            "h.io/x",
            "h.io/x/p",
            "h.io/xy",
            "h.io/xy/p",
            "h.io/all/xx",
            "h.io/all/x-y",
            "z.io/p",
            "h.io/all/zz",
        )
    )
    assert rewritten(tmp_path, text, *rule_options(RULES[index] for index in order)) == expected


def test_r33_a_rule_is_never_applied_to_its_own_result(project: Path) -> None:
    """R33: what is at the target already, stays."""
    rule = ("--rule", "mcr.microsoft.com/oss=mcr.microsoft.com/oss/v2")
    names = {"oss/a:1": "oss/v2/a:1", "oss/v2/b:1": "oss/v2/b:1", "oss/v2x:1": "oss/v2/v2x:1"}
    before, after = (
        "".join(f"- image: mcr.microsoft.com/{name}\n" for name in side) for side in (names, names.values())
    )
    assert rewritten(project, before, *rule) == after


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]], ids=str)
def test_r33_a_chain_ends_at_its_end_at_once(project: Path, order: list[int]) -> None:
    """R33, R6: otherwise a second run would change the files again."""
    rules = [("a.io", "b.io"), ("b.io", "c.io/m"), ("c.io/m/x", "d.io/y")]
    text = "- image: a.io/p:1\n- image: b.io/p:1\n- image: a.io/x:1\n- image: c.io/p:1\n"
    assert rewritten(project, text, *rule_options(rules[index] for index in order)) == (
        "- image: c.io/m/p:1\n- image: c.io/m/p:1\n- image: d.io/y:1\n- image: c.io/p:1\n"
    )


# --- R34: split over keys ---

SPLIT_RULES = ("--rule", "k8s.gcr.io=registry.k8s.io", "--rule", "gcr.io/google-containers=registry.k8s.io", *HUB)
SPLIT = {
    "registry and repository": ("registry: k8s.gcr.io\n  repository: a/b\n  tag: 1.10", "registry.k8s.io/a/b"),
    "repository first": ("repository: a/b\n  tag: 1.10\n  registry: k8s.gcr.io", "registry.k8s.io/a/b"),
    "quoted": ("registry: \"k8s.gcr.io\"\n  repository: 'a/b'", "registry.k8s.io/a/b"),
    "slash": ("registry: k8s.gcr.io/\n  repository: a/b", "registry.k8s.io/a/b"),
    "path in the registry": ("registry: k8s.gcr.io/a\n  repository: b", "registry.k8s.io/a/b"),
    "project in the repository": ("registry: gcr.io\n  repository: google-containers/pause", "registry.k8s.io/pause"),
    "project in the registry": ("registry: gcr.io/google-containers\n  repository: pause", "registry.k8s.io/pause"),
    "another project": ("registry: gcr.io\n  repository: google/pause", "gcr.io/google/pause"),
    "look-alike project": (
        "registry: gcr.io\n  repository: google-containers-x/pause",
        "gcr.io/google-containers-x/pause",
    ),
    "hub": ("registry: docker.io\n  repository: nginx", "harbor.corp/hub/library/nginx"),
    "hub with library": ("registry: docker.io\n  repository: library/nginx", "harbor.corp/hub/library/nginx"),
    "hub with user": ("registry: docker.io\n  repository: bitnami/redis", "harbor.corp/hub/bitnami/redis"),
    "no registry": ("repository: nginx\n  tag: 1.27", "harbor.corp/hub/library/nginx"),
    "empty registry": ('registry: ""\n  repository: bitnami/redis', "harbor.corp/hub/bitnami/redis"),
    "foreign": ("registry: quay.io\n  repository: k8s.gcr.io/pause", "quay.io/k8s.gcr.io/pause"),
    "foreign short": ("registry: quay.io\n  repository: nginx", "quay.io/nginx"),
    "foreign with port": ("registry: localhost:5000\n  repository: bitnami/redis", "localhost:5000/bitnami/redis"),
    "foreign, repository first": ("repository: docker.io/nginx\n  registry: quay.io", "quay.io/docker.io/nginx"),
    "port": ("registry: k8s.gcr.io:443\n  repository: a/b", "k8s.gcr.io:443/a/b"),
    "name": ("registry: k8s.gcr.io\n  name: pause", "registry.k8s.io/pause"),
    "repository and name": ("repository: k8s.gcr.io/a\n  name: pause", "registry.k8s.io/a/pause"),
    "comments between": ("registry: k8s.gcr.io # x\n  # y\n  repository: a/b # z", "registry.k8s.io/a/b"),
}


@pytest.mark.parametrize("form", ["block", "flow", "template", "comment"])
def test_r34_split_keys_are_mapped_as_the_joined_reference(tmp_path_factory: pytest.TempPathFactory, form: str) -> None:
    """R34: below a foreign registry nothing is touched; the keys together say what one reference would."""
    folder = tmp_path_factory.mktemp("split")
    place = "templates/x.yaml" if form == "template" else "x.yaml"
    texts = {}
    for name, (body, _) in SPLIT.items():
        text = f"image:\n  {body}\n"
        if form == "flow":
            text = "image: {" + re.sub(r" #.*", "", body).replace("\n  \n", "\n").replace("\n  ", ", ") + "}\n"
        elif form == "template":
            text = "{{ if .x }}\n" + text + "{{ end }}\n"
        elif form == "comment":
            text = "a: 1\n" + "".join(f"# {line}\n" for line in re.sub(r" *#.*", "", text).splitlines() if line.strip())
        grow(folder, {f"{name}/{place}": text})
        texts[name] = text
    run = regfix("rewrite", *SPLIT_RULES, cwd=folder)
    assert run.code == 0
    failures = []
    for name, (_, expected) in SPLIT.items():
        after = (folder / name / place).read_text()
        stays = _joined(texts[name], form) == expected
        if _joined(after, form) != expected or (stays and after != texts[name]):
            failures.append((name, expected, after))
    assert failures == []


def _joined(text: str, form: str) -> str:
    if form == "template":
        text = "\n".join(text.splitlines()[1:-1])
    elif form == "comment":
        text = "\n".join(line.removeprefix("# ") for line in text.splitlines()[1:])
    image: dict[str, Any] = yaml.safe_load(text)["image"]
    return "/".join(filter(None, (str(image.get(key) or "").strip("/") for key in ("registry", "repository", "name"))))


def test_r34_a_registry_alone_is_moved_where_one_rule_decides(project: Path) -> None:
    """R34: as the global registry of a chart; else it is reported."""
    text = "global:\n  imageRegistry: k8s.gcr.io\n"
    assert rewritten(project, text) == moved(text)
    text = "global:\n  imageRegistry: gcr.io\n"
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", *GOOGLE, cwd=project)
    assert (project / "x.yaml").read_text() == text
    assert "x.yaml:2:18" in run.err


@pytest.mark.parametrize("text", [
    "auths:\n  k8s.gcr.io:\n    username: a\n    password: b\n",
    "registry: k8s.gcr.io\nusername: a\npassword: b\n",
])  # fmt: skip
def test_r34_the_registry_of_credentials_is_left_and_listed(project: Path, text: str) -> None:
    """R34: a password for one host is none for another."""
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", cwd=project)
    assert (project / "x.yaml").read_text() == text
    assert "x.yaml:" in run.err


# --- R35: placeholders ---

PLACEHOLDERS = {
    "k8s.gcr.io/pause:{{ .tag }}": True,
    "k8s.gcr.io/{{ .name }}:{{ .tag }}": True,
    "k8s.gcr.io/{{ .name }}/pause": True,
    "k8s.gcr.io/pause{{ .suffix }}": True,
    "k8s.gcr.io/pause@{{ .digest }}": True,
    "k8s.gcr.io/{{- .name -}}": True,
    "k8s.gcr.io/pause:${TAG}": True,
    "k8s.gcr.io/${NAME}": True,
    "k8s.gcr.io/pause-${ARCH}": True,
    "k8s.gcr.io/$(NAME)": True,
    "k8s.gcr.io/$NAME": True,
    "k8s.gcr.io/%s": True,
    "{{ .registry }}/pause:3.2": False,
    "{{ .registry }}/k8s.gcr.io/pause": False,
    "{{ .prefix }}k8s.gcr.io/pause": False,
    "k8s.gcr.io{{ .port }}/pause": False,
    "k8s.gcr.io:{{ .port }}/pause": False,
    "k8s.{{ .x }}.io/pause": False,
    "k8s.gcr.{{ .x }}/pause": False,
    "${X}k8s.gcr.io/pause": False,
    "${X}.k8s.gcr.io/pause": False,
    "${X:-k8s.gcr.io}x/pause": False,
    "$(X)/k8s.gcr.io/pause": False,
    "k8s.gcr.io${X}/pause": False,
    "k8s.gcr.io$(X)/pause": False,
    "k8s.gcr.io:$(PORT)/pause": False,
    "k8s.gcr.io:${PORT}/pause": False,
}


@pytest.mark.parametrize("place", ["x.yaml", "templates/x.yaml", "x.tpl"])
def test_r35_only_a_host_that_is_surely_one_changes(tmp_path_factory: pytest.TempPathFactory, place: str) -> None:
    """R35: `{{ }}`, `${}`, `$()` behind the host let it be the host; before it or glued to it, they do not."""
    folder = tmp_path_factory.mktemp("placeholders")
    grow(folder, {f"{number}/{place}": f'image: "{text}"\n' for number, text in enumerate(PLACEHOLDERS)})
    run = regfix("rewrite", "--rule", "k8s.gcr.io=registry.k8s.io", cwd=folder)
    assert run.code == 0
    wrong = []
    for number, (text, moves) in enumerate(PLACEHOLDERS.items()):
        after = (folder / f"{number}/{place}").read_text()
        if after != f'image: "{moved(text) if moves else text}"\n':
            wrong.append((text, after))
    assert wrong == []


# --- R36: kustomize ---


@cache
def kustomize() -> str:
    """Return kubectl, which builds kustomizations."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not installed")
    return path


def built_images(folder: Path) -> list[str]:
    """Return the images that `kustomize build` renders."""
    done = subprocess.run([kustomize(), "kustomize", str(folder)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return re.findall(r"image: (\S+)", done.stdout.decode())


POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p{}\nspec:\n  containers:\n  - name: c\n    image: {}\n"
KUSTOMIZATIONS = {
    "new tag": (["k8s.gcr.io/pause:3.2"], "- name: k8s.gcr.io/pause\n  newTag: '3.9'\n", ["registry.k8s.io/pause:3.9"]),
    "digest": (
        ["k8s.gcr.io/pause:3.2"],
        f"- name: k8s.gcr.io/pause\n  digest: sha256:{'0a' * 32}\n",
        [f"registry.k8s.io/pause@sha256:{'0a' * 32}"],
    ),
    "new name": (
        ["quay.io/a/pause:3.2"],
        "- name: quay.io/a/pause\n  newName: k8s.gcr.io/pause\n",
        ["registry.k8s.io/pause:3.2"],
    ),
    "both": (
        ["k8s.gcr.io/a:1"],
        "- name: k8s.gcr.io/a\n  newName: k8s.gcr.io/b\n  newTag: '2'\n",
        ["registry.k8s.io/b:2"],
    ),
    "short name": (["nginx:1.27"], "- name: nginx\n  newTag: '1.28'\n", ["harbor.corp/hub/library/nginx:1.28"]),
    "user": (["bitnami/redis:7"], "- name: bitnami/redis\n  newTag: '8'\n", ["harbor.corp/hub/bitnami/redis:8"]),
    "short new name": (
        ["quay.io/a/b:1"],
        "- name: quay.io/a/b\n  newName: nginx\n",
        ["harbor.corp/hub/library/nginx:1"],
    ),
    "short both": (["app:1"], "- name: app\n  newName: bitnami/app\n", ["harbor.corp/hub/bitnami/app:1"]),
    "placeholder": (["app:1"], "- name: app\n  newName: k8s.gcr.io/app\n", ["registry.k8s.io/app:1"]),
    "two": (
        ["k8s.gcr.io/a:1", "nginx:1"],
        "- name: nginx\n  newTag: '2'\n- name: k8s.gcr.io/a\n  newTag: '3'\n",
        ["registry.k8s.io/a:3", "harbor.corp/hub/library/nginx:2"],
    ),
    "foreign": (["quay.io/a/b:1"], "- name: quay.io/a/b\n  newTag: '2'\n", ["quay.io/a/b:2"]),
}


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_r36_what_kustomize_builds_is_mapped(project: Path, name: str) -> None:
    """R36: `name` follows the manifests that it selects, `newName` is mapped."""
    images, overrides, expected = KUSTOMIZATIONS[name]
    pods = {f"pod{number}.yaml": POD.format(number, image) for number, image in enumerate(images)}
    grow(project, pods | {"kustomization.yaml": f"resources: [{', '.join(pods)}]\nimages:\n{overrides}"})
    built_images(project)
    run = regfix("rewrite", *SPLIT_RULES, cwd=project)
    assert run.code == 0
    assert built_images(project) == expected


@pytest.mark.parametrize("image", ["k8s.gcr.io/pause", "nginx"])
def test_r36_a_selector_of_manifests_that_are_not_rewritten(project: Path, image: str) -> None:
    """R36: the base lies outside of the paths; its images must still be selected."""
    grow(project, {
        "base/pod.yaml": POD.format(0, f"{image}:1"),
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "overlay/kustomization.yaml": f"resources: [../base]\nimages:\n- name: {image}\n  newTag: '2'\n",
    })  # fmt: skip
    assert regfix("rewrite", *SPLIT_RULES, "overlay", cwd=project).code == 0
    assert [name.rpartition(":")[2] for name in built_images(project / "overlay")] == ["2"]
    assert regfix("rewrite", *SPLIT_RULES, "overlay", "base", cwd=project).code == 0
    assert [name.rpartition(":")[2] for name in built_images(project / "overlay")] == ["2"]
    assert f"name: {image}\n" not in (project / "overlay/kustomization.yaml").read_text()


# --- R37: Chart.yaml ---

CHART = """\
apiVersion: v2
name: app
version: 1.2.3
appVersion: "3.2"
icon: https://k8s.gcr.io/icon.png
home: https://k8s.gcr.io/
sources: [https://k8s.gcr.io/source, 'https://github.com/k8s.gcr.io/x']
dependencies:
- name: a
  version: 1.10
  repository: oci://k8s.gcr.io/charts
- name: nginx
  version: ~1.0
  repository: https://k8s.gcr.io/charts
- name: redis
  version: 7.x
  repository: oci://registry-1.docker.io/bitnamicharts
- name: local
  version: 0.1.0
  repository: file://../k8s.gcr.io
- name: alias
  version: 0.1.0
  repository: "@k8s.gcr.io"
annotations:
  artifacthub.io/images: |
    - name: pause
      image: k8s.gcr.io/pause:3.2
"""


def test_r37_of_a_chart_only_image_and_oci_references_move(project: Path) -> None:
    """R37: never plain URLs, versions or names."""
    expected = (
        CHART.replace("oci://k8s.gcr.io", "oci://registry.k8s.io")
        .replace("image: k8s.gcr.io", "image: registry.k8s.io")
        .replace("oci://registry-1.docker.io", "oci://harbor.corp/hub")
    )
    assert rewritten(project, CHART, *SPLIT_RULES, name="Chart.yaml") == expected


def test_r36_r37_a_dry_run_shows_the_same(project: Path) -> None:
    """R36, R37, R4: kustomizations and charts are no exception."""
    grow(project, {"Chart.yaml": CHART, "kustomization.yaml": "images:\n- name: x.io/a\n  newName: k8s.gcr.io/b\n"})
    shown = diff_names(regfix("rewrite", "--dry-run", cwd=project).stdout)
    before = contents(project)
    regfix("rewrite", cwd=project)
    after = contents(project)
    assert sorted(shown) == sorted(name for name in before if before[name] != after[name])
    assert all(OLD not in line for line in os.fsdecode(after["kustomization.yaml"]).splitlines())
