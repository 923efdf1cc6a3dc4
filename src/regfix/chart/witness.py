"""A second opinion on a repacked archive: Python's own reader of tar has to see it as regfix does. Pure."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANGING = ("size", "chksum")


def require_same(before: bytes, after: bytes, changed: Mapping[int, bytes]) -> None:
    """Raise ValueError unless two tar archives differ only in the contents of some members, and these are as given.

    `changed` are the new contents by the offsets of the old ones.
    """
    try:
        old, new = _seen(before), _seen(after)
    except tarfile.TarError as error:
        raise ValueError(f"a second reader refuses it: {error}") from None
    contents = {place: content for content, place in ((changed.get(at), at) for at, *_ in old) if content is not None}
    if len(contents) != len(changed) or len(old) != len(new):
        raise ValueError("a second reader sees other members in it")
    for (at, _, info), (new_at, new_size, new_info) in zip(old, new, strict=True):
        content = contents.get(at)
        same_size = content is not None or info["size"] == new_info["size"]
        if not same_size or _kept(info) != _kept(new_info):
            raise ValueError(f"a second reader sees another {info['name']!r}")
        if content is not None and after[new_at : new_at + new_size] != content:
            raise ValueError(f"a second reader sees other content in {info['name']!r}")


def _seen(raw: bytes) -> list[tuple[int, int, dict[str, Any]]]:
    """Return where the content of each member is, its size, and all that is said of it."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:", encoding="utf-8") as archive:
        return [(one.offset_data, one.size, {**one.get_info(), "pax": one.pax_headers}) for one in archive]


def _kept(info: Mapping[str, Any]) -> dict[str, Any]:
    pax = {key: value for key, value in info["pax"].items() if key != "size"}
    return {**info, **dict.fromkeys(_CHANGING), "pax": pax}
