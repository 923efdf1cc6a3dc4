"""Where a registry is asked, and where a redirect or a challenge may lead from there. Pure."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

import httpx

from regfix.image.host import DOCKER_HUB

_ENDPOINTS = {DOCKER_HUB: "registry-1.docker.io"}
_REALMS = {
    "registry-1.docker.io": ("auth.docker.io",),
    "lscr.io": ("ghcr.io",),
}
"""Token services on another site than their registry (https://docs.docker.com, https://docs.linuxserver.io)."""


class Refused(Exception):
    """An address that is not asked, with the reason."""


class Trust(NamedTuple):
    """What the user allows: hosts that are asked without TLS, hosts of token services on other sites."""

    plain: frozenset[str] = frozenset()
    realms: frozenset[str] = frozenset()

    def may_be_plain(self, url: httpx.URL) -> bool:
        """Tell whether a host may be asked without TLS: it is named, or this machine."""
        return is_loopback(url.host) or not self.plain.isdisjoint((url.host, netloc(url)))

    def base(self, host: str) -> httpx.URL:
        """Return where a registry is asked; one on this machine with TLS, too, if it is not named."""
        try:
            url = _sound(httpx.URL(f"https://{_ENDPOINTS.get(host, host)}/"))
        except (httpx.InvalidURL, ValueError):
            raise Refused("its name is none of a host, or its port none of a service") from None
        return url.copy_with(scheme="http") if not self.plain.isdisjoint((url.host, host)) else url

    def page(self, base: httpx.URL, path: str) -> httpx.URL:
        """Return an address at a registry; raises Refused for one that is elsewhere."""
        target = _joined(base, path, "the next page")
        if origin(target) != origin(base):
            raise Refused("it sends to another host for the next page")
        return target

    def redirect(self, url: httpx.URL, location: str) -> httpx.URL:
        """Return where a redirect leads; raises Refused for one that would leave TLS, or HTTP."""
        target = _joined(url, location, "a redirect")
        if _is_near(target.host) and not _is_near(url.host):
            raise Refused(f"a redirect to {netloc(target)}, which is this machine or beside it, is refused")
        if target.scheme == "http" and (url.scheme != "http" or not self.may_be_plain(target)):
            raise Refused(f"a redirect to {netloc(target)} without TLS is refused")
        return target

    def realm(self, url: httpx.URL, realm: str) -> httpx.URL:
        """Return the address of the token service of a registry; raises Refused for one on a foreign site."""
        target = _joined(url, realm, "a token service")
        if target.scheme == "http" and (url.scheme != "http" or not self.may_be_plain(target)):
            raise Refused(f"a token service at {netloc(target)} without TLS is refused")
        known = (*_REALMS.get(url.host, ()), *self.realms)
        if target.host not in known and netloc(target) not in known and not _same_site(url.host, target.host):
            raise Refused(f"a token service on another site, {netloc(target)}, is refused (--realm allows it)")
        return target


def _joined(url: httpx.URL, location: str, what: str) -> httpx.URL:
    try:
        target = _sound(url.join(location))
    except (httpx.InvalidURL, ValueError):
        raise Refused(f"{what} leads to no valid address") from None
    if not location or target.scheme not in ("http", "https") or target.userinfo:
        raise Refused(f"{what} leads to no valid address")
    return target


def _sound(url: httpx.URL) -> httpx.URL:
    """Return an address; raises ValueError for one without a host, and for hosts and ports that cannot be.

    A host is decoded when it is asked for, which may fail then.
    """
    last = url.host.rstrip(".").rpartition(".")[2]
    if not last or not 0 < (url.port or 443) < 65536 or url.port == 0:
        raise ValueError
    if last[:1].isdigit() and (last.isdigit() or last[:2] == "0x") and _address(url.host) is None:
        raise ValueError  # 127.1, 0x7f000001 or 2130706433, which some resolvers take for an address
    return url


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, whatever a name server says."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_near(host: str) -> bool:
    """Tell whether a host is this machine by whatever name, or on its own link, as the services of clouds are."""
    address = _address(host)
    if address is None:
        return f".{host}".rstrip(".").endswith(".localhost")
    return address.is_loopback or address.is_link_local or address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a host that is an address, the one in it where IPv6 wraps one; None for a name."""
    try:
        address = ipaddress.ip_address(host.rstrip("."))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def netloc(url: httpx.URL) -> str:
    """Return the host with its port, if that is not the usual one."""
    return url.netloc.decode("ascii", "replace")


def origin(url: httpx.URL) -> str:
    """Return what credentials are bound to: scheme, host and port."""
    return f"{url.scheme}://{netloc(url)}"


def _same_site(registry: str, realm: str) -> bool:
    """Tell whether a host is the registry's, the domain that it is below, or a neighbour below the same domain.

    Such a domain has two names at least. Which domains are open to everybody is on no list here: a neighbour below
    `co.uk` counts. That is about whom a registry may send passwords to which it could ask for itself.
    """
    if registry == realm:
        return True
    parent = registry.partition(".")[2]
    if "." not in parent or parent.replace(".", "").isdigit() or ":" in registry:
        return False
    return realm == parent or (realm.endswith("." + parent) and realm.count(".") == registry.count("."))
