"""The grammar of references as named fragments of regular expressions.

Source: https://github.com/distribution/reference/blob/main/regexp.go (grammar in reference.go). Each fragment is
text, so that a module compiles only what it uses; none of them captures.
"""

from __future__ import annotations

ALPHANUMERIC = r"[a-z0-9]+"
SEPARATOR = r"(?:[._]|__|-+)"
COMPONENT = rf"{ALPHANUMERIC}(?:{SEPARATOR}{ALPHANUMERIC})*"
PATH = rf"{COMPONENT}(?:/{COMPONENT})*"

DOMAIN_LABEL = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
DOMAIN_NAME = rf"{DOMAIN_LABEL}(?:\.{DOMAIN_LABEL})*"
IPV6 = r"\[[a-fA-F0-9:]+\]"
PORT = r"[0-9]+"
DOMAIN = rf"(?:{DOMAIN_NAME}|{IPV6})(?::{PORT})?"

TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST_ALGORITHM = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
# The lengths of the algorithms that every implementation has: https://github.com/opencontainers/go-digest
_KNOWN_DIGEST = r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})(?![0-9a-fA-F])"
DIGEST = rf"(?:{_KNOWN_DIGEST}|(?!sha(?:256|384|512):){DIGEST_ALGORITHM}:[0-9a-fA-F]{{32,}})"

IDENTIFIER = r"[a-f0-9]{64}"
"""An image's ID, which is no name, although the grammar of names would have it."""

MAX_REPOSITORY = 255
"""The longest repository, in characters, its registry not counted (`RepositoryNameTotalLengthMax`)."""
