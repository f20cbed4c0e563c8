"""With two to five regions and any one gone, watchers latch that failure and the next one.

The page's table says where devices are led; here the synthesized design decides it, with the
watchers, checks and alarms of the regions that are left.
"""

import pytest

from iot_dr.design.design import Fault, FaultKind
from iot_dr.design.reading import designs
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.machine import BEGINS, ENDS, Event, Machine, MachineState, Transition
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.lost_regions import COUNTS, lost_regions_table
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

_FEW = 3


class World:
    """The design of an environment of some regions, and the losses of its regions."""

    def __init__(self, count: int, synthesis: Synthesis) -> None:
        self.regions = REGIONS[:count]
        chosen = settings(regions=list(self.regions))
        stacks = synthesis(chosen).items()
        resources = ResourceSet(read_configuration(name, each.document) for name, each in stacks)
        (design,) = designs(resources, design_expectation(chosen))
        self.machine = Machine(design)

    def lose(self, region: str, state: MachineState | None = None) -> Transition:
        return self._happens(BEGINS, region, state or self.machine.start.state)

    def recover(self, region: str, state: MachineState) -> Transition:
        return self._happens(ENDS, region, state)

    def led_to(self, step: Transition) -> str:
        """Return the region that devices are led to; it must serve them."""
        site = self.machine.site(step.answer)
        assert site
        assert self.machine.serves(step.answer.record.id, step.state), step.answer
        assert site.region
        return site.region

    def _happens(self, action: str, region: str, state: MachineState) -> Transition:
        fault = self.machine.faults.index(Fault(region, FaultKind.REGION))
        return self.machine.after(state, Event(action, fault))


@pytest.fixture(
    params=[
        pytest.param(count, marks=() if count <= _FEW else pytest.mark.exhaustive)
        for count in COUNTS
    ],
    ids="{} regions".format,
)
def world(request: pytest.FixtureRequest, synthesis: Synthesis) -> World:
    return World(request.param, synthesis)


def answers(count: int) -> dict[str, str]:
    """Return the page's answer for each lost region."""
    cells = (line.strip("|").split("|") for line in lost_regions_table(count).splitlines()[2:])
    named = {str(number): region for number, region in enumerate(REGIONS[:count], 1)}
    numbers = {gone.strip(): answer.strip() for gone, answer, *_ in cells}
    return {named[gone]: named[numbers[gone]] for gone in numbers if gone in named}


def test_any_region_is_lost_and_devices_stay_where_they_were_led(world: World) -> None:
    for gone, answer in answers(len(world.regions)).items():
        lost = world.lose(gone)
        assert world.led_to(lost) == answer
        assert world.led_to(world.recover(gone, lost.state)) == answer


def test_a_second_failure_is_latched_too_whichever_region_was_lost_first(world: World) -> None:
    for gone in world.regions if len(world.regions) >= _FEW else ():
        first = world.lose(gone)
        failing = world.led_to(first)
        second = world.lose(failing, first.state)
        place = world.led_to(second)
        assert place not in {gone, failing}
        back = world.recover(failing, second.state)
        assert world.led_to(back) == place, f"{gone} is gone, {failing} is back"
        assert world.led_to(world.recover(gone, back.state)) == place
