"""The catalogue: known moves of registries as dated facts with their sources, grouped into presets.

The facts are in `regfix/catalogue/NAME.json`, one file a preset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.errors import RuleError
from regfix.image.prefix import Prefix
from regfix.image.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PRESET = "kubernetes"
PRESETS = (
    DEFAULT_PRESET, "kubernetes-renamed", "kubernetes-staging", "quay-kubernetes", "bitnami", "external-secrets",
    "flannel", "gatekeeper", "gcr", "github", "istio", "kubecost", "kubeflow", "minio", "prometheus", "renamed",
    "tekton", "vmware", "weaveworks", "optional",
)  # fmt: skip
"""The names of the presets that come with regfix."""

_DEFAULT_SOURCES = (
    ("k8s.gcr.io",),
    ("gcr.io", "google-containers"),
    ("gcr.io", "google_containers"),
    ("gcr.io", "k8s-artifacts-prod"),
    ("us.gcr.io", "k8s-artifacts-prod"),
    ("eu.gcr.io", "k8s-artifacts-prod"),
    ("asia.gcr.io", "k8s-artifacts-prod"),
)
"""What the default preset moves to registry.k8s.io, so that no start has to read a file for it (a test compares)."""


class Preset(NamedTuple):
    """A named part of the catalogue; each of its rules has an entry."""

    name: str
    summary: str
    rules: tuple[Rule, ...]


def preset(name: str, given: Sequence[Preset] = ()) -> Preset:
    """Return a preset by its name; those that are `given` extend and correct ours. Raises RuleError for no preset."""
    found = [packaged(name)] if name in PRESETS else []
    found += [own for own in given if own.name == name]
    if not found:
        names = sorted({*PRESETS, *(own.name for own in given)})
        raise RuleError(f"there is no preset {name!r}", hint=f"one of: {', '.join(names)}")
    corrected = {rule.source: rule for own in given for rule in own.rules}
    rules = {r.source: corrected.get(r.source, r) for one in found for r in one.rules}
    return Preset(name, next((one.summary for one in reversed(found) if one.summary), ""), tuple(rules.values()))


def preset_rules(name: str, given: Sequence[Preset] = ()) -> tuple[Rule, ...]:
    """Return the rules of a preset. Those of the default, which are all mirrors, are without their entries."""
    if name == DEFAULT_PRESET and not given:
        target = Prefix("registry.k8s.io", ())
        return tuple(Rule(Prefix(host, tuple(path)), target, f"preset {name}") for host, *path in _DEFAULT_SOURCES)
    return preset(name, given).rules


def packaged(name: str) -> Preset:
    """Read a preset that comes with regfix, with the loader of the package: it may be in an archive."""
    import json
    import os

    from regfix.image.entries import read_preset

    folder = os.path.dirname(os.path.dirname(__file__))
    loader: Any = __spec__.loader
    return read_preset(json.loads(loader.get_data(os.path.join(folder, "catalogue", f"{name}.json"))))


def whole_catalogue(given: Sequence[Preset] = ()) -> tuple[Preset, ...]:
    """Return all presets there are, those that are given with or behind ours."""
    return tuple(preset(name, given) for name in dict.fromkeys((*PRESETS, *(own.name for own in given))))
