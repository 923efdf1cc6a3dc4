"""What a chart's own `.helmignore`, and the excludes of the user, leave out of the tree of a chart."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from regfix.discover.glob import FOLDER
from regfix.discover.ignore import exclude_rules, helm_lines, helm_rules, latin, read_rules
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regfix.discover.ignore import HelmRules


def left_out(chart: str, root: str, exclude: Sequence[str] = ()) -> Callable[[str, bool], bool]:
    """Return what tells of a name below the folder `chart`, and whether it is a folder, if it is left out.

    `exclude` are patterns as in a .gitignore, relative to the folder `root`. An ignore file that cannot be read is
    told by the walk; here it leaves nothing out.
    """
    helm = _helm(os.path.join(chart, ".helmignore"))
    excluded = exclude_rules(exclude) if exclude else None
    place, base = (os.path.realpath(chart) + "/", os.path.realpath(root) + "/") if excluded else ("/", "/")

    def is_out(name: str, folder: bool) -> bool:
        end = FOLDER if folder else ""
        mark, path = name.rpartition("/")[2] + end, place + name + end
        if helm is not None and helm.ignores(mark, path, len(place)):
            return True
        return excluded is not None and bool(excluded.verdict(latin(mark), latin(path), len(latin(base))))

    return is_out


def _helm(path: str) -> HelmRules | None:
    try:
        data = read_rules(path, follow=True)
    except SourceError:
        return None
    return None if data is None else _rules_of(data)


@lru_cache(16)
def _rules_of(data: bytes) -> HelmRules:
    """Return the rules of a `.helmignore`; many charts hold the same one."""
    return helm_rules(helm_lines(data))
