"""A wave's alarms, watched in a made-up account by a made-up clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.pipeline.bake import Bake, BakeError, patience
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NotAllowedError
from stacks.wave_alarms import WatchedAlarm
from tests.support.aws_account import DENIED, account, lead_to

WEST, CENTRAL = (
    WatchedAlarm(name=f"example-dev-canary-{region}", region=region)
    for region in ("eu-west-1", "eu-central-1")
)
ABOUT = {"Namespace": "a", "MetricName": "b", "Statistic": "Maximum", "Period": 60}
LIMIT = {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
MINUTES = 2


@dataclass
class World:
    """An account, what can fail before it, and a clock by which things come about."""

    endpoint: str
    faults: Faults
    now: float = 0.0
    later: dict[float, Callable[[], object]] = field(
        default_factory=dict[float, Callable[[], object]]
    )
    printed: list[str] = field(default_factory=list[str])

    def client(self, alarm: WatchedAlarm) -> Any:
        return client("cloudwatch", alarm.region, self.endpoint)

    def set(self, alarm: WatchedAlarm, state: str) -> None:
        self.client(alarm).put_metric_alarm(AlarmName=alarm.name, **ABOUT, **LIMIT)
        self.client(alarm).set_alarm_state(
            AlarmName=alarm.name, StateValue=state, StateReason="by a test"
        )

    def remove(self, alarm: WatchedAlarm) -> None:
        self.client(alarm).delete_alarms(AlarmNames=[alarm.name])

    def pause(self, seconds: float) -> None:
        self.now += seconds
        for when in [when for when in self.later if when <= self.now]:
            self.later.pop(when)()

    def watch(self, *alarms: WatchedAlarm) -> float:
        """Watch until it ends; give the seconds that it took."""
        given = patience(MINUTES)
        made = PollLimits(
            limit=given.limit, interval=given.interval, clock=lambda: self.now, pause=self.pause
        )
        Bake(alarms, MINUTES, Clients(None)).watch(
            made, lambda _at, line: self.printed.append(line)
        )
        return self.now


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[str, Faults]]:
    with account("111111111111") as endpoint, faults_before(endpoint) as faults:
        yield endpoint, faults


@pytest.fixture
def world(places: tuple[str, Faults], monkeypatch: pytest.MonkeyPatch) -> World:
    """Two alarms that are quiet, and this process led to their account."""
    endpoint, faults = places
    faults.clear()
    lead_to(faults.endpoint, monkeypatch)
    made = World(endpoint, faults)
    for alarm in (WEST, CENTRAL):
        made.set(alarm, "OK")
    return made


def test_quiet_alarms_are_looked_at_for_the_minutes_each_in_its_own_region(world: World) -> None:
    assert world.watch(WEST, CENTRAL) == 60 * MINUTES
    asked = {(each.region, alarm) for each in world.faults.seen for alarm in named(each)}
    assert asked == {(alarm.region, alarm.name) for alarm in (WEST, CENTRAL)}
    assert world.printed == [f"seen {n} of 5 times in a row" for n in range(1, 5)]


def named(request: ApiRequest) -> list[str]:
    """Return the alarms of ours that a request names."""
    return [each.name for each in (WEST, CENTRAL) if each.name.encode() in request.body]


def test_one_that_goes_off_ends_it_at_once_with_its_name_its_region_and_what_to_do(
    world: World,
) -> None:
    world.later[60] = lambda: world.set(CENTRAL, "ALARM")
    with pytest.raises(BakeError) as error:
        world.watch(WEST, CENTRAL)
    assert world.now == 60
    message = str(error.value)
    assert message.startswith(f"went off after this wave: {CENTRAL.name} (eu-central-1): ALARM; ")
    assert WEST.name not in message
    assert "fix or revert the commit and push" in message
    assert error.value.status == 1


def test_one_that_was_on_before_may_become_quiet_and_the_minutes_count_from_there(
    world: World,
) -> None:
    world.set(CENTRAL, "ALARM")
    world.later[90] = lambda: world.set(CENTRAL, "OK")
    assert world.watch(WEST, CENTRAL) == 90 + 60 * MINUTES
    assert world.printed[0] == f"{CENTRAL.name} (eu-central-1): ALARM"


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA"])
def test_one_that_never_becomes_quiet_is_named_after_twice_the_minutes(
    world: World, state: str
) -> None:
    world.set(WEST, state)
    with pytest.raises(BakeError, match=rf"{WEST.name} \(eu-west-1\): {state}; no later wave"):
        world.watch(WEST, CENTRAL)
    assert world.now == 2 * 60 * MINUTES


def test_an_alarm_that_is_not_there_is_not_quiet(world: World) -> None:
    world.remove(WEST)
    with pytest.raises(BakeError, match=rf"{WEST.name} \(eu-west-1\): there is no such alarm"):
        world.watch(WEST)


def test_an_alarm_that_is_removed_during_the_watch_ends_it_at_once(world: World) -> None:
    world.later[30] = lambda: world.remove(WEST)
    with pytest.raises(BakeError, match=r"went off .*: there is no such alarm"):
        world.watch(WEST)
    assert world.now == 30


def test_a_region_that_does_not_answer_is_reported_with_the_reason(world: World) -> None:
    world.faults.answers.append(broken)
    with pytest.raises(
        BakeError, match=r"eu-west-1.: cannot be queried: .*DescribeAlarms"
    ) as error:
        world.watch(WEST)
    assert world.now == 2 * 60 * MINUTES
    assert "the service does not work" in str(error.value)


def broken(_request: ApiRequest) -> Reply:
    # Not among those that botocore would try again, which takes time.
    return Reply(505, b"{}", "application/x-amz-json-1.1")


def test_a_region_that_answers_again_must_be_quiet_for_all_the_minutes(world: World) -> None:
    world.later[60] = lambda: world.faults.answers.append(broken)
    world.later[90] = world.faults.answers.clear
    assert world.watch(WEST) == 90 + 60 * MINUTES


def test_an_error_that_waiting_cannot_fix_ends_it_at_once(world: World) -> None:
    world.faults.answers.append(lambda _request: DENIED)
    with pytest.raises(NotAllowedError, match="cloudwatch:DescribeAlarms in eu-west-1: not allow"):
        world.watch(WEST)
    assert world.now == 0
