"""Runbooks flown: the outage of a page on a virtual clock, its commands as they are, the devices.

What a page shows as output is compared by the tests of that page; here only its first two lines,
if they are a diagnosis. The world has no MQTT: of messages it knows those that devices drop.
"""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.faults import Faults, Request
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.observe.status.network import NETWORK
from tests.scenarios.support.place import LIMITS, Place, placed
from tests.scenarios.test_switch_command import Operator
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.aws_account import lead_to
from tests.support.command import iot_dr_here
from tests.support.runbook import Command, commands
from tests.support.within import within

BEGIN: Final = 330.0
BETWEEN: Final = 420.0
END: Final = 900.0
"""Seconds to the first command, between two, and from the last until all must be well."""
STILL_CONNECTING: Final = 3
"""Devices that connect again at any moment, as their network is bad."""


@dataclass(frozen=True)
class Flight:
    """The outage of a page, and the sections that its operator follows.

    Without `writes`, as where automation suffices, none of its commands may change anything. The
    outage ends before the commands of the section `after`.
    """

    page: str
    outage: str
    sections: tuple[str, ...]
    writes: bool = False
    after: str = ""


FLIGHTS: Final = (
    Flight("primary-lost.md", "kill", ("Automatic failover", "Check")),
    Flight("us-east-1-gone.md", "us-east-1", ("Check",)),
    Flight(
        "switch.md", "device-policy", ("Fail over", "Fail back"), writes=True, after="Fail back"
    ),
)


@pytest.fixture(scope="module")
def dev(
    dev_world: tuple[AppliedWorld, Faults], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    with placed(dev_world, tmp_path_factory.mktemp("flown")) as place:
        yield place


@dataclass
class Flown:
    """An operator on a flight: the commands that are `left`, and what the others did."""

    place: Place
    flight: Flight
    platform: Platform
    left: list[Command]
    writes: list[str] = field(default_factory=list[str])
    dropped: list[int] = field(default_factory=list[int])

    def end(self) -> None:
        """Begin the end of the outage; it is over long before the next look."""
        rig = self.platform.rig
        primary = self.platform.world.primary.region

        async def end() -> None:
            await OUTAGES[self.flight.outage].end(rig, primary)

        rig.run_in_background(end())

    def look(self) -> None:
        """Run the next command, if one is left."""
        self.dropped.append(self.platform.messages_dropped)
        if not self.left:
            return
        command = self.left.pop(0)
        printed = self.run(command.text)
        if command.text.startswith("iot-dr status"):
            assert command.shown
            assert printed.splitlines()[:2] == command.shown.splitlines()[:2]
        if self.left and self.left[0].section == self.flight.after != command.section:
            self.end()

    def run(self, text: str) -> str:
        """Return what a terminal shows of a command."""
        words = shlex.split(text)[1:]
        place = self.place
        with ExitStack() as stack:
            visible = stack.enter_context(place.seen(self.platform))
            stack.enter_context(within(NETWORK, replace(visible.network, limits=LIMITS)))
            if words[0] != "switch":
                printed = iot_dr_here(*words, together=True, COLUMNS="200").stdout
            else:
                printed = Operator(place.applied, place.faults).printed(text)
            self.writes += [each.path for each in place.faults.seen if is_write(each)]
            return printed


def is_write(request: Request) -> bool:
    """Return whether a request changes something in CloudWatch, Parameter Store or Route 53."""
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    changes = operation.startswith(("Put", "Set", "Delete", "Update", "Create"))
    return changes or (request.service == "route53" and request.method != "GET")


def fly(place: Place, flight: Flight, seed: int) -> None:
    """Follow a page to its end; fails where its operator would, or where devices suffer."""
    new_test(place.applied, place.faults)
    platform = Platform(place.world, flight.outage, seed)
    flown = Flown(place, flight, platform, commands(flight.page, *flight.sections))
    moments = [BEGIN + BETWEEN * number for number in range(len(flown.left))]
    moments += [moments[-1] + END, moments[-1] + END + BETWEEN]
    in_virtual_time(platform.run(moments, flown.look))
    assert flown.left == []
    assert bool(flown.writes) == flight.writes, flown.writes
    serving = [region for region in platform.regions.values() if region.works]
    assert sum(len(region.links) for region in serving) >= DEVICES - STILL_CONNECTING
    assert platform.regions[platform.answered()].works
    # Since the last command took effect nobody drops a message.
    assert flown.dropped[-1] == flown.dropped[-2]


@pytest.mark.parametrize("flight", FLIGHTS, ids=lambda each: each.page)
def test_the_devices_are_served_when_one_follows_the_page(dev: Place, flight: Flight) -> None:
    fly(dev, flight, seed=1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(2, 7))
@pytest.mark.parametrize("flight", FLIGHTS, ids=lambda each: each.page)
def test_the_page_is_right_whenever_the_outage_begins(
    dev: Place, flight: Flight, seed: int
) -> None:
    fly(dev, flight, seed)


def test_without_the_commands_of_the_page_the_devices_stay_lost(dev: Place) -> None:
    (flight,) = [each for each in FLIGHTS if each.writes]
    platform = Platform(dev.world, flight.outage, seed=1)
    in_virtual_time(platform.run([BEGIN + END], lambda: None))
    assert not platform.regions[platform.answered()].works


@pytest.fixture(autouse=True)
def _account(dev: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(dev.faults.endpoint, monkeypatch)
