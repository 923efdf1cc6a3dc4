"""Where the tag of an image stands that its name does not hold: which key it is, and when nobody can tell."""

from __future__ import annotations

import pytest

import regfix
from regfix.image.catalogue import preset_rules
from regfix.locate.kind import Kind

NAME, MOVED = "docker.io/bitnami/redis", "docker.io/bitnamilegacy/redis"
KNOWN = {
    "beside the repository": f"repository: {NAME}\ntag: v7.0\n",
    "beside a whole reference": f"image: {NAME}\nimageTag: v7.0\n",
    "before the name": f"tag: v7.0\nrepository: {NAME}\n",
    "quoted": f"repository: '{NAME}'\ntag: \"7.0\"\n",
    "in flow style": f"image: {{repository: {NAME}, tag: v7.0}}\n",
    "JSON": f'{{"image": {{"repository": "{NAME}", "tag": "7.0"}}}}\n',
    "with words of its own": f"sidecarImage: {NAME}\nsidecarImageTag: v7.0\nimageTag: latest\n",
    "by a merge key": f"base: &base {{tag: v7.0}}\nimage: {{<<: *base, repository: {NAME}}}\n",
    "by an alias": f"version: &v v7.0\nimage: {{repository: {NAME}, tag: *v}}\n",
    "kustomize's": f"images:\n  - name: {NAME}\n    newTag: v7.0\n",
    "a version": f"image: {NAME}\nimageVersion: v7.0\n",
    "in a comment": f"# image:\n#   repository: {NAME}\n#   tag: v7.0\nx: 1\n",
    "in a document within": f"data:\n  values.yaml: |\n    image:\n      repository: {NAME}\n      tag: v7.0\n",
    "a digest behind": f"image: {NAME}:7.0@sha256:{'0a' * 32}\n",
}
UNKNOWN = {
    "of another image": f"image: {NAME}\nsidecarImageTag: v7.0\n",
    "a number": f"repository: {NAME}\ntag: 7.0\n",
    "nothing": f"repository: {NAME}\ntag:\n",
    "empty": f'repository: {NAME}\ntag: ""\n',
    "an action": f'repository: {NAME}\ntag: "{{{{ .Values.tag }}}}"\n',
    "a variable": f"repository: {NAME}\ntag: $TAG\n",
    "no tag by the grammar": f"repository: {NAME}\ntag: 7.0+build\n",
    "twice": f"repository: {NAME}\ntag: v7.0\ntag: latest\n",
    "in the mapping above": f"tag: v7.0\nimage:\n  repository: {NAME}\n",
    "completed": f"image: {NAME}:7.$MINOR\n",
    "an API's version": f"version: v7.0\nimage: {NAME}\n",
}


def outcome(text: str, kind: Kind = Kind.YAML) -> tuple[str, list[str | None]]:
    done = regfix.rewrite_text(text, preset_rules("bitnami"), kind=kind)
    return done.text, [finding.reason for finding in done.findings]


@pytest.mark.parametrize("case", KNOWN)
def test_a_tag_that_is_known(case: str) -> None:
    assert outcome(KNOWN[case]) == (KNOWN[case].replace(NAME, MOVED), [None])


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_tag_that_nobody_knows(case: str) -> None:
    assert outcome(UNKNOWN[case]) == (UNKNOWN[case], ["unknown-tag"])


@pytest.mark.parametrize(
    ("tag", "reason"), [("v7.0", None), ("{{ .Values.tag }}", "unknown-tag"), ("v7.{{ .x }}", "unknown-tag"), ("latest", "other-tag")]
)  # fmt: skip
@pytest.mark.parametrize(
    "form", ["image: {name}:{tag}\n", "repository: {name}\ntag: {tag}\n", "# image: {name}:{tag}\n"]
)
def test_a_tag_in_a_template(form: str, tag: str, reason: str | None) -> None:
    text = "{{ if .x }}\n" + form.format(name=NAME, tag=tag) + "{{ end }}\n"
    after, reasons = outcome(text, Kind.TEMPLATE)
    assert (after, reasons) == (text if reason else text.replace(NAME, MOVED), [reason])
