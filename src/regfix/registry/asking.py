"""Many questions to many registries at the same time, each once, within the time for each host."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from regfix.errors import RegfixError
from regfix.registry.answer import Answer, State, Tags, Wanted, joined
from regfix.registry.cache import Cache, cache_folder
from regfix.registry.library import import_httpx
from regfix.registry.mirrors import questions
from regfix.registry.signals import run_until_complete

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterable, Iterator

    from regfix.registry.client import Client
    from regfix.registry.mirrors import Mirror

    Told = Callable[[int], None]
    """Takes how many questions are answered."""

Result = TypeVar("Result")

THREADS = 64
"""How many names of hosts are looked up, and helpers asked, at a time; a silent name server holds one up for long."""


class Manner(NamedTuple):
    """How registries are asked: hosts without TLS, token services on other sites, certificates, the cache.

    `seconds` is the time for all questions to one host; `mirrors` are asked before the registries that they are for.
    """

    plain: tuple[str, ...] = ()
    realms: tuple[str, ...] = ()
    certificates: str | None = None
    cached: bool = True
    offline: bool = False
    seconds: float = 120.0
    mirrors: tuple[Mirror, ...] = ()


class Registries(Protocol):
    """Answers questions about images."""

    def answers(
        self, wanted: Iterable[Wanted], *, whole: Container[Wanted] = (), told: Told | None = None
    ) -> dict[Wanted, Answer]:
        """Return an answer to each question; of those in `whole` manifests are read, so that digests are checked."""

    def tags(self, repositories: Iterable[Wanted]) -> dict[Wanted, Tags]:
        """Return the tags of repositories."""

    def hosts(self, wanted: Iterable[Wanted]) -> dict[str, dict[str, set[str]]]:
        """Return which hosts take part when images are pulled: by registry, and by what for."""

    def remaining(self) -> dict[str, str]:
        """Return what registries said about how much they still give, by registry."""


@contextmanager
def registries(manner: Manner) -> Iterator[Registries]:
    """Give the registries; connections are closed at the end. Raises UsageError."""
    import_httpx()
    loop = asyncio.new_event_loop()
    asked = Asked(manner, loop)
    try:
        yield asked
    finally:
        asked.close()
        loop.close()


class Asked:
    """Registries that are really asked, or known from the cache."""

    def __init__(self, manner: Manner, loop: asyncio.AbstractEventLoop) -> None:
        from regfix.registry.address import Trust
        from regfix.registry.logins import Logins, login_files
        from regfix.registry.transport import Limits, Transport

        self._manner = manner
        self._loop = loop
        loop.set_default_executor(ThreadPoolExecutor(THREADS))
        self._limits = Limits(host=manner.seconds, answer=min(30.0, manner.seconds), connect=min(10.0, manner.seconds))
        self._trust = Trust(frozenset(manner.plain), frozenset(manner.realms))
        self._transport = Transport(manner.certificates, self._limits)
        self._logins = Logins(login_files(os.environ))
        folder = cache_folder(os.environ) if manner.cached else None
        self._cache = Cache(folder, plain=self._trust.plain, offline=manner.offline)
        self._clients: dict[str, Client] = {}
        self._left: dict[str, float] = {}  # seconds for each host

    def close(self) -> None:
        """Give up what is under way, and close all connections."""

        async def give_up() -> None:
            await asyncio.sleep(0)  # answers that were not read to their end are closed by tasks of their own
            while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await self._transport.close()
            await self._loop.shutdown_asyncgens()

        self._logins.close()
        self._loop.run_until_complete(give_up())

    def answers(
        self, wanted: Iterable[Wanted], *, whole: Container[Wanted] = (), told: Told | None = None
    ) -> dict[Wanted, Answer]:
        """See Registries."""
        rest = list(dict.fromkeys(wanted))
        mirrored = {one: list(questions(one, self._manner.mirrors)) for one in rest}
        found: dict[Wanted, Answer] = {}
        for turn in range(max(map(len, mirrored.values()), default=0)):
            asked = {one: mirrored[one][turn] for one in rest if turn < len(mirrored[one])}
            said = self._answers(asked.values(), {other for one, other in asked.items() if one in whole}, told)
            found |= {one: said[other] for one, other in asked.items() if said[other].state is State.FOUND}
            rest = [one for one in rest if one not in found]
        return found | self._answers(rest, whole, told)

    def _answers(self, wanted: Iterable[Wanted], whole: Container[Wanted], told: Told | None) -> dict[Wanted, Answer]:
        """Return the answers of the registries that are named, from the cache as far as it has them."""
        found: dict[Wanted, Answer] = {}
        missing: list[Wanted] = []
        for one in dict.fromkeys(wanted):
            known = self._cache.get(one, whole=one in whole)
            if known is not None:
                found[one] = known
            else:
                missing.append(one)
        asked = self._each(missing, lambda c, one: c.answer(one, whole=one in whole), lambda answer: answer, told)
        self._cache.put(asked.items())
        return found | asked

    def tags(self, repositories: Iterable[Wanted]) -> dict[Wanted, Tags]:
        """See Registries."""
        places = self._places(repositories)
        asked = self._each(chain(*places.values()), lambda client, one: client.tags(one), Tags)
        return {one: joined([asked[place] for place in at]) for one, at in places.items()}

    def hosts(self, wanted: Iterable[Wanted]) -> dict[str, dict[str, set[str]]]:
        """See Registries."""
        places = self._places(wanted)
        asked = self._each(chain(*places.values()), lambda client, one: client.blob_hosts(one), lambda answer: answer)
        found = {host: dict(client.session.hosts) for host, client in self._clients.items()}
        for one, at in places.items():
            if all(asked[place].state is not State.FOUND for place in at):
                why = f"{one}: {asked[one].why or asked[one].state}"
                found.setdefault(one.host, {}).setdefault("not known", set()).add(why)
        return found

    def _places(self, wanted: Iterable[Wanted]) -> dict[Wanted, list[Wanted]]:
        """Return where each is looked for: at the mirrors, then at the registry itself."""
        return {one: [*questions(one, self._manner.mirrors), one] for one in dict.fromkeys(wanted)}

    def remaining(self) -> dict[str, str]:
        """See Registries."""
        return {host: said for host, client in self._clients.items() if (said := client.session.remaining)}

    def _each(
        self,
        wanted: Iterable[Wanted],
        question: Callable[[Client, Wanted], Awaitable[Result]],
        failed: Callable[[Answer], Result],
        told: Told | None = None,
    ) -> dict[Wanted, Result]:
        """Return a result for each question, from all hosts at the same time; `failed` makes one of no answer."""
        by_host: dict[str, list[Wanted]] = {}
        for one in dict.fromkeys(wanted):
            by_host.setdefault(one.host, []).append(one)
        results: dict[Wanted, Result] = {}
        if self._manner.offline:
            answer = Answer(State.UNREACHABLE, why="not in the cache (--offline)")
            return {one: failed(answer) for ones in by_host.values() for one in ones}

        async def ask_all() -> None:
            await asyncio.gather(*(self._of_host(host, ones, question, failed, results, told)
                                   for host, ones in by_host.items()))  # fmt: skip

        run_until_complete(self._loop, ask_all())
        return results

    async def _of_host(
        self,
        host: str,
        wanted: list[Wanted],
        question: Callable[[Client, Wanted], Awaitable[Result]],
        failed: Callable[[Answer], Result],
        results: dict[Wanted, Result],
        told: Told | None,
    ) -> None:
        """Ask one host; when its time is over, or it is dead, the rest of its questions are not asked."""
        client = self._client(host)
        room = asyncio.Semaphore(self._limits.parallel)

        async def ask(one: Wanted) -> None:
            async with room:
                try:
                    results[one] = await question(client, one)
                except RegfixError:
                    raise
                except Exception as error:  # one bad answer never stops the rest
                    results[one] = failed(_unexpected(error))
                if told is not None:
                    told(len(results))

        began = self._loop.time()
        left = self._left.get(host, self._limits.host)
        try:
            async with asyncio.timeout(left):
                await asyncio.gather(*map(ask, wanted))
        except TimeoutError:
            why = f"the time for questions to this host is over ({self._limits.host:g} seconds)"
            for one in wanted:
                results.setdefault(one, failed(Answer(State.UNREACHABLE, why=why)))
        self._left[host] = left - (self._loop.time() - began)

    def _client(self, host: str) -> Client:
        from regfix.registry.client import Client
        from regfix.registry.session import Session

        if host not in self._clients:
            self._clients[host] = Client(Session(host, self._transport, self._logins, self._trust))
        return self._clients[host]


def _unexpected(error: Exception) -> Answer:
    if os.environ.get("REGFIX_TRACEBACK"):
        raise error
    return Answer(State.UNREACHABLE, why=f"unexpected error: {type(error).__name__} (REGFIX_TRACEBACK=1 shows more)")
