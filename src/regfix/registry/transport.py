"""HTTP within bounds: each answer limited in time and bytes, few attempts, no cookies, no redirects by itself."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, cast

import httpx

from regfix.errors import UsageError
from regfix.registry.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping


class Limits(NamedTuple):
    """Bounds, in seconds: of a connection, of an answer, of all questions to a host, of a wait that is asked for.

    `pauses` are the waits before further attempts, `parallel` the questions to one host at the same time.
    """

    connect: float = 10.0
    answer: float = 30.0
    host: float = 120.0
    wait: float = 20.0
    pauses: tuple[float, ...] = (0.5, 2.0)
    parallel: int = 8


class NoAnswer(Exception):
    """Nobody answered, or not within the bounds.

    `again` tells that another attempt may help, `heard` that there was an answer, which concerns this question alone.
    """

    def __init__(self, why: str, *, again: bool = False, no_tls: bool = False, heard: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.again = again
        self.no_tls = no_tls
        self.heard = heard


class Reply(NamedTuple):
    """An answer: its status, its headers, and its body."""

    status: int
    headers: httpx.Headers
    body: bytes


_AGAIN = frozenset({429, 500, 502, 503, 504})


class Transport:
    """Carries questions to hosts; proxies come from the environment, as for other programs."""

    def __init__(self, certificates: str | None, limits: Limits) -> None:
        """Raises UsageError for certificates that cannot be read, and proxies that are none."""
        from regfix import __version__

        self._limits = limits
        try:
            self._client = httpx.AsyncClient(
                transport=Proxies(_context(certificates), os.environ), trust_env=False, follow_redirects=False,
                timeout=httpx.Timeout(limits.answer, connect=limits.connect, pool=None),
                headers={"User-Agent": f"regfix/{__version__}", "Accept-Encoding": "identity"},
            )  # fmt: skip
        except (httpx.InvalidURL, ValueError, ImportError):  # whose texts may show a password
            raise UsageError(
                "the proxy in the environment is not understood", where="HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
                hint="write http://HOST:PORT; for socks5://, pip install 'httpx[socks]'",
            ) from None  # fmt: skip

    async def ask(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        *,
        limit: int,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the answer, after some attempts if need be; raises NoAnswer. With a `limit` of 0 no body is read."""
        for pause in self._limits.pauses:
            try:
                reply = await self._once(method, url, headers, limit, form)
            except NoAnswer as error:
                if not error.again:
                    raise
            else:
                if reply.status not in _AGAIN:
                    return reply
                wanted = retry_after(reply.headers)
                if wanted > self._limits.wait:
                    return reply
                pause = max(pause, wanted)  # noqa: PLW2901
            await asyncio.sleep(pause)
        return await self._once(method, url, headers, limit, form)

    async def _once(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None
    ) -> Reply:
        self._client.cookies.clear()
        try:
            request = self._client.build_request(method, url, headers=dict(headers), data=form)
            async with asyncio.timeout(self._limits.answer):
                response = await self._client.send(request, stream=True, auth=None)
                try:
                    body = b"" if method == "HEAD" or not limit else await _body(response, limit)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException) as error:
            connecting = isinstance(error, httpx.ConnectTimeout)
            raise NoAnswer(f"no {'connection' if connecting else 'complete answer'} in time") from None
        except NoAnswer:
            raise
        except Exception as error:  # whatever an odd address or answer leads to concerns this question alone
            raise _no_answer(error) from None
        return Reply(response.status_code, response.headers, body)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


async def _body(response: httpx.Response, limit: int) -> bytes:
    """Return the bytes as they came; one that is compressed, though nobody asked for that, is refused."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer("the answer is compressed, which was not asked for", heard=True)
    body = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw())) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > limit:
                raise NoAnswer(f"the answer is larger than {limit // 1024:,} KiB", heard=True)
    return bytes(body)


def _no_answer(error: Exception) -> NoAnswer:
    """Return what went wrong on the way, told by the error at the bottom."""
    cause: BaseException | None = error
    while cause is not None:
        cause = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoAnswer(f"its certificate is not trusted: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError):
            return NoAnswer(f"no TLS connection: {cause.reason or 'failed'}", no_tls=True)
        if isinstance(cause, httpx.LocalProtocolError | UnicodeError):  # whose texts show what was to be sent
            return NoAnswer("the question to it cannot be sent as HTTP")
        error = cause if isinstance(cause, Exception) else error
        cause = cause.__cause__ or cause.__context__
    why = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        why = os.strerror(error.errno) if error.errno > 0 else error.strerror or why
    return NoAnswer(why[:300], again=isinstance(error, OSError | httpx.TransportError))


def retry_after(headers: httpx.Headers) -> float:
    """Return how many seconds a host asks to wait, by `Retry-After` (RFC 9110, 10.2.3); 0 if it does not."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    try:
        when = parsedate_to_datetime(said)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0


def _context(certificates: str | None) -> ssl.SSLContext:
    """Return which certificates are trusted: those of the system or of SSL_CERT_FILE, and those of a file."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        import certifi

        context.load_verify_locations(certifi.where())
    if certificates is not None:
        try:
            context.load_verify_locations(certificates)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or "it holds no certificates in PEM form"
            raise UsageError("the certificates cannot be read", where=f"--ca {certificates}", why=why) from None
    return context
