"""Whether images are where the rules put them, and whether they are the same as at their old home."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.host import DOCKER_HUB
from regfix.registry.answer import Answer, State, Wanted
from regfix.registry.tagnames import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from regfix.registry.asked import Pair
    from regfix.registry.asking import Registries


class Verdict(StrEnum):
    """What is known of an image: the same as at the old home, there (with nothing to compare), or what is wrong."""

    SAME = "same"
    FOUND = "found"
    DIFFERENT = "different"
    MISSING = "missing"
    DENIED = "denied"
    UNREACHABLE = "unreachable"


WRONG = (Verdict.MISSING, Verdict.DIFFERENT)
UNKNOWN = (Verdict.DENIED, Verdict.UNREACHABLE)


class Platform(NamedTuple):
    """The digests of an image for one platform, empty where there is none."""

    name: str
    old: str
    new: str


class Checked(NamedTuple):
    """An image with its verdict, what the registries said, platforms that differ, and tags near a missing one."""

    pair: Pair
    verdict: Verdict
    new: Answer
    old: Answer | None = None
    platforms: tuple[Platform, ...] = ()
    near: tuple[str, ...] = ()


def verify(pairs: Iterable[Pair], asked: Registries, told: Callable[[int], None] | None = None) -> list[Checked]:
    """Return what is known of each pair, in their order: one question for each image, more where something is wrong."""
    pairs = tuple(pairs)
    wanted = [one for pair in pairs for one in (pair.new, pair.old) if one is not None]
    answers = asked.answers(wanted, whole=set(_deciding(pairs)), told=told)
    found = [_checked(pair, answers) for pair in pairs]
    found = _with_platforms(found, asked)
    lost = {_repository(one.pair.new) for one in found if one.verdict is Verdict.MISSING and one.pair.new.version}
    tags = asked.tags(sorted(lost)) if lost else {}
    return [
        one._replace(near=nearest(one.pair.new.version, tags[_repository(one.pair.new)].names))
        if one.verdict is Verdict.MISSING and ":" not in one.pair.new.version and _repository(one.pair.new) in tags
        else one
        for one in found
    ]


def _deciding(pairs: Iterable[Pair]) -> Iterator[Wanted]:
    """Yield the images whose digest decides, so that it has to be that of the manifest: pinned or compared ones.

    Docker Hub counts whoever reads a manifest as pulling the image, up to its limit; what it tells has to be enough.
    """
    for new, old, _ in pairs:
        for one in (new, old):
            if one is not None and one.host != DOCKER_HUB and (old is not None or ":" in one.version):
                yield one


def _checked(pair: Pair, answers: dict[Wanted, Answer]) -> Checked:
    new = answers[pair.new]
    old = answers[pair.old] if pair.old is not None else None
    if new.state is not State.FOUND:
        return Checked(pair, Verdict(str(new.state)), new, old)
    if old is None or old.state is not State.FOUND or not (old.digest and new.digest):
        return Checked(pair, Verdict.FOUND, new, old)
    return Checked(pair, Verdict.SAME if old.digest == new.digest else Verdict.DIFFERENT, new, old)


def _with_platforms(found: list[Checked], asked: Registries) -> list[Checked]:
    """Read the manifests of images that differ: their digests are worked out, their platforms compared."""
    differ = [one for one in found if one.verdict is Verdict.DIFFERENT]
    if not differ:
        return found
    wanted = [wanted for one in differ for wanted in (one.pair.new, one.pair.old) if wanted is not None]
    answers = asked.answers(wanted, whole=set(wanted))
    again = (_checked(one.pair, answers) if one.verdict is Verdict.DIFFERENT else one for one in found)
    return [one._replace(platforms=tuple(_platforms(one))) if one.verdict is Verdict.DIFFERENT else one
            for one in again]  # fmt: skip


def _platforms(one: Checked) -> Iterable[Platform]:
    """Yield the platforms whose images differ; those of an index without platforms, or of one image, are not known."""
    old, new = one.old.platforms if one.old is not None else None, one.new.platforms
    if old is None or new is None:
        return
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Platform(name, old.get(name, ""), new.get(name, ""))


def _repository(wanted: Wanted) -> Wanted:
    return wanted._replace(version="")
