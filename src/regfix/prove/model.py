"""What a proof says about a chart."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.image.rule import Rule
    from regfix.prove.compare import Difference
    from regfix.prove.naming import Change
    from regfix.syntax.keypath import KeyPath


class Verdict(StrEnum):
    """What became of a chart: all images moved, some are left, nothing was done as the proof did not hold.

    Or there was nothing to prove: it does not render, and it holds nothing that the rules concern.
    """

    PROVEN = "proven"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Case(NamedTuple):
    """Values that a chart is rendered with: its own, or with a values file laid over them, as the user knows it.

    `skipped` says why it was not rendered, empty where it was.
    """

    values: str = ""
    skipped: str = ""


class Left(NamedTuple):
    """An image that a chart still takes from a source registry.

    `document` is its kind and name, `key_path` the place in it, `number` that of the document and of the `case` in
    which it shows; `wanted` is where `rule` would move it. `why` it stays, with the place in the chart if known;
    `ignored`: because a comment protects it.
    """

    case: str
    number: int
    document: str
    template: str
    key_path: KeyPath
    reference: str
    wanted: str
    rule: Rule | None = None
    why: str = ""
    ignored: bool = False


class Setting(NamedTuple):
    """A value that the proof found to be needed: `value` at `path` of the chart's values, in `file`.

    `reason` is `traced` for one that feeds an image, `switch` for one that lets a chart take other images; `old` is
    what stood there, None where nothing did.
    """

    path: KeyPath
    value: str
    reason: str
    file: str = ""
    old: str | None = None


class Place(NamedTuple):
    """A place in a file of the chart: a line and a column from 1, the path of keys where there is one."""

    file: str
    line: int
    column: int
    key_path: str = ""


class Copied(NamedTuple):
    """A reference that no value reaches, rewritten in the copy of a vendored chart."""

    place: Place
    reference: str


class Image(NamedTuple):
    """An image before and after: the reference's change, and where in the chart's files it was moved."""

    change: Change
    places: tuple[Place, ...] = ()


class Proof(NamedTuple):
    """The proof of one chart.

    `chart` is its folder as the user knows it. `images` are what the rules moved in the renders, `settings` and
    `copied` what was needed beside the ordinary run, `derived` the checksums that follow, `random` how many places
    differ at each render. `left` are the images at a source registry, `reasons` why the chart was refused.
    """

    chart: str
    verdict: Verdict
    kube_version: str
    renders: int
    cases: tuple[Case, ...] = ()
    images: tuple[Image, ...] = ()
    settings: tuple[Setting, ...] = ()
    copied: tuple[Copied, ...] = ()
    derived: tuple[Difference, ...] = ()
    random: int = 0
    left: tuple[Left, ...] = ()
    reasons: tuple[str, ...] = ()
