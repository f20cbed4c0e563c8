"""Caching DNS resolver of one or many devices."""

import asyncio
import random
from collections.abc import Callable
from typing import Final, NamedTuple

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.upstream import AnswerRecord, ResolveError, Upstream
from iot_dr.terraform_json.dns_name import dns_name

_LONGEST_CHAIN: Final = 8
_PAUSE: Final = 1.0


class _Cached(NamedTuple):
    row: AnswerRecord
    until: float


class CachingResolver:
    """Resolver that caches each record for its TTL in rehearsed seconds."""

    def __init__(self, upstream: Upstream, clock: RigClock) -> None:
        self._upstream, self._clock = upstream, clock
        self._cache: dict[str, _Cached] = {}
        self._asking: dict[str, asyncio.Task[dict[str, AnswerRecord]]] = {}

    async def resolve(self, name: str) -> str:
        """Return the IPv4 address of a name; raises ResolveError without one.

        Concurrent calls for the same name share one query.
        """
        wanted = dns_name(name)
        for _ in range(_LONGEST_CHAIN):
            *_, last = [None, *_chain(wanted, self._valid)]
            wanted = last.value if last else wanted
            if last is None or not last.is_address:
                *_, last = [None, *_chain(wanted, (await self._ask(wanted)).get)]
            if last is None:
                break
            if last.is_address:
                return last.value
            wanted = last.value
        raise ResolveError(f"{name} does not resolve to an address")

    async def keep_warm(self, name: str, phases: random.Random) -> None:
        """Query a name whenever its answer expires, as other users would, until cancelled.

        The first answer expires after a random part of its TTL.
        """
        wanted = dns_name(name)
        is_first = True
        while True:
            try:
                await self.resolve(wanted)
            except ResolveError:
                await self._clock.sleep(_PAUSE)
                continue
            if is_first:
                self._age(phases)
                is_first = False
            ends = [self._cache[row.owner].until for row in _chain(wanted, self._valid)]
            # Records with a TTL of 0 are not cached.
            left = min(ends) - self._clock.now() if ends else _PAUSE
            await self._clock.sleep(left)

    def _age(self, phases: random.Random) -> None:
        now = self._clock.now()
        for owner, (row, _) in self._cache.items():
            self._cache[owner] = _Cached(row, now + phases.uniform(0, row.ttl))

    def _valid(self, owner: str) -> AnswerRecord | None:
        cached = self._cache.get(owner)
        return cached.row if cached and self._clock.now() < cached.until else None

    async def _ask(self, name: str) -> dict[str, AnswerRecord]:
        """Query a name; return the answer's records by owner, and cache them."""
        if name not in self._asking:
            self._asking[name] = asyncio.create_task(self._fetched(name))
            self._asking[name].add_done_callback(lambda task: self._asked(name, task))
        # A cancelled waiter must not cancel the query of the others.
        return await asyncio.shield(self._asking[name])

    async def _fetched(self, name: str) -> dict[str, AnswerRecord]:
        rows = {row.owner: row for row in await self._upstream.query(name)}
        now = self._clock.now()
        for row in _chain(name, rows.get):
            self._cache[row.owner] = _Cached(row, now + row.ttl)
        return rows

    def _asked(self, name: str, task: asyncio.Task[dict[str, AnswerRecord]]) -> None:
        del self._asking[name]
        if not task.cancelled():
            # Retrieved, as no waiter may be left to do so.
            task.exception()


def _chain(name: str, row_of: Callable[[str], AnswerRecord | None]) -> list[AnswerRecord]:
    """Return the records from a name to an address, or until one is missing."""
    rows: list[AnswerRecord] = []
    while len(rows) < _LONGEST_CHAIN and (row := row_of(name)):
        rows.append(row)
        if row.is_address:
            break
        name = row.value
    return rows
