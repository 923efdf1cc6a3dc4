"""The cases: what is timed, against what, and which ratio is demanded."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import texts
import trees
from clusters import kubectl, large_cluster
from loop_of_git import LOOP, WHO, Projects
from measure import Command, Usage, in_turn
from registries import Registry, far_away, registry
from report import Row, against, at_most
from trees import NEW, OLD, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TREE_MEMORY = 40  # MB
LINEAR = 1.25  # what a file, an edit or a megabyte may cost in the larger run, in units of the smaller one
INDEPENDENT = 1.5  # the same for 10,000 rules instead of 100
BULK = 1 / 2  # of the wall time of a shell loop
PIPE = rf"-l -F {OLD} . | xargs sed -i 's#k8s\.gcr\.io#{NEW}#g'"


@dataclass(frozen=True, slots=True)
class Bench:
    """What every case needs: the command to time, ripgrep, an empty folder, and the scale."""

    regfix: tuple[str, ...]
    rg: str
    folder: Path
    quick: bool

    def scaled(self, count: int) -> int:
        """A number of files or bytes, a tenth of it in a quick run."""
        return count // 10 if self.quick else count

    def rounds(self, count: int) -> int:
        """How often to run."""
        return min(count, 3) if self.quick else count

    def rewrite(self, tree: Tree, *arguments: str) -> Command:
        """A run of regfix over a tree, which is restored before and looked at after."""
        argv = (*self.regfix, "rewrite", *arguments)
        return Command(argv, tree.root, tree.restore, tree.is_rewritten)

    def move(self, tree: Tree) -> Command:
        """The same with the one rule that the peers know too."""
        return self.rewrite(tree, ".", "--rule", f"{OLD}={NEW}")

    def sed(self, tree: Tree) -> Command:
        """The pipe of ripgrep and sed."""
        argv = ("sh", "-c", f"{shlex.quote(self.rg)} {PIPE}")
        return Command(argv, tree.root, tree.restore, tree.is_rewritten)


def cpu(runs: Sequence[Usage]) -> list[float]:
    """The processor seconds of each run."""
    return [use.cpu for use in runs]


def wall(runs: Sequence[Usage]) -> list[float]:
    """The clock seconds of each run."""
    return [use.wall for use in runs]


def memory(runs: Sequence[Usage]) -> list[float]:
    """The peak of each run in megabytes."""
    return [use.memory for use in runs]


def described(what: str, tree: Tree) -> str:
    """The case's name with the size of its tree."""
    return f"{what}: {tree.files:,} files, {tree.size / 1e6:.1f} MB"


def compared(case: str, own: Command, peer: Command, rounds: int, limit: float) -> Iterator[Row]:
    """CPU with its limit, and the clock without."""
    mine, other = in_turn((own, peer), rounds)
    yield against(case, "CPU", cpu(mine), cpu(other), limit=limit)
    yield against(case, "wall", wall(mine), wall(other))
    yield at_most(case, "peak RSS", memory(mine), TREE_MEMORY, "MB")


def no_match(bench: Bench) -> Iterator[Row]:
    """A large tree with nothing to do, against ripgrep."""
    tree = trees.sparse_tree(bench.folder / "tree", bench.scaled(50_000), 0)
    peer = Command((bench.rg, "-l", "-F", OLD, "."), tree.root, exit_code=1)
    return compared(described("no match", tree), bench.move(tree), peer, bench.rounds(9), 1.6)


