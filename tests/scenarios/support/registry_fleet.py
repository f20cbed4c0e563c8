"""A fleet of devices in two regions whose registries are replicated."""

import io
import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Final

import pytest
from botocore.exceptions import ClientError

from functions.registry.entity import Entity, Kind
from functions.registry.state import State
from iot_dr.operate.registry.diff import Diff, DiffResult
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.ledger import ledger
from tests.functions.authority import Authority
from tests.functions.registry.calls import Calls, listening
from tests.functions.registry.devices import registers
from tests.functions.registry.pair import Pair, two_regions
from tests.scenarios.support.registry_owners import IN_ONE
from tests.scenarios.support.registry_users import IN_BOTH, Users, furnish, share, thing

_LOG: Final = logging.getLogger(__name__)

KINDS: Final = sorted([*IN_BOTH, *IN_ONE])
"""All possible actions."""
QUARTER: Final = 4
"""One of so many devices belongs to each region only, and two are shared."""
_STEP: Final = 100
_CALLS: Final = 5
"""For each device a run of the reconciler checks the remaining time so often."""


@dataclass(frozen=True)
class Change:
    """An action in a region; numbers select the device and the variant."""

    region: int
    what: str
    device: int
    value: int


@dataclass(frozen=True)
class World:
    """A fleet in two regions; of four devices one is each region's only, and two are shared."""

    pair: Pair
    users: tuple[Users, Users]
    calls: tuple[Calls, Calls]

    def do(self, changes: Sequence[Change], *, carries: bool = True) -> None:
        """Make changes and, if it `carries`, transfer pending rows and messages now and then."""
        for number, change in enumerate(changes):
            if number % _STEP == 0:
                _LOG.info("change %d of %d", number, len(changes))
            first = change.device // 2 * QUARTER
            users = self.users[change.region]
            # A change that AWS refuses, such as one of a deleted thing, is skipped.
            with suppress(ClientError):
                if change.what in IN_ONE:
                    IN_ONE[change.what](users, first + change.region, change.value)
                else:
                    IN_BOTH[change.what](users, first + 2 + change.device % 2, change.value)
            if carries and change.value == 0:
                self.pair.carry()

    def settle(self) -> None:
        """Transfer everything, make both regions compare, and transfer the results."""
        self.pair.settle()
        for side in self.pair.sides:
            runs = side.reconcile(calls=_CALLS * len(self.users[0].certificates))
            _LOG.info("%s is compared, in %d runs", side.aws.region, runs)
        self.pair.settle()

    def decided(self) -> list[State | None]:
        """Return each region's state of the devices that only it changes."""
        certificates = self.users[0].certificates
        return [
            self.pair.sides[device % QUARTER].state(entity)
            for device, identity in enumerate(certificates)
            if device % QUARTER in (0, 1)
            for entity in (
                Entity(Kind.THING, thing(device)),
                Entity(Kind.CERTIFICATE, identity),
            )
        ]

    def is_apart(self) -> bool:
        """Whether the regions' own rows differ."""
        hashes = [
            {key: row.hash for (key, region), row in side.rows().items() if region == here}
            for side in self.pair.sides
            for here in (side.aws.region,)
        ]
        return hashes[0] != hashes[1]

    def diff(self) -> DiffResult:
        """Compare everything in the regions, as `iot-dr registry diff` does."""
        readings = {
            side.aws.region: EntityReader(registry=side.access(), threads=1)
            for side in self.pair.sides
        }
        with ledger(None, {"command": "diff", "regions": "both"}) as book:
            return Diff(readings=readings, ledger=book, show=True).run()

    def dead_letters(self) -> set[str]:
        """Return the keys of all entities that the regions have dead-lettered."""
        rows = (row for side in self.pair.sides for row in side.rows().values())
        return {row.entity.key for row in rows if row.dead_letter is not None}


@contextmanager
def fleet(authority: Authority, devices: int) -> Generator[World]:
    """Return a fleet that was created in the west and copied to the other region."""
    with (
        # Logging a line for each entity: keeping the lines costs more than writing them.
        redirect_stdout(io.StringIO()),
        pytest.MonkeyPatch.context() as monkeypatch,
        two_regions(monkeypatch) as pair,
    ):
        register = registers(pair.west, authority)
        certificates: list[str] = []
        users = Users(pair.west, certificates), Users(pair.central, certificates)
        share(users[0])
        certificates += [furnish(users[0], register, device) for device in range(devices)]
        _LOG.info("%d devices are made", devices)
        pair.west.reconcile(calls=_CALLS * devices)
        pair.settle()
        _LOG.info("they have come to the other region")
        with listening(pair.west) as west, listening(pair.central) as central:
            yield World(pair, users, (west, central))
