"""How a file is read, judged by its name."""

from __future__ import annotations

import pytest

from regfix.locate.kind import Kind, kind_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.yaml", Kind.YAML),
        ("a.yml", Kind.YAML),
        ("a.json", Kind.YAML),
        ("A.YAML", Kind.YAML),
        ("./x/a.yaml", Kind.YAML),
        ("/x/a.b.yaml", Kind.YAML),
        (".yaml", Kind.YAML),
        ("x/templates/a.yaml", Kind.TEMPLATE),
        ("x/templates/tests/a.yaml", Kind.TEMPLATE),
        ("x/my-templates/a.yaml", Kind.YAML),
        ("templates.yaml", Kind.YAML),
        ("x/templates/_helpers.tpl", Kind.TEMPLATE),
        ("a.tpl", Kind.TEMPLATE),
        ("a.yaml.gotmpl", Kind.TEMPLATE),
        ("a.j2", Kind.TEMPLATE),
        ("a.yaml.in", Kind.TEMPLATE),
        ("templates/NOTES.txt", Kind.TEXT),
        ("README.md", Kind.TEXT),
        ("Dockerfile", Kind.TEXT),
        ("a.yaml.bak", Kind.TEXT),
        ("yaml", Kind.TEXT),
        ("a.go", Kind.TEXT),
        ("a.in", Kind.TEXT),
        ("", Kind.TEXT),
        ("kustomization.yaml", Kind.KUSTOMIZATION),
        ("x/kustomization.yml", Kind.KUSTOMIZATION),
        ("x/Kustomization", Kind.KUSTOMIZATION),
        ("x/my-kustomization.yaml", Kind.YAML),
        (".regfix.yaml", Kind.SETTINGS),
        ("x/.regfix.yaml", Kind.SETTINGS),
        ("x/regfix.yaml", Kind.YAML),
    ],
)
def test_kinds(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind
