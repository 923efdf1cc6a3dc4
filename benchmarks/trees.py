"""Trees of files for the benchmarks, the same at each run (every random choice comes from a fixed seed).

A tree keeps two copies of each matching file beside it: `before`, to restore it ahead of a run, and `after`,
to see that a run did its whole work.
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import texts

OLD = "k8s.gcr.io"
NEW = "registry.k8s.io"

Shape = Sequence[tuple[str, texts.Kind]]

CHART: Shape = (
    ("Chart.yaml", texts.chart),
    ("values.yaml", texts.values),
    ("README.md", texts.prose),
    ("templates/_helpers.tpl", texts.helpers),
    ("templates/NOTES.txt", texts.prose),
    ("templates/deployment.yaml", texts.template),
    ("templates/cronjob.yaml", texts.cron_job),
    ("templates/service.yaml", texts.service),
    ("templates/ingress.yaml", texts.ingress),
    ("templates/configmap.yaml", texts.config_map),
)
MANIFESTS: Shape = (
    ("deployment.yaml", texts.workload),
    ("worker.yaml", texts.workload),
    ("cronjob.yaml", texts.cron_job),
    ("pod.json", texts.pod_json),
    ("service.yaml", texts.service),
    ("ingress.yaml", texts.ingress),
    ("configmap.yaml", texts.config_map),
    ("role.yaml", texts.role),
)
OPERATOR: Shape = (
    ("crds/first.yaml", texts.resource_definition),
    ("crds/second.yaml", texts.resource_definition),
    ("operator.yaml", texts.workload),
    ("role.yaml", texts.role),
)
MIXED = (CHART, MANIFESTS, MANIFESTS, OPERATOR)
PLAIN_IMAGES: tuple[Shape, ...] = (MANIFESTS[:3], (("values.yaml", texts.values),))
IMAGES: tuple[Shape, ...] = (
    MANIFESTS[:4],
    tuple(entry for entry in CHART if entry[1] in {texts.chart, texts.values, texts.template, texts.cron_job}),
)
HOOK: Shape = (
    ("deployment.yaml", texts.workload),
    ("values.yaml", texts.values),
    ("cronjob.yaml", texts.cron_job),
)
WITH_IMAGES = frozenset(kind for shape in IMAGES for _, kind in shape)


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder with files, some of them matching, and what the run must make of those."""

    root: Path
    files: int
    size: int
    matching: tuple[str, ...]

    def restore(self) -> None:
        """Bring the matching files back to their first bytes."""
        for path in self.matching:
            shutil.copyfile(beside(self.root, "before") / path, self.root / path)

    def is_rewritten(self) -> bool:
        """Whether each matching file has the bytes of a complete rewrite."""
        after = beside(self.root, "after")
        return all(filecmp.cmp(after / path, self.root / path, shallow=False) for path in self.matching)


def beside(root: Path, what: str) -> Path:
    """The folder of the copies of a tree."""
    return root.with_name(f"{root.name}.{what}")


def layout(shapes: Sequence[Shape]) -> Iterator[tuple[str, texts.Kind]]:
    """Paths and kinds without end: folders of the given shapes, 40 of them in each area."""
    number = 0
    while True:
        for path, kind in shapes[number % len(shapes)]:
            yield f"area-{number // 40:03}/{texts.WORDS[number % len(texts.WORDS)]}-{number}/{path}", kind
        number += 1


def matching_tree(root: Path, files: int, shapes: Sequence[Shape]) -> Tree:
    """A tree whose files all match."""
    return sparse_tree(root, files, files, shapes)


def sparse_tree(root: Path, files: int, matches: int, shapes: Sequence[Shape] = MIXED) -> Tree:
    """A tree of which so many files match, spread evenly over those that hold images."""
    candidates = sum(kind in WITH_IMAGES for _, kind in islice(layout(shapes), files))
    chosen = frozenset(number * candidates // matches for number in range(matches))
    made = chosen_files(islice(layout(shapes), files), chosen, Random(files))  # noqa: S311 - no secrets
    return write_tree(root, made, lambda text: text.replace(OLD, NEW))


def chosen_files(
    entries: Iterable[tuple[str, texts.Kind]], chosen: frozenset[int], rng: Random
) -> Iterator[tuple[str, str]]:
    """Paths and texts; of the files with images those match whose number was chosen."""
    candidate = -1
    for path, kind in entries:
        candidate += kind in WITH_IMAGES
        matches = kind in WITH_IMAGES and candidate in chosen
        yield path, kind(rng, (OLD,) if matches else texts.OTHER_HOSTS)


def rules_tree(root: Path, files: int, sources: Sequence[str], rewrite: Callable[[str], str]) -> Tree:
    """A tree with ten references a file; the references go through the sources in turn."""
    rng = Random(files)  # noqa: S311 - no secrets

    def images(number: int) -> list[str]:
        return [f"{sources[(number * 10 + place) % len(sources)]}/{texts.name(rng)}:1.2" for place in range(10)]

    made = ((f"area-{n // 100:03}/{n}.yaml", texts.workload_of(rng, images(n))) for n in range(files))
    return write_tree(root, made, rewrite)


def write_tree(root: Path, made: Iterable[tuple[str, str]], rewrite: Callable[[str], str]) -> Tree:
    """Write the files, a folder's marks of a project, and the copies of what a rewrite changes."""
    mark_project(root)
    files, size, matching = 0, 0, []
    for path, text in made:
        files, size = files + 1, size + write(root / path, text)
        if path.endswith("Chart.yaml"):
            write(root / Path(path).parent / ".helmignore", ".git/\n*.swp\n*.bak\n*.tmp\n.idea/\n")
        if (rewritten := rewrite(text)) != text:
            matching.append(path)
            write(beside(root, "before") / path, text)
            write(beside(root, "after") / path, rewritten)
    return Tree(root, files, size, tuple(matching))


def mark_project(root: Path) -> None:
    """Make the folder look like the root of a git project with an ignore file."""
    write(root / ".git/HEAD", "ref: refs/heads/main\n")
    write(root / ".gitignore", "*.log\n*.swp\n/build/\nnode_modules/\n")


def write(path: Path, text: str) -> int:
    """Write a file, its folder too; its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(text.encode())


def large_file(root: Path, size: int, parts: Callable[[Random, texts.Hosts], Iterator[str]]) -> Tree:
    """A tree of one file of at least that size in bytes."""
    mark_project(root)
    for folder in (beside(root, "before"), beside(root, "after")):
        folder.mkdir()
    path, written = "large.yaml", 0
    with (
        (beside(root, "before") / path).open("w") as before,
        (beside(root, "after") / path).open("w") as after,
    ):
        for part in parts(Random(size), (OLD,)):  # noqa: S311 - no secrets
            written += before.write(part)
            after.write(part.replace(OLD, NEW))
            if written >= size:
                break
    tree = Tree(root, 1, written, (path,))
    tree.restore()
    return tree
