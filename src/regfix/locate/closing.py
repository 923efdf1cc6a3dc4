"""Sites at the end of a collection and of a document, when it is clear what stands around them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.frame import is_repository_of_many, names_login
from regfix.locate.site import Context, Reason
from regfix.locate.tags import with_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.anchors import Anchors
    from regfix.locate.entry import Mapping
    from regfix.locate.frame import Frame
    from regfix.locate.shape import NotedScalar
    from regfix.locate.site import Site
    from regfix.text.span import Span


def closed_sites(frame: Frame, above: str | None) -> list[Site]:
    """Return the sites of a collection, as its other pairs let them be; `above` is the key above it."""
    sites = [_as_prefix(site) if _is_start(frame, site, above) else site for site in frame.sites or ()]
    if frame.keys and any(site.context is Context.KEY for site in sites):
        taken = frozenset(frame.keys)
        sites = [site._replace(taken=taken) if site.context is Context.KEY else site for site in sites]
    return [_of_credentials(site) for site in sites] if frame.secret else sites


_OF_CHARTS = (("repoURL", "chart"), ("url", "oci"))
"""A key below whose value charts lie, and the key beside it that says so (Argo CD, Helmfile)."""


def _is_start(frame: Frame, site: Site, above: str | None) -> bool:
    """Tell whether images or charts lie below the value that a site is."""
    key = site.key_path[-1] if site.key_path and site.context is Context.VALUE else None
    if any(key == own and beside in (frame.keys or ()) for own, beside in _OF_CHARTS):
        return True
    return is_repository_of_many(frame, site, above)


def joined_sites(
    written: Sequence[Site],
    said: Sequence[Site],
    embedded: Sequence[Site],
    mappings: Sequence[Mapping],
    anchors: Anchors,
) -> tuple[list[Site], list[NotedScalar]]:
    """Return the sites of a document, and the scalars that those without a written registry stand in.

    `written` are those that the text alone tells, `said` those of its mappings, which take the place of the former, as
    do those of `embedded` documents.
    """
    scalars = {entry.span or entry.outer: entry.scalar for mapping in mappings for entry in mapping.entries}
    parts = {part.span for site in said for part in site.parts}
    shared = {span for span, scalar in scalars.items() if scalar is not None and scalar.ordinal in anchors.elsewhere}
    joined = [_shared(site) if any(part.span in shared for part in site.parts) else site for site in said]
    joined += embedded
    starts = {part.span.start for site in joined for part in site.parts}
    own = [site for site in written if site.parts[0].span.start not in starts]
    reused = {span for span, scalar in scalars.items() if scalar is not None and scalar.ordinal in anchors.reused}
    sites = [_tag_shared(site, reused) for site in with_tags(own + joined, mappings)]
    tags = {site.tag.span for site in sites if site.tag is not None}
    return sites, [scalar for scalar in map(scalars.get, parts | tags) if scalar is not None]


def _shared(site: Site) -> Site:
    """Leave a name that an alias uses for something else."""
    return site._replace(blocker=site.blocker or Reason.SHARED)


def _tag_shared(site: Site, shared: set[Span]) -> Site:
    """Leave a tag that is used again: perhaps by an image whose tags do not change."""
    if site.tag is None or site.tag.span not in shared:
        return site
    return site._replace(tag=site.tag._replace(blocker=Reason.SHARED))


def _as_prefix(site: Site) -> Site:
    """Take a name for the start of one."""
    found = site.occurrence
    return site if found is None or not found.path else site._replace(occurrence=found._replace(prefix=True))


def _of_credentials(site: Site) -> Site:
    """Leave the registry that a user and a password belong to."""
    found = site.occurrence
    if found is None or site.blocker is not None or (found.path and not names_login(site)):
        return site
    return site._replace(blocker=Reason.CREDENTIALS)
