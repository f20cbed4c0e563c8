"""Made-up, deterministic recordings of rehearsals, and their world."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import floor
from random import Random
from typing import Any, Final

from environments.blocks import Recovery
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.recording import (
    Connection,
    MachineLoad,
    Messages,
    Recording,
    SwitchPut,
    TimelineEvent,
)
from iot_dr.drill.report.outage_result import NotRehearsed, Rehearsed
from iot_dr.drill.rig.region.device_gateway import PERMISSIVE
from iot_dr.drill.rig.world.world import RegionSite, World
from iot_dr.forecast.failover_cause import FailoverCause
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.record import Record
from tests.support.drill_cloud import switch_alarms

ONE: Final = "eu-west-1"
TWO: Final = "eu-central-1"
NAME: Final = "mqtt.iot-dev.example.com"
DEEP: Final = f"iot-dev-iot-{ONE}/aws_route53_health_check.deep"
SWITCH: Final = "iot-dev-entry-point/aws_route53_health_check.switch-1"
BOTH: Final = "iot-dev-entry-point/aws_route53_health_check.primary"
TCP: Final = f"iot-dev-iot-{TWO}/aws_route53_health_check.tcp"

# When the checkers agree, and when the answer changes: 3 checks in a row, 30 s apart.
_FOUND, _FAILOVER = 84.3, 92.1


def world(**changes: Any) -> World:
    """Return two regions, the primary with a deep check and a switch, the standby with TCP."""
    checks = (
        HealthCheck(id=DEEP, type="HTTPS", region=ONE, port=443),
        HealthCheck(id=SWITCH, type="CLOUDWATCH_METRIC", alarm="switch-1"),
        HealthCheck(id=BOTH, type="CALCULATED", children=(DEEP, SWITCH), child_threshold=2),
        HealthCheck(id=TCP, type="TCP", region=TWO, host=_regional(TWO), port=8883),
    )
    usual = World(
        environment="dev",
        device_name=NAME,
        zone_name="iot-dev.example.com",
        sites=(_site(ONE), _site(TWO)),
        records=(
            Record(name=NAME, targets=(_regional(ONE),), side="PRIMARY", ttl=60, check=BOTH),
            Record(name=NAME, targets=(_regional(TWO),), side="SECONDARY", ttl=60, check=TCP),
        ),
        checks={check.id: check for check in checks},
        alarms={"switch-1": switch_alarms()[f"switch-{ONE}"]},
        watchers=(),
        recovery=Recovery(),
    )
    return replace(usual, **changes)


def rehearsed(
    recording: Recording,
    effect: Effect = Effect.MOVES,
    of: World | None = None,
    why: str = "the check of the primary fails, a standby takes over",
    **expected: Any,
) -> Rehearsed:
    """Return a recording with the expectation of its outage, by default of a detected one."""
    is_detected = effect in {Effect.MOVES, Effect.UNHURT}
    expected = {"cause": FailoverCause.DEEP if is_detected else None, **expected}
    return Rehearsed(
        title=_TITLES.get(recording.outage, recording.outage),
        recording=recording,
        world=of or world(),
        expectation=Expectation(effect, why, **expected),
    )


def not_rehearsed() -> NotRehearsed:
    """Return an outage that this machine cannot rehearse."""
    return NotRehearsed(
        title=_TITLES["drop"],
        outage="drop",
        region=ONE,
        reason="packets can only be dropped in a network namespace, which this user may not make",
    )


def kill(devices: int = 500, **changes: Any) -> Recording:
    """Return the loss of the primary: links close, half of the devices are back after 130 s."""
    return _lost(devices, lambda number: 0.02 + number / devices / 10, **changes)


def silent(devices: int = 500, **changes: Any) -> Recording:
    """Return a primary that no packet reaches: links end when a ping gets no answer."""
    return _lost(
        devices, lambda number: 10 + 30 * number / devices, hang=30, outage="drop", **changes
    )


def never_back(devices: int = 500, **changes: Any) -> Recording:
    """Return a fleet that the standby does not know: every connect there is refused."""
    lost = kill(devices, **changes)
    lost.connections = [each for each in lost.connections if each.region == ONE]
    lost.refusals = {"connection refused": 2_310, "not authorized": 18_406}
    lost.messages = Messages(
        created=devices * 36,
        acknowledged=devices * 6,
        received=devices * 6,
        dropped=devices * 24,
        unsent=devices * 6,
    )
    return lost


def undone_at(seconds: float, devices: int = 500) -> Recording:
    """Return a fleet that is back in the failed region once that works again."""
    made = kill(devices, restored=seconds)
    made.connections = [
        connection
        if connection.begin < 0
        else Connection(device=connection.device, region=ONE, begin=seconds + 10, end=None)
        for connection in made.connections
    ]
    return made


def unmoved(recording: Recording) -> Recording:
    """Keep the answer unchanged."""
    recording.answers = recording.answers[:1]
    return recording


def partial(devices: int = 500) -> Recording:
    """Return a rehearsal that was interrupted just before the first device was back."""
    cut = never_back(devices, is_partial=True, restored=None, ended=101.5)
    cut.refusals = {"connection refused": 2_310}
    cut.events = []
    return cut


def calm(devices: int = 500, **changes: Any) -> Recording:
    """Return the loss of the standby, in which no device has a link."""
    made = _recording(devices, **{"region": TWO, **changes})
    made.connections = [_link(number, None) for number in range(devices)]
    made.health = [(66.0, TCP, False)]
    made.answers = [(-60.0, ONE)]
    made.messages = Messages(created=devices * 36, acknowledged=devices * 36, received=devices * 36)
    return made


def moved(recording: Recording) -> Recording:
    """Make the check of the primary fail, and the answer change."""
    recording.health = [(_FOUND, DEEP, False), (_FOUND, BOTH, False)]
    recording.answers = [(-60.0, ONE), (_FAILOVER, TWO)]
    return recording


def by_watcher(devices: int = 500) -> Recording:
    """Return the loss of a primary whose own check is not heeded: the watcher moves the answer."""
    made = kill(devices)
    made.switch_puts = [SwitchPut(at=66.0, by="watcher", region=ONE, action="away")]
    made.health = [(_FOUND, SWITCH, False)]
    return made


def returning(recording: Recording, at: float = 290.0) -> Recording:
    """Make the answer return to the primary."""
    recording.answers.append((at, ONE))
    return recording


def elsewhere(recording: Recording) -> Recording:
    """Make the answer the standby before the outage and afterwards."""
    recording.answers = [(-60.0, ONE), (-30.0, TWO)]
    return recording


def _lost(devices: int, end: Callable[[int], float], hang: float = 0, **changes: Any) -> Recording:
    made = moved(_recording(devices, **changes))
    draw = Random(7)  # noqa: S311 - no secret
    tried: Counter[int] = Counter()
    for number in range(devices):
        closed = end(number)
        *failed, back = _tries(closed, hang, made, draw)
        tried.update(floor(at) for at in (*failed, back))
        made.connections.append(_link(number, closed))
        made.connections.append(Connection(device=number, region=TWO, begin=back, end=None))
    refused = tried.total() - devices
    made.attempts = dict(sorted(tried.items()))
    made.refusals = {"connection refused": refused}
    made.messages = Messages(
        created=devices * 36,
        acknowledged=devices * 29,
        received=devices * 29,
        dropped=devices * 7,
        duplicated=devices // 50,
    )
    return made


def _tries(closed: float, hang: float, made: Recording, draw: Random) -> Iterator[float]:
    """Return when a device tries to connect until it is back; it caches an answer for one TTL."""
    habits = made.habits
    at, wait, known, expires = closed, habits.backoff, ONE, -1.0
    while known == ONE:
        at += draw.uniform(0, wait)
        wait = min(habits.ceiling, 2 * wait)
        if at >= expires:
            known, expires = (TWO if at >= _FAILOVER else ONE), at + made.ttl
        yield at
        at += hang


def _recording(devices: int, **changes: Any) -> Recording:
    given: dict[str, Any] = {
        "environment": "dev",
        "outage": "kill",
        "region": ONE,
        "devices": devices,
        "speed": 10.0,
        "seed": 1,
        "habits": Habits(),
        "ttl": 60,
        "started": "2026-11-26T10:00:00+00:00",
        "order": (ONE, TWO),
        "restored": 240.0,
        "ended": 300.0,
        "events": [
            TimelineEvent(at=151.2, kind="switch", description=f"the watcher switches {ONE} away")
        ],
        "machine": MachineLoad(
            cores=2, descriptors=1_048_576, connect_rate=510.0, needed=devices / 3
        ),
        "assumptions": {
            "aggregation": "5 to 10 s from the checkers' verdict to the changed answer",
            "checkers": "16 for each check",
        },
        "unrehearsed": ("aws_kinesis_stream.telemetry: messages end at the broker",),
    }
    return Recording(**{**given, **changes})


def _link(number: int, end: float | None) -> Connection:
    return Connection(device=number, region=ONE, begin=-60 + number % 20, end=end)


def _regional(region: str) -> str:
    return f"mqtt-{region}.iot-dev.example.com"


def _site(region: str) -> RegionSite:
    return RegionSite(
        region=region,
        regional_name=_regional(region),
        served_names=frozenset({NAME, _regional(region)}),
        knows_devices=True,
        canary=None,
        policies=(PERMISSIVE,),
    )


_TITLES: Final = {
    "kill": "every process of the region is killed",
    "drop": "no packet reaches the region any more",
}
