"""What a source is, judged by its name."""

from __future__ import annotations

from enum import StrEnum

from regfix.settings.find import SETTINGS_NAME


class Kind(StrEnum):
    """How a source is read: as YAML (JSON too), as kustomize does, as a template, as any other text, or not at all.

    An overlay is a kustomization of manifests that are not in the run, a schema that of the values of a chart.
    """

    YAML = "yaml"
    KUSTOMIZATION = "kustomization"
    OVERLAY = "overlay"
    SCHEMA = "schema"
    TEMPLATE = "template"
    TEXT = "text"
    SETTINGS = "settings"


KUSTOMIZED = frozenset({Kind.KUSTOMIZATION, Kind.OVERLAY})
PARSED = KUSTOMIZED | {Kind.YAML, Kind.SCHEMA}
"""The kinds that a YAML parser reads."""

KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
"""The file names that kustomize looks for (`RecognizedKustomizationFileNames` in its api/konfig package)."""
_YAML = (".yaml", ".yml", ".json")
_TEMPLATE = (".tpl", ".tmpl", ".gotmpl", ".gotpl", ".template", ".j2", ".jinja", ".jinja2", ".yaml.in", ".yml.in",
             ".json.in", ".tftpl")  # fmt: skip


def kind_of(path: str) -> Kind:
    """Return the kind of a file by its name and its folder (Helm renders what is in `templates`)."""
    folder, _, name = path.rpartition("/")
    lower = name.lower()
    if name in KUSTOMIZATIONS:
        return Kind.KUSTOMIZATION
    if lower.endswith(_YAML):
        if name == SETTINGS_NAME:
            return Kind.SETTINGS
        if name == "values.schema.json":
            return Kind.SCHEMA
        return Kind.TEMPLATE if "templates" in folder.split("/") else Kind.YAML
    return Kind.TEMPLATE if lower.endswith(_TEMPLATE) else Kind.TEXT
