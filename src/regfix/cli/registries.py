"""What commands that ask registries have in common on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import value

if TYPE_CHECKING:
    from regfix.cli.options import Words
    from regfix.registry.asking import Manner

REGISTRIES = (
    value("plain", "--plain-http", metavar="HOST", many=True, help="Ask this host without TLS. Repeatable."),
    value("ca", "--ca", metavar="FILE", help="Certificates (PEM) to trust besides those of the system."),
    value("realm", "--realm", metavar="HOST", many=True, help="Take tokens from this host, on another site than its "
          "registry, too. Repeatable."),
    value("timeout", "--timeout", metavar="SECONDS", help="Time for all questions to one host (120)."),
)  # fmt: skip


def manner(
    plain: Words, ca: str | None, realm: Words, timeout: str | None, *, cached: bool = True, offline: bool = False
) -> Manner:
    """Return how registries are asked; raises UsageError."""
    from regfix.errors import UsageError
    from regfix.registry.asking import Manner

    seconds = timeout or "120"
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 6 and int(seconds)):
        raise UsageError("--timeout is a number of seconds, from 1", where=f"--timeout {timeout}")
    return Manner(plain, realm, ca, cached, offline, float(seconds))
