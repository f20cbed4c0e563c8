"""The publisher: what it puts for the registers of its region, and what it leaves alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.register import RegisterNames
from functions.switch_publisher.publisher import PublishError, SwitchPublisher
from tests.functions.world import Time

WEST, CENTRAL, NORTH = REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1")
BEGAN = datetime(2026, 12, 1, 12, 0, 30, tzinfo=UTC)
USE = "/iot-dr/example/dev/switch/"
NAME = f"{USE}register/"


@dataclass
class Region:
    """The Parameter Store and CloudWatch of a region; each reading takes `seconds`."""

    world: "World"
    parameters: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Any])
    points: list[Mapping[str, Any]] = field(default_factory=list[Any])
    seconds: float = 0.0
    fails: tuple[str, ...] = ()

    def write(self, name: str, value: object, minutes: float) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        at = self.world.now() - timedelta(minutes=minutes)
        self.parameters[name] = {"Name": name, "Value": text, "LastModifiedDate": at}

    def get_parameters(self, *, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert 1 <= len(Names) == len(set(Names)) <= 10, "the API's limits"
        self.world.time.pass_(self.seconds)
        if "ssm" in self.fails:
            raise TimeoutError
        there = [self.parameters[name] for name in Names if name in self.parameters]
        missing = [name for name in Names if name not in self.parameters]
        return {"Parameters": there, "InvalidParameters": missing}

    def put_metric_data(
        self,
        *,
        Namespace: str,  # noqa: N803 - boto3's name
        MetricData: list[dict[str, Any]],  # noqa: N803 - boto3's name
    ) -> None:
        assert Namespace == "IotDr/Switch/dev"
        assert MetricData, "the API refuses a request without data"
        if "cloudwatch" in self.fails:
            raise TimeoutError
        self.points += MetricData


class World:
    """Three regions, in which each switch has two alarms, and a clock that tests move."""

    def __init__(self) -> None:
        self.time = Time()
        self.regions = {region: Region(self) for region in REGIONS}

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.time.now() - 1000)

    def register(
        self,
        alarm_region: str,
        region: str,
        value: str,
        minutes: float = 1,
        number: int = 1,
        **more: str,
    ) -> None:
        """Write a register that was changed some minutes ago."""
        entry = {"value": value, "number": number, "who": "ada", **more}
        self.regions[alarm_region].write(f"{NAME}{region}", entry, minutes)

    def publish(self, own: str = CENTRAL) -> dict[str, float]:
        """Let a region's publisher run; return the values that it has put by region."""
        here = self.regions[own]
        here.points = []

        def client(_service: str, region: str) -> Region:
            return self.regions[region]

        publisher = SwitchPublisher(
            names=RegisterNames("example", "dev"), regions=REGIONS, own=own, client=client,
            now=self.now, seconds=self.time.now,
        )  # fmt: skip
        try:
            publisher.publish()
        finally:
            values = {each["Dimensions"][1]["Value"]: each["Value"] for each in here.points}
        return values


@pytest.fixture
def world() -> World:
    return World()


def test_without_a_register_nothing_is_put(world: World) -> None:
    assert world.publish() == {}


def test_away_is_repeated_without_an_end(world: World) -> None:
    for minutes in (0, 9, 60 * 24 * 365):
        world.register(CENTRAL, WEST, "away", minutes)
        assert world.publish() == {WEST: 1.0}


def test_back_is_repeated_for_ten_minutes_alone(world: World) -> None:
    world.register(CENTRAL, WEST, "back", 9.9)
    assert world.publish() == {WEST: 0.0}
    world.register(CENTRAL, WEST, "back", 10)
    assert world.publish() == {}


def test_what_was_written_in_place_of_a_failed_change_is_not_put(world: World) -> None:
    world.register(CENTRAL, WEST, "unset", 0)
    assert world.publish() == {}


def test_a_region_puts_the_switches_that_it_keeps_and_no_other(world: World) -> None:
    for region in REGIONS:
        world.register(WEST, region, "away")
    assert world.publish(WEST) == {CENTRAL: 1.0, NORTH: 1.0}


