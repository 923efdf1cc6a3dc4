"""Which values feed an image of a Helm release, and where the chart has them: as `overrides` and the proof find it.

Nothing is rendered. The values to set are those that `regfix overrides` would print for this installer; an image that
no value feeds is looked for in the templates.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import changes, lookup
from regfix.errors import SourceError
from regfix.image.reference import Reference, starts
from regfix.locate.kind import Kind
from regfix.overrides.fate import Fate
from regfix.overrides.needed import overrides_of
from regfix.prove.hardcoded import Finder
from regfix.prove.model import Left
from regfix.rewriting import rewrite_source
from regfix.syntax.yamltree import Scalar, load_mapping
from regfix.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart
    from regfix.cluster.locating import Locator
    from regfix.overrides.model import Claim, IsRead, Overrides
    from regfix.syntax.yamltree import Data

    Path = tuple[str, ...]

MAX_KEYS = 4
"""Values that are told for one image."""

MAX_IMAGES = 300
"""Images of one release that are traced; the largest charts have some dozens."""

MAX_TEMPLATES = 2 * 1024 * 1024
"""Templates of one release that are looked into, in bytes, of those that hold a source registry."""


class Key(NamedTuple):
    """A value that feeds an image: its path, what it is to be, the line of the chart that has its default."""

    path: Path
    value: str
    file: str = ""
    line: int = 0


class Trace(NamedTuple):
    """What is known of an image: the values that feed it, else file and line of a template in which it stands."""

    keys: tuple[Key, ...] = ()
    file: str = ""
    line: int = 0


NOTHING = Trace()


class Tracer:
    """Traces the images of one release through one chart; `given` are the installer's values as JSON or YAML."""

    def __init__(self, chart: Chart, given: str, locator: Locator, is_read: IsRead) -> None:
        self.chart = f"{chart.metadata.name} {chart.metadata.version}"
        self._chart = chart
        self._given = given
        self._rules = locator.rules
        self._hosts = locator.hosts
        self._is_read = is_read
        self._finder = Finder(chart, locator.rules, locator.hosts, MAX_TEMPLATES)
        self._known: dict[tuple[str, str], Trace] = {}

    def trace(self, reference: str, template: str) -> Trace:
        """Return what feeds an image; nothing where charts cannot be read, and beyond the limit."""
        asked = reference, template
        if asked not in self._known and len(self._known) < MAX_IMAGES:
            self._known[asked] = NOTHING
            with suppress(SourceError, RecursionError):  # what is broken in a chart hides its origin, and no image
                keys = self._keys_of(reference, template)
                self._known[asked] = Trace(keys, *(() if keys else self._hardcoded(reference, template)[1:]))
        return self._known.get(asked, NOTHING)

    def _keys_of(self, reference: str, template: str) -> tuple[Key, ...]:
        """Return the values that feed an image; none where more of it stands in the template."""
        best = next((start for start in starts(reference) if start in self._claims), "")
        claims = self._claims[best] if best else self._alike.get(_image(reference), [])
        if not claims or (best != reference and len(best) < self._hardcoded(reference, template)[0]):
            return ()
        return tuple(dict.fromkeys(key for claim in claims for key in self._keys(claim)))[:MAX_KEYS]

    def _hardcoded(self, reference: str, template: str) -> tuple[int, str, int]:
        found = self._finder.spot(Left("", 0, "", template, (), reference, ""))
        if found is None:
            return 0, "", 0
        return len(found.finding.reference), found.source.name, found.finding.position.line

    @cached_property
    def _claims(self) -> dict[str, list[Claim]]:
        """What values hold, by the reference that they form."""
        found: dict[str, list[Claim]] = {}
        for claim in self._overrides.claims:
            found.setdefault(claim.finding.reference, []).append(claim)
        return found

    @cached_property
    def _alike(self) -> dict[str, list[Claim]]:
        """The same by the image, whatever its tag."""
        found: dict[str, list[Claim]] = {}
        for claim in self._overrides.claims:
            found.setdefault(_image(claim.finding.reference), []).append(claim)
        return found

    @cached_property
    def _overrides(self) -> Overrides:
        given = load_mapping(self._given, "values")
        return overrides_of(self._chart, given, self._rules, self._hosts, installed=True, is_read=self._is_read)

    @cached_property
    def _set(self) -> dict[Path, Data]:
        """What the installer's own values are to be, by their paths."""
        outcome = rewrite_source(Source("values", self._given), Kind.YAML, self._rules, self._hosts)
        if outcome.after is None:
            return {}
        return dict(changes(load_mapping(self._given, "values"), load_mapping(outcome.after, "values")))

    def _keys(self, claim: Claim) -> Iterator[Key]:
        for leaf, fate in claim.leaves:
            if fate in (Fate.OVERRIDDEN, Fate.SET):
                new = lookup(self._overrides.values, leaf) if fate is Fate.OVERRIDDEN else self._set.get(leaf)
                value = new.value if isinstance(new, Scalar) else ""
                file, line = self._defaults.get(leaf, ("", 0)) if fate is Fate.OVERRIDDEN else ("", 0)
                yield Key(leaf, value, file, line)

    @cached_property
    def _defaults(self) -> dict[Path, tuple[str, int]]:
        """Where the chart's values files have each leaf: file and line."""
        found: dict[Path, tuple[str, int]] = {}
        for claim in self._overrides.told:
            for leaf, _ in claim.leaves:
                found.setdefault(leaf, (claim.source, claim.finding.position.line))
        return found


def _image(reference: str) -> str:
    """Return what names an image without its tag; the text itself where that is no reference."""
    parsed = Reference.match(reference)
    return reference if parsed is None else parsed.name
