"""Runbooks flown: the outage of a page on a virtual clock, its commands as they are, the devices.

What a page shows as output, and the exit statuses, are compared by the tests of that page; here
only the first two lines of `iot-dr status`. The world has no MQTT: of messages it knows those that
devices drop. That nobody is served without a switch is tested in `test_status_diagnosis.py`.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import pytest

from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.observe.status.network import NETWORK
from tests.scenarios.support.place import LIMITS, RECONNECTING, Place
from tests.scenarios.test_switch_command import Operator
from tests.support.applied_world import new_test
from tests.support.aws_account import lead_to
from tests.support.command import iot_dr_here
from tests.support.runbook import Command, commands
from tests.support.within import within

BEGIN: Final = 330.0
BETWEEN: Final = 420.0
END: Final = 900.0
"""Seconds to the first command, between two, and from the last until all must be well."""
READS: Final = ("Get", "List", "Describe", "Search", "Query", "Scan", "BatchGet")
"""How the names of operations begin that change nothing."""


@dataclass(frozen=True)
class Flight:
    """The outage of a page, and the sections that its operator follows.

    Without `writes`, as where automation suffices, none of its commands may change anything. The
    outage ends before the commands of the section `after`; until then the standby must serve all
    devices. The answer at the end is that of the standby if `fails_over`.
    """

    page: str
    outage: str
    sections: tuple[str, ...]
    writes: bool = False
    after: str = ""
    fails_over: bool = False


LOST: Final = Flight("primary-lost.md", "kill", ("Automatic failover", "Check"), fails_over=True)
GLOBAL: Final = Flight("us-east-1-gone.md", "us-east-1", ("Check",))
SWITCHED: Final = Flight(
    "switch.md", "device-policy", ("Fail over", "Fail back"), writes=True, after="Fail back"
)
FLIGHTS: Final = [
    pytest.param(
        *(flight, seed),
        id=f"{flight.page}-{seed}",
        # Without us-east-1 all devices stay where they are.
        marks=pytest.mark.exhaustive if seed > 1 or flight is GLOBAL else (),
    )
    for flight in (LOST, GLOBAL, SWITCHED)
    for seed in range(1, 7)
]


@dataclass
class Flown:
    """An operator on a flight, and what the commands and devices did."""

    place: Place
    flight: Flight
    platform: Platform
    writes: list[ApiRequest] = field(default_factory=list[ApiRequest])
    dropped: list[int] = field(default_factory=list[int])

    def steps(self) -> Iterator[Callable[[], None]]:
        """Yield what is done, one after the other: the commands, and the end of the outage."""
        section = ""
        for command in commands(self.flight.page, *self.flight.sections):
            if command.section == self.flight.after != section:
                yield self.end
            section = command.section
            yield partial(self.follow, command)

    def end(self) -> None:
        """Begin the end of the outage, from which the standby serves; it is over at the next step.

        Fails if devices still wait for a region.
        """
        primary, standby, *_ = self.platform.world.sites
        self.served(standby.region)

        async def end() -> None:
            await OUTAGES[self.flight.outage].end(self.platform.rig, primary.region)

        self.platform.rig.run_in_background(end())

    def follow(self, command: Command) -> None:
        """Run a command; fails if it says another cause or next command than the page."""
        words = shlex.split(command.text)[1:]
        place = self.place
        with place.seen(self.platform) as visible:
            with within(NETWORK, replace(visible.network, limits=LIMITS)):
                if words[0] != "switch":
                    printed = iot_dr_here(*words, together=True, COLUMNS="200").stdout
                else:
                    printed = Operator(place.applied, place.faults).printed(command.text)
            self.writes += [each for each in place.faults.seen if is_write(each)]
        if words[0] == "status":
            assert command.shown
            assert printed.splitlines()[:2] == command.shown.splitlines()[:2]

    def served(self, region: str) -> None:
        """Fail unless a region that works is the answer, and such regions have all devices."""
        regions = self.platform.regions
        assert self.platform.answered() == region
        assert regions[region].works
        links = [each.links for each in regions.values() if each.works]
        assert sum(map(len, links)) >= DEVICES - RECONNECTING

    def count(self) -> None:
        """Count the messages that devices have dropped so far."""
        self.dropped.append(self.platform.messages_dropped)


def is_write(request: ApiRequest) -> bool:
    """Return whether a request may change something; an unknown operation may."""
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    operation = operation or request.body.decode().partition("Action=")[2]
    return not operation.startswith(READS) if operation else request.method != "GET"


@pytest.fixture(autouse=True)
def _account(dev: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(dev.faults.endpoint, monkeypatch)


@pytest.mark.parametrize(("flight", "seed"), FLIGHTS)
def test_the_devices_are_served_when_one_follows_the_page(
    dev: Place, flight: Flight, seed: int
) -> None:
    new_test(dev.applied, dev.faults)
    platform = Platform(dev.world, flight.outage, seed)
    flown = Flown(dev, flight, platform)
    steps = [*flown.steps()]
    moments = [BEGIN + BETWEEN * number for number in range(len(steps))]
    moments += [moments[-1] + END, moments[-1] + END + BETWEEN]
    left = iter([*steps, flown.count, flown.count])

    def take_step() -> None:
        next(left)()

    in_virtual_time(platform.run(moments, take_step))
    assert bool(flown.writes) == flight.writes, flown.writes
    flown.served(dev.world.sites[1 if flight.fails_over else 0].region)
    # Since the last command took effect nobody drops a message.
    before, after = flown.dropped
    assert before == after
