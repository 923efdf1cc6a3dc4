"""What the structure of YAML says about an occurrence: registries, labels, credentials, keys, anchors (R13, R15, R16)."""

from __future__ import annotations

import pytest

from regfix import Action, SourceError, rewrite_text

RULES = ["k8s.gcr.io=registry.k8s.io"]


def reasons(text: str, rules: list[str] | None = None) -> list[str]:
    """Return the reasons of what is left; nothing must change."""
    result = rewrite_text(text, rules or RULES)
    assert result.text == text
    return [str(finding.reason) for finding in result.findings if finding.action is Action.LEAVE]


@pytest.mark.parametrize(
    "text",
    [
        "registry: {}\n",
        "imageRegistry: {}\n",
        "global:\n  imageRegistry: {}\n",
        "hub: '{}'\n",
        "image:\n  registry: {}\n  repository: pause\n",
        "image: {}\n",
        "registry: {}/\n",
        "env:\n- name: IMAGE_REGISTRY\n  value: {}\n",
        "env:\n- {{value: x, name: y}}\n- {{name: REGISTRY, value: {}}}\n",
        "args: [--registry={}]\n",
        "args: ['--image-registry={}/']\n",
        "a: |\n  REGISTRY={}\n",
        "a: |\n  export IMAGE_REPO={}\n",
        'config.json: \'{{"registry": "{}"}}\'\n',
        "a: |\n  registry: {}\n",
        "a: '{{{{ .Values.hub | default \"{}\" }}}}'\n",
        "# registry: {}\na: b\n",
    ],
)
def test_a_bare_host_that_is_a_registry_of_images_moves(text: str) -> None:
    assert rewrite_text(text.format("k8s.gcr.io"), RULES).text == text.format("registry.k8s.io")


@pytest.mark.parametrize(
    "text",
    [
        "description: The old k8s.gcr.io is frozen\n",
        "description: k8s.gcr.io\n",
        "host: k8s.gcr.io\n",
        "allowed: [k8s.gcr.io, quay.io]\n",
        "- k8s.gcr.io\n",
        "k8s.gcr.io\n",
        "k8s.gcr.io: x\n",
        "imagePullSecret: k8s.gcr.io\n",
        "registryMirror: k8s.gcr.io\n",
        "env:\n- name: SERVER\n  value: k8s.gcr.io\n",
        "args: [--server=k8s.gcr.io]\n",
        "# k8s.gcr.io is frozen\na: b\n",
        "# the registry k8s.gcr.io\na: b\n",
        "a: |\n  The registry is k8s.gcr.io\n",
    ],
)
def test_a_bare_host_elsewhere_is_prose(text: str) -> None:
    assert reasons(text) == ["prose"]


@pytest.mark.parametrize(
    "parent", ["labels", "annotations", "matchLabels", "nodeSelector", "commonLabels", "podAnnotations"]
)
def test_the_keys_of_labels_stay(parent: str) -> None:
    assert reasons(f"metadata:\n  {parent}:\n    k8s.gcr.io/owner: x\n") == ["label"]


def test_the_values_of_annotations_move() -> None:
    text = "metadata: {annotations: {images: 'k8s.gcr.io/pause:3.2'}}\n"
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


def test_other_keys_move() -> None:
    text = "preload:\n  k8s.gcr.io/pause:3.2: true\n  'k8s.gcr.io/etcd': false\n"
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize(
    "text",
    [
        "{registry: k8s.gcr.io, username: a, password: b}\n",
        "registry: k8s.gcr.io\nauth: abc\n",
        "imageCredentials:\n  password: x\n  registry: k8s.gcr.io\n",
    ],
)
def test_the_registry_of_credentials_stays(text: str) -> None:
    assert reasons(text) == ["credentials"]


def test_a_whole_reference_beside_credentials_moves() -> None:
    text = "image: k8s.gcr.io/pause\nusername: a\n"
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize("style", ["{}", "'{}'", '"{}"'])
def test_duplicate_keys_all_move(style: str) -> None:
    text = f"image: {style}\nimage: {style}\n".format("k8s.gcr.io/a", "k8s.gcr.io/b")
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


