"""Questions to one registry with all that they need: TLS or not, logins, tokens, redirects."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from regfix.registry.address import Refused, is_loopback, netloc, origin
from regfix.registry.challenge import challenges, token_in
from regfix.registry.helper import HelperFailed
from regfix.registry.transport import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from regfix.registry.address import Trust
    from regfix.registry.challenge import Challenge
    from regfix.registry.logins import Login, Logins
    from regfix.registry.transport import Reply, Transport

MAX_TOKEN_BYTES = 256 * 1024
"""The largest answer of a token service that is read."""

MAX_REDIRECTS = 5
MAX_SILENT = 3
"""How often in a row a host may fail to answer before it is not asked any more."""

_OR_NOTHING = "; some registries say so where there is nothing, too"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Denied(Exception):
    """A registry, or its token service, does not let us in; the text says why."""


class Session:
    """Asks one registry. A login goes to its own origin, or to the token service of that, and nowhere else."""

    def __init__(self, host: str, transport: Transport, logins: Logins, trust: Trust) -> None:
        self.host = host
        self.hosts: dict[str, set[str]] = {}
        """Which hosts took part, by what for: registry, token service, redirect."""
        self.remaining = ""
        """How much the registry still gives, by the headers `ratelimit-remaining` and `ratelimit-limit`."""
        self._transport = transport
        self._logins = logins
        self._trust = trust
        self._opening = asyncio.Lock()
        self._silent: list[NoAnswer] = []  # in a row
        self._base: httpx.URL | None = None
        self._offered: dict[str, list[Challenge]] = {}
        self._sent: dict[tuple[str, str], str] = {}
        self._preparing: dict[tuple[str, str], asyncio.Lock] = {}  # one token for all images of a repository

    async def ask(
        self, method: str, path: str, repository: str, accept: str, limit: int, what: str = "redirect"
    ) -> Reply:  # fmt: skip
        """Return the answer at the end of all redirects; raises NoAnswer, Refused, Denied.

        `path` may be a whole address, which has to be the registry's own. Hosts that it sends to are noted as `what`.
        """
        if len(self._silent) >= MAX_SILENT:
            raise self._silent[-1]
        try:
            reply = await self._followed(method, path, repository, accept, limit, what)
        except NoAnswer as error:
            if not error.heard:
                self._silent.append(error)
            raise
        self._silent.clear()
        return reply

    async def _followed(
        self, method: str, path: str, repository: str, accept: str, limit: int, what: str
    ) -> Reply:  # fmt: skip
        base = await self._open()
        url = self._trust.page(base, path)
        for _ in range(MAX_REDIRECTS + 1):
            with _naming(url, unlike=base):
                reply = await self._authenticated(method, url, repository, accept, limit)
            if reply.status not in _REDIRECTS:
                return reply
            url = self._trust.redirect(url, reply.headers.get("location", ""))
            self._note(what, url)
        raise Refused(f"more than {MAX_REDIRECTS} redirects")

    async def _open(self) -> httpx.URL:
        """Return the address of the registry, after it was asked once what it wants."""
        async with self._opening:
            if self._base is None:
                if len(self._silent) >= MAX_SILENT:
                    raise self._silent[-1]
                try:
                    self._base = await self._greeted(self._trust.base(self.host))
                except NoAnswer as error:
                    self._silent += [error] * MAX_SILENT  # it was tried often enough
                    raise
                self._note("registry", self._base)
            return self._base

    async def _greeted(self, base: httpx.URL) -> httpx.URL:
        """Return the address of a registry that answers; one on this machine may do so without TLS."""
        try:
            reply = await self._transport.ask("GET", base.join("/v2/"), {}, limit=MAX_TOKEN_BYTES)
        except NoAnswer as error:
            if not (error.no_tls and is_loopback(base.host)):
                raise
            base = base.copy_with(scheme="http")
            reply = await self._transport.ask("GET", base.join("/v2/"), {}, limit=MAX_TOKEN_BYTES)
        if reply.status == 401:
            self._offered[origin(base)] = challenges(reply.headers.get("www-authenticate", ""))
        return base

    async def _authenticated(self, method: str, url: httpx.URL, repository: str, accept: str, limit: int) -> Reply:
        """Return the answer of one address, authenticated as far as it wants that."""
        place = origin(url)
        async with self._preparing.setdefault((place, repository), asyncio.Lock()):
            if place in self._offered and (place, repository) not in self._sent:
                await self._authenticate(url, repository)
        for attempt in range(2):
            sent = self._sent.get((place, repository), "")
            headers = {"Accept": accept, **({"Authorization": sent} if sent else {})}
            reply = await self._transport.ask(method, url, headers, limit=limit)
            self._note_limits(reply)
            if reply.status != 401 or attempt:
                break
            self._offered[place] = challenges(reply.headers.get("www-authenticate", ""))
            if not await self._authenticate(url, repository):
                break
        if reply.status in (401, 403):
            who = "with the login that you have" if self._has_login(place, repository) else "without a login"
            raise Denied(who + _OR_NOTHING)
        return reply

    def _has_login(self, place: str, repository: str) -> bool:
        return self._base is not None and place == origin(self._base) and ("login", repository) in self._sent

    async def _authenticate(self, url: httpx.URL, repository: str) -> bool:
        """Get ready what the next question to an origin is sent with; tell whether there is something."""
        place = origin(url)
        login = await self._login(repository) if self._base is not None and place == origin(self._base) else None
        if login is not None:
            self._sent["login", repository] = ""  # for messages: that there is one, not which
        for challenge in self._offered[place]:
            if challenge.scheme == "bearer":
                token = login.bearer if login is not None and login.bearer else ""
                token = token or await self._token(url, challenge, repository, login)
                self._sent[place, repository] = f"Bearer {token}"
                return True
            if challenge.scheme == "basic" and login is not None and login.user:
                self._sent[place, repository] = login.basic
                return True
        return False

    async def _login(self, repository: str) -> Login | None:
        try:
            return await self._logins.of(self.host, repository)
        except HelperFailed as error:
            raise Denied(str(error)) from None

    async def _token(self, url: httpx.URL, challenge: Challenge, repository: str, login: Login | None) -> str:
        """Return a token for a repository. Source: https://distribution.github.io/distribution/spec/auth/token/"""
        realm = self._trust.realm(url, challenge.parameters.get("realm", ""))
        self._note("token service", realm)
        asked = {"service": challenge.parameters.get("service", ""), "scope": f"repository:{repository}:pull"}
        if login is not None and login.identity:
            form = {**asked, "grant_type": "refresh_token", "client_id": "regfix", "refresh_token": login.identity}
            with _naming(realm, unlike=url):
                reply = await self._transport.ask("POST", realm, {}, limit=MAX_TOKEN_BYTES, form=form)
        else:
            headers = {"Authorization": login.basic} if login is not None and login.user else {}
            query = {key: value for key, value in asked.items() if value}
            with _naming(realm, unlike=url):
                reply = await self._transport.ask("GET", realm.copy_merge_params(query), headers, limit=MAX_TOKEN_BYTES)
        if reply.status in (400, 401, 403):
            who = "your login" if login is not None else "a question without a login"
            raise Denied(f"{netloc(realm)} gives no token to {who}{_OR_NOTHING}")
        try:
            token = token_in(json.loads(reply.body)) if reply.status == 200 else ""
        except (ValueError, RecursionError):
            token = ""
        if not token:
            raise NoAnswer(f"{netloc(realm)} gave no token (status {reply.status})")
        return token

    def _note(self, what: str, url: httpx.URL) -> None:
        self.hosts.setdefault(what, set()).add(netloc(url))

    def _note_limits(self, reply: Reply) -> None:
        left, most = (reply.headers.get(f"ratelimit-{name}", "") for name in ("remaining", "limit"))
        (left, _, _), (most, _, window) = left.partition(";w="), most.partition(";w=")
        if _is_count(left) and _is_count(most):
            self.remaining = f"{left} of {most} pulls left" + (f" in {window} seconds" if _is_count(window) else "")


@contextmanager
def _naming(url: httpx.URL, *, unlike: httpx.URL) -> Iterator[None]:
    """Name the host of an address in what goes wrong there, unless it is that of another address."""
    try:
        yield
    except NoAnswer as error:
        if origin(url) == origin(unlike):
            raise
        raise NoAnswer(f"{netloc(url)}: {error.why}", heard=error.heard) from None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12
