"""Which values feed an image of a Helm release, and where the chart has them: as `overrides` and the proof find it.

Nothing is rendered. The values to set are those that `regfix overrides` would print for this installer; an image that
no value feeds is looked for in the templates.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import changes, lookup
from regfix.errors import SourceError
from regfix.image.reference import Reference, is_start
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


class Key(NamedTuple):
    """A value that feeds an image: its path, what it is to be, the reference as values have it, a line of the chart."""

    path: Path
    value: str
    written: str
    file: str = ""
    line: int = 0


class Tracer:
    """Traces the images of one release through one chart; `given` are the installer's values as JSON or YAML."""

    def __init__(self, chart: Chart, given: str, locator: Locator, is_read: IsRead) -> None:
        self._chart = chart
        self._given = given
        self._rules = locator.rules
        self._hosts = locator.hosts
        self._is_read = is_read
        self._finder = Finder(chart, locator.rules, locator.hosts)

    def keys(self, reference: str, template: str) -> tuple[Key, ...]:
        """Return the values that feed an image; none where more of it stands in the template."""
        ranked = [(_likeness(claim.finding.reference, reference), claim) for claim in self._overrides.claims]
        best = max((rank for rank, _ in ranked), default=0)
        if not best or best < self._hardcoded(reference, template)[0]:
            return ()
        found = (key for rank, claim in ranked if rank == best for key in self._keys(claim))
        return tuple(dict.fromkeys(found))[:MAX_KEYS]

    def spot(self, reference: str, template: str) -> tuple[str, int]:
        """Return file and line of a template in which an image stands; nothing where none does."""
        return self._hardcoded(reference, template)[1:]

    def _hardcoded(self, reference: str, template: str) -> tuple[int, str, int]:
        found = self._finder.spot(Left("", 0, "", template, (), reference, ""))
        if found is None:
            return 0, "", 0
        return _likeness(found.finding.reference, reference), found.source.name, found.finding.position.line

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
                file, line = self._default(leaf) if fate is Fate.OVERRIDDEN else ("", 0)
                yield Key(leaf, value, claim.finding.reference, file, line)

    def _default(self, leaf: Path) -> tuple[str, int]:
        """Return where the chart's values files have a leaf."""
        for claim in self._overrides.told:
            if any(path == leaf for path, _ in claim.leaves):
                return claim.source, claim.finding.position.line
        return "", 0


def traced(tracer: Tracer | None, reference: str, template: str) -> tuple[tuple[Key, ...], tuple[str, int]]:
    """Return the values that feed an image, and where it stands in a template; nothing where charts cannot be read."""
    if tracer is None:
        return (), ("", 0)
    try:
        keys = tracer.keys(reference, template)
        return keys, ("", 0) if keys else tracer.spot(reference, template)
    except (SourceError, RecursionError):
        return (), ("", 0)  # what is broken in a chart hides where an image is from, and no image


def _likeness(written: str, rendered: str) -> int:
    """Tell how much of a rendered reference stands in one as written; 1 for the same image of another tag."""
    if is_start(written, rendered):
        return 1 + len(written)
    one, other = Reference.match(written), Reference.match(rendered)
    return int(one is not None and other is not None and (one.host, one.path) == (other.host, other.path))
