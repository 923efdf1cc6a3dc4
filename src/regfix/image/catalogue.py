"""The catalogue: known moves of registries as dated facts with their sources, grouped into presets."""

from __future__ import annotations

from typing import NamedTuple

from regfix.errors import RuleError
from regfix.image.prefix import Prefix
from regfix.image.rule import Rule


class Entry(NamedTuple):
    """One known move: `since` is the date (ISO 8601) from which the new home counts, `url` where it is said."""

    source: str
    target: str
    since: str
    url: str
    note: str


class Preset(NamedTuple):
    """A named part of the catalogue."""

    name: str
    summary: str
    entries: tuple[Entry, ...]

    def rules(self) -> tuple[Rule, ...]:
        """Return the preset's entries as rules."""
        origin = f"preset {self.name}"
        return tuple(Rule(_prefix(entry.source), _prefix(entry.target), origin) for entry in self.entries)


def _prefix(text: str) -> Prefix:
    """Read a prefix of the catalogue, which is known to be well-formed (a test holds it against the grammar)."""
    host, *path = text.split("/")
    return Prefix(host, tuple(path))


_FREEZE = "https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/"
_FLIP = "https://github.com/kubernetes/k8s.io/blob/main/registry.k8s.io/README.md"
_SAME = "same paths, tags and digests"
_OLD_PROJECT = f"{_SAME}; nothing that was pushed to the project after mid-2020 was copied"
_PROD = f"{_SAME}; paths begin with the subproject"

KUBERNETES = Preset(
    "kubernetes",
    "images of the Kubernetes project, from its frozen and former hosts to registry.k8s.io",
    (
        Entry("k8s.gcr.io", "registry.k8s.io", "2023-04-03", _FREEZE, f"{_SAME}; frozen, redirected since 2023-03-20"),
        Entry("gcr.io/google-containers", "registry.k8s.io", "2020-07-31", _FLIP, _OLD_PROJECT),
        Entry("gcr.io/google_containers", "registry.k8s.io", "2020-07-31", _FLIP, _OLD_PROJECT),
        Entry("gcr.io/k8s-artifacts-prod", "registry.k8s.io", "2022-11-28", _FLIP, _PROD),
        Entry("us.gcr.io/k8s-artifacts-prod", "registry.k8s.io", "2022-11-28", _FLIP, _PROD),
        Entry("eu.gcr.io/k8s-artifacts-prod", "registry.k8s.io", "2022-11-28", _FLIP, _PROD),
        Entry("asia.gcr.io/k8s-artifacts-prod", "registry.k8s.io", "2022-11-28", _FLIP, _PROD),
    ),
)

PRESETS = {preset.name: preset for preset in (KUBERNETES,)}
DEFAULT_PRESET = KUBERNETES.name


def preset(name: str) -> Preset:
    """Return a preset by its name; raises RuleError where there is none."""
    found = PRESETS.get(name)
    if found is None:
        raise RuleError(f"there is no preset {name!r}", hint=f"one of: {', '.join(sorted(PRESETS))}")
    return found
