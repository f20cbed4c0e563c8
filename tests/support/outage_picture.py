"""One outage of our design and of the usual one, drawn; run as a module to write the picture.

Whether the answer moves follows from each design's own records and checks, as `iot-dr prove`
evaluates them; when it moves, and when devices are back, is simulated as by `drill simulate`.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Final

import iot_dr.api  # noqa: F401 - first, so that the provider's bindings load fast
from environments.loader import load
from iot_dr.common.html import Element, document, element, style
from iot_dr.design.design import Fault, FaultKind
from iot_dr.design.reading import designs
from iot_dr.drill.report.page import canvas
from iot_dr.drill.simulate.scenario import scenario_of
from iot_dr.drill.simulate.simulation import SimulationResult, simulate
from iot_dr.prover.machine import BEGINS, Event, Machine
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import Documents, ours
from tests.iot_dr.rules.test_public_designs import DESIGNS
from tests.support.command import ROOT

PICTURE: Final = ROOT / "docs" / "images" / "outage.svg"
USUAL: Final = "JussiLem/iot-demo"

_ENVIRONMENT: Final = load("dev", {})
_OUTAGE: Final = "kill"
_SEED: Final = 1
_BEGIN, _END = -30, 480
_WIDTH, _HEIGHT = 380, 300
_TOP: Final = 88
_AXIS: Final = _HEIGHT - canvas.BOTTOM - canvas.LINE


def public_design(name: str) -> Documents:
    """Return the stack of a design that others have published."""
    return {"dns": dict(DESIGNS[name][1])}


def outcome(stacks: Documents) -> SimulationResult:
    """Simulate the loss of the region that a design's answer leads to, with its devices."""
    scenario = replace(scenario_of(_ENVIRONMENT, _OUTAGE), horizon=_END)
    resources = ResourceSet(read_configuration(*stack) for stack in stacks.items())
    failover = None if _fails_over(resources) else inf
    return simulate(_ENVIRONMENT.recovery.fleet, scenario, _SEED, failover)


def _fails_over(resources: ResourceSet) -> bool:
    """Whether the answer leads to a region that serves, once the one before is lost."""
    (design,) = designs(resources)
    machine = Machine(design)
    site = design.sites[machine.start.answer.record.id]
    lost = machine.faults.index(Fault(site.place, FaultKind.REGION))
    step = machine.after(machine.start.state, Event(BEGINS, lost))
    return machine.serves(step.answer.record.id, step.state)


def picture() -> str:
    """Return the SVG, which is readable on a light and on a dark page."""
    rules = " ".join((style() + Path(canvas.__file__).with_name("page.css").read_text()).split())
    usual = outcome(public_design(USUAL))
    outcomes = {"iot-dr": outcome(ours()), "HTTPS check on AWS IoT": usual}
    drawing = element(
        "svg",
        element("style", rules),
        *_drawn(outcomes),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"-8 0 {_WIDTH + 16} {_HEIGHT}",
        width="500",
        style="background: var(--page)",
    )
    return "".join(document(drawing)).partition("\n")[2]


def _drawn(outcomes: dict[str, SimulationResult]) -> Iterator[Element]:
    fleet = f"{_ENVIRONMENT.recovery.fleet:,} devices"
    yield canvas.text(0, 18, "The primary region is lost", "name")
    yield canvas.text(0, 34, f"Simulated: outage {_OUTAGE}, {fleet}, seed {_SEED}", "tick")
    x = canvas.across(_WIDTH, _BEGIN, _END)
    y = canvas.Scale(0, 100, _AXIS, _TOP + canvas.LINE)
    yield canvas.text(0, _TOP + 4, "devices connected", "tick")
    yield from canvas.count_axis(x, y, range(0, 101, 25), " %")
    yield from canvas.time_axis(x, _AXIS)
    yield canvas.text(x.end, _HEIGHT - 5, "seconds after the outage", "tick", "end")
    for number, (name, simulated) in enumerate(outcomes.items()):
        height = 52 + number * canvas.LINE
        yield canvas.text(0, height, f"{name}: {_summary(simulated)}", f"name r{number}")
        shares = 100 * simulated.accepted[:_END].cumsum() / _ENVIRONMENT.recovery.fleet
        times = [_BEGIN, 0, *range(1, len(shares) + 1)]
        steps = canvas.stepped(times, [100, 0, *map(float, shares)], x, y, _END)
        yield canvas.path(steps, f"curve r{number}")


def _summary(simulated: SimulationResult) -> str:
    if simulated.never:
        return f"answer stays, {len(simulated.recovered) - simulated.never:,} devices back"
    return (
        f"answer moves after {simulated.failover_at:.0f} s, all back after {simulated.last:.0f} s"
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
