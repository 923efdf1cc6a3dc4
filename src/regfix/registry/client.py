"""The questions of the distribution API: manifests, tags, blobs. What comes back is hostile until it is read.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from regfix.registry.address import Refused
from regfix.registry.answer import Answer, State, Tags, Wanted, is_digest
from regfix.registry.manifest import ACCEPT, MAX_BYTES, BadManifest, parsed, platforms, some_blobs, verified_digest
from regfix.registry.session import Denied, Session
from regfix.registry.tagnames import is_signature
from regfix.registry.transport import NoAnswer

if TYPE_CHECKING:
    from regfix.registry.transport import Reply

MAX_PAGES = 500
"""How many pages of tags are read."""

MAX_TAGS = 200_000
MAX_PAGE_BYTES = 8 * 1024 * 1024
"""The largest page of tags that is read."""

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class Bad(Exception):
    """An answer is none that a registry gives; the text says why."""


class Client:
    """Asks one registry; answers come as data, never as exceptions."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def answer(self, wanted: Wanted, *, whole: bool = False) -> Answer:
        """Return whether an image is there, and its digest; `whole` reads its manifest, too, and checks the digest."""
        try:
            if not wanted.version:
                return await self._repository(wanted)
            return await self._manifest(wanted, whole=whole)
        except (NoAnswer, Refused, Denied, BadManifest, Bad) as error:
            return failure(error)

    async def tags(self, wanted: Wanted) -> Tags:
        """Return all tags of a repository."""
        names: dict[str, None] = {}
        path, seen = f"/v2/{wanted.repository}/tags/list", set[str]()
        try:
            while path:
                seen.add(path)
                reply = await self._page(path, wanted)
                if reply is None:
                    return Tags(Answer(State.MISSING))
                names.update(dict.fromkeys(_names(reply)))
                path = _next_page(path, reply)
                if path in seen or len(seen) > MAX_PAGES or len(names) > MAX_TAGS:
                    raise Bad(f"its list of tags does not end (after {len(seen)} pages, {len(names)} tags)")
        except (NoAnswer, Refused, Denied, Bad) as error:
            return Tags(failure(error))
        return Tags(Answer(State.FOUND), tuple(names))

    async def blob_hosts(self, wanted: Wanted) -> Answer:
        """Find out where a registry sends who pulls an image; the session notes the hosts."""
        try:
            manifest = await self._any(wanted)
            images = platforms(manifest)
            if images:
                manifest = await self._read(wanted, next(iter(images.values())))
            blobs = some_blobs(manifest)
            if not blobs:
                raise Bad("its manifest has no blobs")
            for digest in blobs:
                path = f"/v2/{wanted.repository}/blobs/{digest}"
                reply = await self.session.ask("GET", path, wanted.repository, "*/*", 0, "blobs")
                if reply.status != 200:
                    raise Bad(f"asked for a blob, {_status(reply)}")
        except (NoAnswer, Refused, Denied, BadManifest, Bad) as error:
            return failure(error)
        return Answer(State.FOUND)

    async def _any(self, wanted: Wanted) -> dict[str, Any]:
        """Return the manifest of an image, of any other in its repository if it is not there, or not named."""
        if wanted.version:
            reply = await self._of_manifest("GET", wanted, wanted.version)
            if reply.status != 404:
                return _checked(reply, wanted.version)[1]
        return await self._read(wanted, await self._some_tag(wanted))

    async def _some_tag(self, wanted: Wanted) -> str:
        """Return a tag of a repository, the last that is not that of a signature; raises Bad."""
        reply = await self._page(f"/v2/{wanted.repository}/tags/list", wanted)
        tags = [tag for tag in _names(reply) if not is_signature(tag)] if reply is not None else []
        if not tags:
            raise Bad("it has no tags")
        return tags[-1]

    async def _manifest(self, wanted: Wanted, *, whole: bool) -> Answer:
        if not whole:
            reply = await self._of_manifest("HEAD", wanted, wanted.version)
            told = reply.headers.get("docker-content-digest", "")
            if reply.status == 404:
                return Answer(State.MISSING)
            if reply.status == 200 and is_digest(told):
                if ":" in wanted.version and told != wanted.version:
                    raise Bad("it answers with another digest than the one that was asked for")
                return Answer(State.FOUND, told)
        reply = await self._of_manifest("GET", wanted, wanted.version)
        if reply.status == 404:
            return Answer(State.MISSING)
        digest, content = _checked(reply, wanted.version)
        return Answer(State.FOUND, digest, whole=True, platforms=platforms(content))

    async def _read(self, wanted: Wanted, version: str) -> dict[str, Any]:
        reply = await self._of_manifest("GET", wanted, version)
        if reply.status == 404:
            raise Bad(f"it has no manifest for {version}")
        return _checked(reply, version)[1]

    async def _of_manifest(self, method: str, wanted: Wanted, version: str) -> Reply:
        path = f"/v2/{wanted.repository}/manifests/{version}"
        return await self.session.ask(method, path, wanted.repository, ACCEPT, MAX_BYTES)

    async def _repository(self, wanted: Wanted) -> Answer:
        """Tell whether a repository has tags; the first page says that."""
        reply = await self._page(f"/v2/{wanted.repository}/tags/list", wanted)
        return Answer(State.FOUND if reply is not None and _names(reply) else State.MISSING)

    async def _page(self, path: str, wanted: Wanted) -> Reply | None:
        """Return a page of tags, None where there is no such repository."""
        reply = await self.session.ask("GET", path, wanted.repository, "application/json", MAX_PAGE_BYTES)
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise Bad(_status(reply))
        return reply


def _checked(reply: Reply, version: str) -> tuple[str, dict[str, Any]]:
    """Return the digest of a manifest and its content; raises Bad, BadManifest."""
    if reply.status != 200:
        raise Bad(_status(reply))
    told = reply.headers.get("docker-content-digest", "")
    if told and not is_digest(told):
        raise Bad("it tells a digest that is none")
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    asked = version if ":" in version else ""
    return verified_digest(reply.body, kind, told, asked), parsed(reply.body)


def _next_page(path: str, reply: Reply) -> str:
    """Return where the next page is, as seen from this one (RFC 8288); empty on the last page, raises Bad."""
    links = httpx.Response(200, headers=reply.headers).links
    link = next((one.get("url", "") for rel, one in links.items() if rel and "next" in rel.lower().split()), "")
    try:
        return str(httpx.URL(path).join(link)) if link else ""
    except (httpx.InvalidURL, ValueError):
        raise Bad("the next page leads to no valid address") from None


def _names(reply: Reply) -> list[str]:
    """Return the tags on a page; raises Bad."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise Bad("its list of tags is no JSON") from None
    tags = found.get("tags") if isinstance(found, dict) else found
    if tags is None and isinstance(found, dict) and not found.keys().isdisjoint(("tags", "name")):
        return []
    if not isinstance(tags, list) or not all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in tags):
        raise Bad("its list of tags is none")
    return tags


def _status(reply: Reply) -> str:
    if reply.status == 429:
        return "it takes no more questions for now (status 429)"
    return f"it answers with status {reply.status}"


def failure(error: Exception) -> Answer:
    """Return what an error means for the question."""
    return Answer(State.DENIED if isinstance(error, Denied) else State.UNREACHABLE, why=str(error))
