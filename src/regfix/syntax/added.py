"""What a text has more than another one, to a parser. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.syntax.yamlevents import SCALAR, YamlError, fast_events, yaml_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Seen = tuple[int, str | None, str | None, str | None, bool | None]


def adds_only(before: str, after: str, added: Sequence[tuple[int, tuple[str, ...]]]) -> bool:
    """Tell whether a parser sees the same in two texts, but for some more scalars without anchor and tag in `after`.

    `added` are, in order, offsets in `before` (code points) and the values that come there. False for what is no YAML.
    """
    wanted: list[_Seen] = []
    waiting = list(reversed(added))
    try:
        for start, seen in _events(before):
            while waiting and waiting[-1][0] <= start:
                wanted += [(SCALAR, value, None, None, None) for value in waiting.pop()[1]]
            wanted.append(seen)
        return not waiting and wanted == [seen for _, seen in _events(after)]
    except YamlError:
        return False


def _events(text: str) -> Iterator[tuple[int, _Seen]]:
    events = fast_events(text)
    try:
        for event in events.stream:
            kind = events.kinds[event.__class__]
            value = event.value if kind == SCALAR else None
            anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
            yield event.start_mark.index, (kind, value, anchor, tag, getattr(event, "flow_style", None))
    except events.errors as error:
        raise yaml_error(error, text) from None
