"""The bytes of a text, all at once and in pieces."""

from __future__ import annotations

import pytest

from regfix.text.source import _PIECE, decode


@pytest.mark.parametrize("text", ["", "a: 1\n", "é🚢" * _PIECE, "x" * (2 * _PIECE)])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_pieces_are_the_bytes(text: str, bom: bytes) -> None:
    data = bom + text.encode()
    source = decode(data, "x.yaml")
    content = source.content(source.text)
    assert b"".join(content.pieces()) == b"".join(content.pieces()) == source.encode(source.text) == data
