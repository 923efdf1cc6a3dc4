"""By which proxy a host is asked: those of the environment, as programs in Go read it, so that skopeo agrees.

Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy (NO_PROXY holds names, ports, addresses and networks; what is
on this machine is asked without a proxy)
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from regfix.registry.address import is_loopback

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


class Proxies(httpx.AsyncBaseTransport):
    """Sends each question straight to its host, or by the proxy for its scheme."""

    def __init__(self, context: ssl.SSLContext, env: Mapping[str, str]) -> None:
        """Raises httpx.InvalidURL, ValueError and ImportError for a proxy that cannot be one."""
        self._straight = httpx.AsyncHTTPTransport(verify=context)
        self._by_proxy = {
            scheme: httpx.AsyncHTTPTransport(verify=context, proxy=httpx.Proxy(url))
            for scheme in ("http", "https") if (url := proxy_url(scheme, env))
        }  # fmt: skip
        self._without = _said("no_proxy", env)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx.AsyncBaseTransport."""
        url = request.url
        chosen = self._by_proxy.get(url.scheme)
        if chosen is None or is_straight(url.host, url.port or (443 if url.scheme == "https" else 80), self._without):
            chosen = self._straight
        return await chosen.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (self._straight, *self._by_proxy.values()):
            await transport.aclose()


def proxy_url(scheme: str, env: Mapping[str, str]) -> str:
    """Return the proxy for a scheme, empty where there is none; one without a scheme speaks HTTP."""
    said = _said(f"{scheme}_proxy", env) or _said("all_proxy", env)
    return said if "://" in said or not said else f"http://{said}"


def is_straight(host: str, port: int, without: str) -> bool:
    """Tell whether a host is asked without a proxy: it is this machine, or in a list as NO_PROXY holds it."""
    return is_loopback(host) or any(_holds(entry.strip().lower(), host.lower(), port) for entry in without.split(","))


def _said(name: str, env: Mapping[str, str]) -> str:
    return env.get(name.upper()) or env.get(name, "")


def _holds(entry: str, host: str, port: int) -> bool:
    if entry in ("", "*"):
        return entry == "*"
    with suppress(ValueError):
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    name, colon, wanted = entry.rpartition(":")
    if not (colon and wanted.isascii() and wanted.isdecimal() and (":" not in name or name.endswith("]"))):
        name, wanted = entry, ""
    if wanted and wanted.lstrip("0") != str(port):
        return False
    name = name.strip("[]").removeprefix("*").removeprefix(".")
    return name != "" and (host == name or host.endswith(f".{name}"))
