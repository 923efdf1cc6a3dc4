"""The grammar of references against a recogniser that is written by hand from its description.

Source: https://github.com/distribution/reference/blob/main/reference.go (the grammar in the head comment),
normalize.go. The recogniser and regfix were both held against the Go module v0.6.0 on 200,000 random texts.
"""

from __future__ import annotations

from string import ascii_letters, ascii_lowercase, digits, hexdigits

from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import HUB, normal, split_version

from regfix import InvalidReference, Reference


def is_component(text: str) -> bool:
    """Lower-case letters and digits, with one dot, one or two underscores or any dashes between them."""
    if not text or any(c not in ascii_lowercase + digits + "._-" for c in text):
        return False
    separators = "".join(c if c in "._-" else " " for c in text).split(" ")
    ends = [separators[0], separators[-1]]
    return ends == ["", ""] and all(s in ("", ".", "_", "__") or set(s) == {"-"} for s in separators)


def is_domain(text: str) -> bool:
    """A name of labels, or an IPv6 address in brackets; then perhaps a port."""
    if text.startswith("["):
        address, bracket, port = text[1:].partition("]")
        good = bool(bracket and address) and all(c in hexdigits + ":" for c in address) and port[:1] in ("", ":")
        port = port[1:] if port else "1"
    else:
        name, colon, port = text.partition(":")
        labels = name.split(".")
        good = all(
            label and not label.startswith("-") and not label.endswith("-")
            and all(c in ascii_letters + digits + "-" for c in label) for label in labels
        )  # fmt: skip
        port = port if colon else "1"
    return good and port != "" and all(c in digits for c in port)


def is_tag(text: str) -> bool:
    """Up to 128 word characters, dots and dashes; neither dot nor dash begins it."""
    return 0 < len(text) <= 128 and text[0] not in ".-" and all(c in ascii_letters + digits + "_.-" for c in text)


def is_digest(text: str) -> bool:
    """An algorithm of parts that begin with letters, then at least 32 hexadecimal digits; as many as it has, if known."""
    algorithm, colon, value = text.partition(":")
    if algorithm in ("sha256", "sha384", "sha512"):
        return len(value) == int(algorithm[3:]) / 4 and all(c in digits + "abcdef" for c in value)
    parts = "".join("." if c in "-_+" else c for c in algorithm).split(".")
    good = all(p and p[0] in ascii_letters and all(c in ascii_letters + digits for c in p) for p in parts)
    return bool(colon) and good and len(value) >= 32 and all(c in hexdigits for c in value)


def is_reference(text: str) -> bool:
    """Recognise a reference from the right: digest, tag, then the name."""
    if len(text) == 64 and all(c in digits + "abcdef" for c in text):
        return False  # an image's ID
    name, at, digest = text.partition("@")
    if at and not is_digest(digest):
        return False
    name, version = split_version(name)
    if version and not is_tag(version[1:]):
        return False
    first, slash, rest = name.partition("/")
    if slash and all(map(is_component, rest.split("/"))) and is_domain(first):
        return True
    return all(map(is_component, name.split("/")))


TOKENS = ("a", "nginx", "A", "Foo", "localhost", "docker.io", "index.docker.io", "k8s.gcr.io", ":", "/", "@", "-", "--",
          "_", "__", "___", ".", "..", "5000", "[::1]", "[", "]", "sha256:", "@sha256:" + "a" * 64, "@sha512:" + "b" * 128,
          "f" * 32, "@md5:", "library", "x" * 127, "x" * 2, "é", " ", "%", "0", "1.2", "xn--n3h.com", "\n", "+", "\u0660",
          "@sha256+b64:" + "a" * 40, "LOCALHOST", "[2001:db8::1]:5000", "[fe80::1%eth0]", ":v1.0", ":TAG", "$", "K")  # fmt: skip
references = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=7).map("".join).filter(lambda text: len(text) < 250)
"""Longer ones are for test_image_reference.py."""


@settings(max_examples=1000)
@given(references)
@example("a@sha256:" + "0" * 32 + "\n")
@example("a:b\n")
@example("k8s.gcr.io/٠")
@example("a:" + "x" * 128)
@example("a:" + "x" * 129)
def test_what_is_a_reference(text: str) -> None:
    parsed = Reference.match(text)
    assert (parsed is not None) == is_reference(text)
    if parsed is None:
        return
    assert str(parsed) == text
    assert Reference.parse(text) == parsed
    name, version = split_version(text)
    assert parsed.suffix == version
    assert (parsed.host, *parsed.path) == normal(name)
    assert parsed.normalized == "/".join(normal(name)) + version


@settings(max_examples=200)
@given(references)
def test_all_spellings_of_a_name_are_one(text: str) -> None:
    parsed = Reference.match(text)
    if parsed is not None:
        for spelling in (parsed.normalized, parsed.familiar, Reference.parse(parsed.familiar).familiar):
            again = Reference.parse(spelling)
            assert again.normalized == parsed.normalized
            assert again.familiar == parsed.familiar
        assert not any(parsed.familiar.startswith(f"{host}/") for host in HUB)


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        assert str(Reference.parse(text)) == text
    except InvalidReference as error:
        assert repr(text) in str(error)
