"""Where dependencies come from: what is secret in a URL is not told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regfix.chart.origin import redacted, repository_name, same_repository


@pytest.mark.parametrize(("text", "shown"), [
    ("https://charts.example.com/a", "https://charts.example.com/a"),
    ("https://anna:s3cret@charts.example.com/a", "https://***@charts.example.com/a"),
    ("https://token@charts.example.com", "https://***@charts.example.com"),
    ("https://anna:s3/cr@et@charts.example.com/a", "https://***@charts.example.com/a"),
    ("Get \"https://u:p@one/x\": and https://u:q@two/y failed", 'Get "https://***@one/x": and https://***@two/y failed'),
    ("https://one/x?X-Signature=abc&b=1 gone", "https://one/x?*** gone"),
    ("oci://one/charts/bell@sha256:0123", "oci://one/charts/bell@sha256:0123"),
    ("oci://u:p@one/charts/bell@sha256:0123", "oci://***@one/charts/bell@sha256:0123"),
    ("mail anna@example.com? no: a", "mail anna@example.com? no: a"),
])  # fmt: skip
def test_secrets_are_not_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown


@given(secret=st.from_regex(r"[A-Za-z0-9:@/%._~-]{4,20}", fullmatch=True).filter(lambda s: "sha256" not in s))
def test_no_password_stays(secret: str) -> None:
    assert redacted(f"x https://me:{secret}@charts.example.com/index.yaml: 404") == (
        "x https://***@charts.example.com/index.yaml: 404"
    )


def test_names_and_urls() -> None:
    assert [repository_name(text) for text in ("@a", "alias:b", "https://a@b", "")] == ["a", "b", "", ""]
    assert same_repository("https://a/b/", "https://a/b")
    assert not same_repository("https://a/b", "https://a/B")
