"""`iot-dr switch away --drain` as an operator runs it on a made-up day, and its fleet."""

from collections.abc import Callable

from environments.settings import Settings
from iot_dr.cli.switch import SwitchCommand, run
from iot_dr.common.waiting import PollLimits
from iot_dr.observe.switch.switching import Switching
from iot_dr.operate.drain.draining import Draining
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import DEV, WEST
from tests.support.iot_connections import Connections

FLEET = 100
RATE = 50.0


def fleet(day: Day, count: int = FLEET) -> Connections:
    """Connect devices to the primary; one has a name that must be encoded."""
    names = {f"device-{number:05d}" for number in range(count - 1)} | {"hall 3/café"}
    connections = Connections(WEST, names, clock=lambda: day.now)
    day.faults.answers.insert(0, connections.answer)
    return connections


def away(  # noqa: PLR0913 - what an operator gives, and a test
    day: Day,
    *,
    rate: float = RATE,
    chosen: Settings = DEV,
    reason: str = "test",
    prober: Callable[[str], None] = lambda _name: None,
    every: float = 60.0,
    **options: bool,
) -> int:
    """Switch the primary away and drain it, as an operator who does not want to be asked.

    `every` is in real seconds: the standby is not looked at again, unless a test is about that.
    """
    command = SwitchCommand(
        environment="dev",
        region=WEST,
        action="away",
        reason=reason,
        yes=options.get("yes", True),
        force=options.get("force", False),
        as_json=options.get("as_json", False),
        drain=rate,
    )

    draining = Draining(
        settings=chosen,
        region=WEST,
        rate=rate,
        network=day.network,
        prober=prober,
        polls=PollLimits(limit=1800, interval=5, clock=lambda: day.now, pause=day.pause),
        every=every,
    )
    return run(command, Switching(DEV, WEST, "away", prober), draining)