def test_an_anchored_reference_is_edited_once() -> None:
    text = "a: &x k8s.gcr.io/pause\nb: *x\nc:\n- *x\nimage: *x\n"
    result = rewrite_text(text, RULES)
    assert result.text == text.replace("k8s.gcr.io", "registry.k8s.io")
    assert sum(len(finding.edits) for finding in result.findings) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  image: &x nginx\nb:\n  image: *x\n", "a:\n  image: &x ghcr.io/hub/library/nginx\nb:\n  image: *x\n"),
        ("x: &x nginx:1\nimage: *x\n", "x: &x ghcr.io/hub/library/nginx:1\nimage: *x\n"),
        (
            "a: {registry: &r docker.io, repository: x/a}\nb: {registry: *r, repository: x/b}\n",
            "a: {registry: &r ghcr.io/hub, repository: x/a}\nb: {registry: *r, repository: x/b}\n",
        ),
    ],
)
def test_what_all_aliases_agree_on_moves(before: str, after: str) -> None:
    assert rewrite_text(before, ["docker.io=ghcr.io/hub"]).text == after


def test_an_anchor_whose_uses_move_apart_stays() -> None:
    text = "a: {registry: &r docker.io, repository: library/a}\nb: {registry: *r, repository: x/b}\n"
    assert "shared" in reasons(text, ["docker.io/x=ghcr.io/x"])


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  image: nginx\n",
        "a: '\n  image: nginx\n  '\n",
        "a: >\n  image: nginx\n",
        'a: "image: nginx"\n',
        "a: x\n  image\n",
    ],
)
def test_a_key_in_another_scalar_is_no_key_of_this_document(text: str) -> None:
    assert rewrite_text(text, ["docker.io=ghcr.io/hub"]).text == text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [k8s.gcr.io/x\n", "x.yaml:2:1"),
        ("a: b\n c: d\nimage: k8s.gcr.io/x\n", "x.yaml:2:3"),
        ("a: 'k8s.gcr.io/x\n", "x.yaml:"),
        ("a: *undefined\n\tb: k8s.gcr.io/x\n", "x.yaml:"),
        ("k8s.gcr.io/x\x00", "x.yaml:"),
        ("a: \x07\nb: k8s.gcr.io/x\n", "x.yaml:1:4"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text: str, where: str) -> None:
    with pytest.raises(SourceError) as caught:
        rewrite_text(text, RULES, name="x.yaml")
    assert str(caught.value).startswith(where)
    assert "not valid YAML" in str(caught.value)


def test_the_place_of_an_error_counts_from_the_streams_start() -> None:
    text = "a: b\n---\n" + "# " + "x" * 9000 + "\n---\nimage: k8s.gcr.io/x\nc: [\n"
    with pytest.raises(SourceError, match=r"^x\.yaml:7:1: not valid YAML"):
        rewrite_text(text, RULES, name="x.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a:b: k8s.gcr.io/x\n",
        "[a, b]: k8s.gcr.io/x\n",
        "a: k8s.gcr.io/x\n...\nb: k8s.gcr.io/y\n",
        '{"a":k8s.gcr.io/x}\n',
    ],
)
def test_yaml_that_only_one_parser_accepts_is_read(text: str) -> None:
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize("text", ["", "\n", "# c\n", "---\n", "---\n...\n", "\ufeff", "a", "~", "[]", "{}"])
def test_empty_texts(text: str) -> None:
    assert rewrite_text(text, RULES) == (text, ())


def test_deep_nesting_is_no_recursion() -> None:
    text = "[" * 900 + "k8s.gcr.io/x" + "]" * 900
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


def test_nesting_above_the_limit_of_the_parser_is_reported() -> None:
    """From 0.2.6 on libyaml stops at 1,000 levels (yaml_set_max_nest_level); before, regfix stops later."""
    text = "[" * 50_000 + "k8s.gcr.io/x" + "]" * 50_000
    with pytest.raises(SourceError, match="nest"):
        rewrite_text(text, RULES)


def test_aliases_are_not_followed() -> None:
    text = "a0: &a0 [k8s.gcr.io/x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
    )
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")