def few_match(bench: Bench) -> Iterator[Row]:
    """A project with some files to change, against the pipe."""
    tree = trees.sparse_tree(bench.folder / "tree", bench.scaled(5_700), bench.scaled(370) // 10)
    case = described(f"{len(tree.matching)} match", tree)
    return compared(case, bench.move(tree), bench.sed(tree), bench.rounds(15), 2.8)


def all_match(bench: Bench) -> Iterator[Row]:
    """Every file has something to change, against the pipe."""
    tree = trees.matching_tree(bench.folder / "tree", bench.scaled(5_700), trees.IMAGES)
    return compared(described("all match", tree), bench.move(tree), bench.sed(tree), bench.rounds(7), 3)


def ruamel(bench: Bench) -> Iterator[Row]:
    """Every file has something to change and is plain YAML, against the round trip."""
    tree = trees.matching_tree(bench.folder / "tree", bench.scaled(1_000), trees.PLAIN_IMAGES)
    script = str(Path(__file__).with_name("ruamel_round_trip.py"))
    peer = Command((sys.executable, script, OLD, NEW, "."), tree.root, tree.restore)
    return compared(described("ruamel.yaml", tree), bench.move(tree), peer, bench.rounds(3), 1 / 25)


def hook(bench: Bench) -> Iterator[Row]:
    """Three small files by name and the default preset, against an interpreter that does nothing."""
    peer = Command((sys.executable, "-c", "pass"), bench.folder)
    for matches, limit in ((0, 4.5), (3, 6.5)):
        tree = trees.sparse_tree(bench.folder / f"hook-{matches}", 3, matches, (trees.HOOK,))
        names = sorted(str(path.relative_to(tree.root)) for path in tree.root.rglob("*.yaml"))
        case = f"hook: {matches} of 3 files match"
        yield from compared(case, bench.rewrite(tree, *names), peer, bench.rounds(41), limit)


def growth(case: str, runs: Sequence[Sequence[Usage]], factor: float) -> Iterator[Row]:
    """A small and a large run less what the start costs; the peer is the small one taken `factor` times."""
    for measure, of, limit in (("CPU", cpu, LINEAR), ("wall", wall, None)):
        start, small, large = (of(some) for some in runs)
        own = [value - less for value, less in zip(large, start, strict=True)]
        peer = [(value - less) * factor for value, less in zip(small, start, strict=True)]
        yield against(case, measure, own, peer, limit=limit)


def linear_files(bench: Bench) -> Iterator[Row]:
    """Four times as many files without a match."""
    counts = (4, bench.scaled(12_500), bench.scaled(50_000))
    made = [trees.sparse_tree(bench.folder / str(count), count, 0) for count in counts]
    case = f"linear: {counts[1]:,} to {counts[2]:,} files, no match"
    return growth(case, in_turn([bench.move(tree) for tree in made], bench.rounds(5)), 4)


def linear_edits(bench: Bench) -> Iterator[Row]:
    """Four times as many files that all match."""
    counts = (4, bench.scaled(1_500), bench.scaled(6_000))
    made = [trees.matching_tree(bench.folder / str(count), count, trees.IMAGES) for count in counts]
    case = f"linear: {counts[1]:,} to {counts[2]:,} files, all match"
    factor = made[2].size / made[1].size
    return growth(case, in_turn([bench.move(tree) for tree in made], bench.rounds(5)), factor)


def large(bench: Bench, what: str, parts: Callable[..., Iterator[str]]) -> Iterator[Row]:
    """One file of 20 MB and one of 60: memory by its size, and time that grows with it."""
    sizes = (20_000, bench.scaled(20_000_000), bench.scaled(60_000_000))
    made = [trees.large_file(bench.folder / str(size), size, parts) for size in sizes]
    runs = in_turn([bench.move(tree) for tree in made], bench.rounds(3))
    small, big = (tree.size / 1e6 for tree in made[1:])
    for size, used in zip((small, big), runs[1:], strict=True):
        yield at_most(f"{what} of {size:.0f} MB", "peak RSS", memory(used), 4 * size, "MB")
    yield from growth(f"linear: {what} of {small:.0f} to {big:.0f} MB", runs, big / small)


def large_bundle(bench: Bench) -> Iterator[Row]:
    """Many documents in one file."""
    return large(bench, "bundle", texts.bundle)


def large_list(bench: Bench) -> Iterator[Row]:
    """One document with many items."""
    return large(bench, "one document", texts.item_list)


def mirrored(text: str) -> str:
    """What the 10,000 rules make of a text."""
    return re.sub(r"\b([a-z]+-[0-9]+)\.example\.org(?::5000)?/([a-z]+)\b", r"mirror.example.net/\1/\2", text)


def rule_source(number: int) -> str:
    """An invented registry with a path; some have a port."""
    word = texts.WORDS[number % len(texts.WORDS)]
    return f"{word}-{number}.example.org{'' if number % 7 else ':5000'}/{texts.WORDS[-1 - number % 20]}"


def rules(bench: Bench) -> Iterator[Row]:
    """20,000 references in 2,000 files: 10,000 rules against 100 of them, then with all rules in use."""
    sources = [rule_source(number) for number in range(10_000)]
    options = [f"--rule={source}={mirrored(source)}" for source in sources]
    files = bench.scaled(2_000)
    start, few, spread = (
        trees.rules_tree(bench.folder / name, count, used, mirrored)
        for name, count, used in (
            ("start", 1, sources[:10]),
            ("few", files, sources[:100]),
            ("all", files, sources),
        )
    )
    yield from independent(bench, options, start, few)
    entries = list(catalogue_options(bench.folder, sources))
    commands = (bench.rewrite(spread, ".", *options), bench.rewrite(spread, ".", *entries))
    runs, tagged = in_turn(commands, bench.rounds(3))
    yield at_most(f"{files * 10:,} references over 10,000 rules", "wall", wall(runs), 60, "s")
    yield at_most(f"{files * 10:,} references over 10,000 entries with tags", "wall", wall(tagged), 60, "s")


def catalogue_options(folder: Path, sources: Sequence[str]) -> Iterator[str]:
    """Write the rules as entries that depend on the tag, in files that are not too large, and name these."""
    for number in range(0, len(sources), 2_500):
        path, name = folder / f"catalogue-{number}.yaml", f"moves-{number}"
        entries = "".join(
            f"- {{from: '{source}', to: {mirrored(source)}, class: renamed, tags: {{at-least: '1.0'}}}}\n"
            for source in sources[number : number + 2_500]
        )
        path.write_text(f"name: {name}\nsummary: moves\nentries:\n{entries}", "utf-8")
        yield from (f"--catalogue={path}", f"--preset={name}")


def independent(bench: Bench, options: Sequence[str], start: Tree, tree: Tree) -> Iterator[Row]:
    """The same work with 100 rules and with all, once as it is and once without the start."""
    commands = [bench.rewrite(each, ".", *some) for some in (options[:100], options) for each in (start, tree)]
    few_start, few, many_start, many = (cpu(runs) for runs in in_turn(commands, bench.rounds(3)))
    case = f"{tree.files * 10:,} references, 10,000 rules to 100"
    own = [value - less for value, less in zip(many, many_start, strict=True)]
    peer = [value - less for value, less in zip(few, few_start, strict=True)]
    yield against(f"{case}: all", "CPU", many, few)
    yield against(f"{case}: start", "CPU", many_start, few_start)
    yield against(f"{case}: rest", "CPU", own, peer, limit=INDEPENDENT)


def verify(bench: Bench) -> Iterator[Row]:
    """500 references to 120 images, each at its old and its new home, against a loop of skopeo over the same 240."""
    repositories, tags = [f"app-{number}" for number in range(12)], [f"1.{number}" for number in range(10)]
    tree = bench.folder / "tree"
    tree.mkdir()
    with registry(bench.folder / "registry") as running:
        running.fill([f"{home}/{name}" for home in ("old", "new") for name in repositories], tags)
        images = [f"{name}:{tag}" for name in repositories for tag in tags]
        yield from verified(bench, running, running.host, images, "on loopback", 1 / 5)
        with far_away(running.host, 0.02) as host:
            yield from verified(bench, running, host, images, "20 ms away", 1 / 5)


def verified(
    bench: Bench, running: Registry, host: str, images: Sequence[str], where: str, limit: float
) -> Iterator[Row]:
    """The questions and the clock for one way to reach the registry."""
    tree = bench.folder / "tree"
    for number in range(500):
        (tree / f"{number}.yaml").write_text(f"image: {host}/old/{images[number % len(images)]}\n", "utf-8")
    names = [f"docker://{host}/{home}/{image}\n" for image in images for home in ("old", "new")]
    (bench.folder / "list").write_text("".join(names), "utf-8")
    own = (
        "env",
        f"XDG_CACHE_HOME={bench.folder}/cache",
        *bench.regfix,
        "verify",
        "--rule",
        f"{host}/old={host}/new",
        ".",
    )
    before = running.questions()
    in_turn((Command(own, tree),), 1)  # the first run, which is not counted, asks; the second is answered from the disk
    yield at_most(f"questions {where}, cold and warm", "count", [running.questions() - before], 240, "")
    loop = "set -e; while read -r name; do skopeo inspect --raw --tls-verify=false $name > ../answer; done < ../list"
    runs, peer = in_turn((Command((*own, "--no-cache"), tree), Command(("sh", "-c", loop), tree)), bench.rounds(3))
    yield against(f"240 images {where}", "wall", wall(runs), wall(peer), limit=limit)


def cluster(bench: Bench) -> Iterator[Row]:
    """A cluster of 10,000 pods in pages of 500, against kubectl that prints these pods."""
    pods = bench.scaled(10_000)
    with large_cluster(bench.folder, pods, OLD) as config:
        chosen = (f"--kubeconfig={config}",)
        program = kubectl()
        own = Command((*bench.regfix, "cluster", "--kubectl", program, *chosen, "--check"), bench.folder, exit_code=1)
        peer = Command((program, *chosen, "get", "pods", "-A", "-o", "json"), bench.folder)
        mine, other = in_turn((own, peer), bench.rounds(5))
    case = f"cluster of {pods:,} pods"
    yield against(case, "CPU", cpu(mine), cpu(other))
    yield against(case, "wall", wall(mine), wall(other), limit=1.5)
    yield at_most(case, "peak RSS", memory(mine), 150, "MB")


def bulk(bench: Bench) -> Iterator[Row]:
    """Many small projects, cloned, rewritten and committed, against a shell loop that does the same."""
    made = Projects(bench.folder, bench.scaled(300), 30)
    who = ("env", *(f"{name}={value}" for name, value in WHO.items()))
    own = Command((*who, *bench.regfix, "bulk", "plan", "-q"), made.folder, made.clean, made.is_done)
    loop = LOOP % shlex.join(bench.regfix)
    peer = Command((*who, "sh", "-c", loop), made.folder, made.clean, made.is_done)
    mine, other = in_turn((own, peer), bench.rounds(5))
    case = f"bulk: {made.count} projects"
    yield against(case, "CPU", cpu(mine), cpu(other))
    yield against(case, "wall", wall(mine), wall(other), limit=BULK)


@dataclass(frozen=True, slots=True)
class Case:
    """A case and the peers without which it cannot run."""

    rows: Callable[[Bench], Iterator[Row]]
    needs: tuple[str, ...] = ()


CASES = {
    "no-match": Case(no_match, ("ripgrep",)),
    "few-match": Case(few_match, ("ripgrep", "GNU sed")),
    "all-match": Case(all_match, ("ripgrep", "GNU sed")),
    "ruamel": Case(ruamel, ("ruamel.yaml",)),
    "hook": Case(hook),
    "linear-files": Case(linear_files),
    "linear-edits": Case(linear_edits),
    "large-bundle": Case(large_bundle),
    "large-list": Case(large_list),
    "rules": Case(rules),
    "verify": Case(verify, ("skopeo", "docker-registry")),
    "cluster": Case(cluster, ("kubectl",)),
    "bulk": Case(bulk),
}
