"""What commands that ask registries have in common on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regfix.cli.options import Words
    from regfix.registry.asking import Manner


def manner(
    *, plain: Words, ca: str | None, realm: Words, timeout: str | None, no_cache: bool = False, offline: bool = False,
    mirror: Words = (),
) -> Manner:  # fmt: skip
    """Return how registries are asked; raises UsageError."""
    from regfix.errors import UsageError
    from regfix.registry.asking import Manner
    from regfix.registry.mirrors import parse_mirrors

    if no_cache and offline:
        raise UsageError("--no-cache and --offline exclude each other", hint="--offline answers from the cache")
    seconds = timeout or "120"
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 6 and int(seconds)):
        raise UsageError("--timeout is a number of seconds, from 1", where=f"--timeout {timeout}")
    for option, hosts in (("--plain-http", plain), ("--realm", realm)):
        for host in hosts:
            if "/" in host:
                raise UsageError("it is no host", where=f"{option} {host}", hint="write HOST or HOST:PORT")
    return Manner(plain, realm, ca, not no_cache, offline, float(seconds), parse_mirrors(mirror))


def manner_if(verify: bool, **asking: Any) -> Manner | None:
    """Return how registries are asked with `--verify`; raises UsageError for what means nothing without it."""
    if verify:
        return manner(**asking)
    if any(asking.values()):
        from regfix.errors import UsageError

        given = next(name for name, said in asking.items() if said)
        option = {"plain": "plain-http"}.get(given, given.replace("_", "-"))
        raise UsageError(f"--{option} means nothing here", hint="it goes with --verify")
    return None