def test_the_timestamp_is_from_before_the_reading(world: World) -> None:
    # So a change after the reading is of the same minute or of a later one.
    world.register(CENTRAL, WEST, "away")
    world.regions[CENTRAL].seconds = 3
    world.publish()
    assert [each["Timestamp"] for each in world.regions[CENTRAL].points] == [BEGAN]


def test_what_was_read_long_ago_is_not_put(world: World) -> None:
    world.register(CENTRAL, WEST, "away")
    world.regions[CENTRAL].seconds = 7
    assert world.publish() == {WEST: 1.0}
    world.regions[CENTRAL].seconds = 7.1
    with pytest.raises(PublishError, match="too late"):
        world.publish()
    assert world.regions[CENTRAL].points == []


@pytest.mark.parametrize(
    ("use", "minutes", "put"),
    [
        ({"action": "back", "outcome": "done"}, 1, {}),
        ({"action": "back", "outcome": "done"}, 3, {WEST: 1.0}),
        ({"action": "away", "number": 1}, 1, {WEST: 1.0}),
        ("not JSON", 1, {}),
        ("[]", 1, {}),
    ],
    ids=["newer", "older", "of this version", "unreadable", "no object"],
)
def test_a_use_by_a_former_version_counts_more_than_an_older_register(
    use: object, minutes: float, put: dict[str, float], world: World
) -> None:
    world.register(CENTRAL, WEST, "away", 2)
    world.regions[CENTRAL].write(f"{USE}{WEST}", use, minutes)
    assert world.publish() == put


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "[]", "null", "{}", '{"value": "away"}', '{"value": "off", "number": 1}'),
        *('{"value": "away", "number": "1"}', '{"value": "away", "number": true}'),
    ],
)
def test_a_register_that_cannot_be_parsed_is_an_error_and_the_others_are_put(
    text: str, world: World
) -> None:
    world.regions[CENTRAL].write(f"{NAME}{WEST}", text, 1)
    world.register(CENTRAL, NORTH, "away")
    with pytest.raises(PublishError, match=f"{NAME}{WEST}: is not the register of a switch"):
        world.publish()
    assert [each["Value"] for each in world.regions[CENTRAL].points] == [1.0]


@pytest.mark.parametrize("service", ["ssm", "cloudwatch"])
def test_a_service_that_does_not_answer_is_an_error(service: str, world: World) -> None:
    world.register(CENTRAL, WEST, "away")
    world.regions[CENTRAL].fails = (service,)
    with pytest.raises(PublishError, match=f"{service}: TimeoutError"):
        world.publish()


def test_a_region_that_returns_does_not_undo_a_back_that_was_completed_without_it(
    world: World,
) -> None:
    world.register(CENTRAL, WEST, "away", 60 * 24 * 3, number=5)
    world.register(NORTH, WEST, "back", 60 * 24, number=9, without=CENTRAL)
    assert world.publish() == {}
    world.register(NORTH, WEST, "back", 1, number=9, without=CENTRAL)
    assert world.publish() == {WEST: 0.0}


@pytest.mark.parametrize(
    ("number", "without", "value"),
    [(9, "", "back"), (9, WEST, "back"), (5, CENTRAL, "back"), (9, CENTRAL, "away")],
    ids=["incomplete", "without another region", "older", "away there too"],
)
def test_any_other_register_elsewhere_leaves_its_own_alone(
    number: int, without: str, value: str, world: World
) -> None:
    world.register(CENTRAL, WEST, "away", number=6)
    world.register(NORTH, WEST, value, 0, number, without=without)
    assert world.publish() == {WEST: 1.0}


@pytest.mark.parametrize("fails", ["ssm", "nothing"])
def test_another_region_that_does_not_answer_delays_nothing(fails: str, world: World) -> None:
    for region in (WEST, NORTH):
        world.register(CENTRAL, region, "away")
        world.regions[region].fails = (fails,)
        world.regions[region].seconds = 3
    assert world.publish() == {WEST: 1.0, NORTH: 1.0}
    assert world.now() - BEGAN <= timedelta(seconds=7)
