"""Which questions the references of a run are: at their new home and, where they move, at their old one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.finding import Action
from regfix.image.catalogue import DEFAULT_PRESET
from regfix.image.host import is_host
from regfix.image.prefix import Prefix
from regfix.image.reference import Reference
from regfix.locate.site import Context, Reason
from regfix.locate.words import Role, key_role
from regfix.registry.answer import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regfix.finding import Finding
    from regfix.image.rule import Rule


class Pair(NamedTuple):
    """An image where the rules put it, and where it comes from: None if it stays.

    `promised` tells that the catalogue knows both to be the same image.
    """

    new: Wanted
    old: Wanted | None = None
    promised: bool = False


_IMAGES = frozenset({Reason.IGNORED, Reason.COMMENT, Reason.KEPT, Reason.VENDORED, Reason.TEXT})
"""Why a reference may be left that is one all the same."""


def pairs(findings: Iterable[Finding], *, every: bool = False) -> tuple[dict[Pair, list[Finding]], list[Finding]]:
    """Return the images with the places that use them, and the references that are not complete.

    `every` takes those that stay, too.
    """
    found: dict[Pair, list[Finding]] = {}
    open_ended: list[Finding] = []
    for finding in findings:
        if not _is_meant(finding, every=every):
            continue
        pair = pair_of(finding)
        if pair is None:
            open_ended.append(finding)
        else:
            found.setdefault(pair, []).append(finding)
    return dict(sorted(found.items(), key=lambda item: (item[0].new, item[0].old or item[0].new))), open_ended


def _is_meant(finding: Finding, *, every: bool) -> bool:
    if finding.context is Context.VERSION or finding.action is Action.REWRITE:
        return finding.context is not Context.VERSION
    return every and (finding.reason is None or finding.reason in _IMAGES)


def pair_of(finding: Finding) -> Pair | None:
    """Return the questions about a reference; None where a part of its name is not known."""
    before, after = finding.beside or ("", "")
    old = _wanted(finding, finding.reference, before)
    if finding.action is not Action.REWRITE or finding.result is None:
        return None if old is None else Pair(old)
    new = _wanted(finding, finding.result, after)
    return None if new is None else Pair(new, old, finding.rule is not None and _promises(finding.rule, new))


def _promises(rule: Rule, new: Wanted) -> bool:
    """Tell whether the catalogue says that the image is the same; rules of the default preset lack their entries.

    A finding names the first rule of a chain. Where that does not lead to the new name, the last word is another's.
    """
    name = Prefix(new.host, tuple(new.repository.split("/")))
    if not (rule.target.starts(name) or rule.target.normalized.starts(name)):
        return False
    return rule.origin == f"preset {DEFAULT_PRESET}" if rule.entry is None else rule.entry.verified


def _wanted(finding: Finding, text: str, beside: str) -> Wanted | None:
    """Return the question about one name: by digest or tag, or about the repository where neither is known."""
    parsed = Reference.match(text)
    if parsed is None or (not parsed.registry and is_host(parsed.repository)):
        return None
    if finding.behind:
        goes_on = finding.behind in ":@" or parsed.suffix
        return Wanted.of(parsed._replace(tag="", digest="")) if goes_on else None
    if parsed.suffix:
        return Wanted.of(parsed)
    if _is_address(finding):
        return None
    tag = beside if Reference.match(f"x:{beside}") else ""
    return Wanted.of(parsed, tag or ("latest" if _is_whole(finding) and finding.beside is None else ""))


def _is_address(finding: Finding) -> bool:
    """Tell whether a value is where charts are (`repoURL` of Argo CD, `url` of helmfile); their names are elsewhere."""
    last = finding.key_path[-1] if finding.key_path else None
    return isinstance(last, str) and last.lower().endswith("url") and key_role(last) is None


def _is_whole(finding: Finding) -> bool:
    """Tell whether a reference is the whole value of a key for images, so that Kubernetes would add `latest`."""
    last = finding.key_path[-1] if finding.key_path else None
    role = key_role(last) if isinstance(last, str) else None
    in_value = finding.context in (Context.VALUE, Context.OVERRIDE)
    return in_value and role is not None and role.role is Role.REFERENCE
