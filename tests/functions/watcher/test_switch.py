"""The switch: one data point in the alarm region."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from moto import mock_aws

from functions.watcher.cloudwatch import MetricWriter
from functions.watcher.switch import (
    PUT_SECONDS,
    EarlierSwitches,
    Switch,
    SwitchAlarm,
    SwitchError,
)
from tests.functions.world import Log

WEST = {"eu-west-1": ["eu-central-1"]}
Put = list[tuple[str, list[str]]]


def no_other(_alarm_region: str, _regions: Sequence[str]) -> dict[str, bool]:
    """Return no switch of an earlier region."""
    return {}


class Refusing:
    """A CloudWatch that refuses."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def put_metric_data(self, **_data: Any) -> object:
        raise self.error


@pytest.mark.usefixtures("credentials")
def test_the_metric_of_the_primarys_switch_stands_in_the_alarm_region() -> None:
    with mock_aws():
        Switch(environment="dev", alarm_regions=WEST, earlier=no_other)()
        metrics: dict[str, list[dict[str, Any]]] = {
            region: cast("Any", boto3).client("cloudwatch", region).list_metrics()["Metrics"]
            for region in ("eu-west-1", "eu-central-1")
        }
    assert metrics["eu-west-1"] == []
    (metric,) = metrics["eu-central-1"]
    assert (metric["Namespace"], metric["MetricName"]) == ("IotDr/Switch/dev", "SwitchedAway")
    dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
    assert dimensions == {"Environment": "dev", "Region": "eu-west-1"}


def test_its_value_is_one() -> None:
    put: list[dict[str, Any]] = []

    class Taking:
        def put_metric_data(self, **data: Any) -> object:
            put.append(data)
            return {}

    def client(region: str) -> MetricWriter:
        assert region == "eu-central-1"
        return Taking()

    Switch(environment="dev", alarm_regions=WEST, earlier=no_other, client=client)()
    assert [point["Value"] for point in put[0]["MetricData"]] == [1.0]


class World:
    """CloudWatch in each region: those that refuse metrics, and the alarms that others return."""

    def __init__(
        self, alarms: Mapping[str, Mapping[str, bool]], refusing: Sequence[str] = ()
    ) -> None:
        self.alarms, self.refusing, self.put = alarms, refusing, Put()

    def settled(self, alarm_region: str, regions: Sequence[str]) -> dict[str, bool]:
        there = self.alarms.get(alarm_region, {})
        return {region: there[region] for region in regions if region in there}

    def client(self, alarm_region: str) -> MetricWriter:
        class Taking:
            def put_metric_data(_self, **data: Any) -> object:  # noqa: N805 - `self` is the world
                points = [point["Dimensions"][1]["Value"] for point in data["MetricData"]]
                self.put.append((alarm_region, points))
                return {}

        return Refusing(RuntimeError()) if alarm_region in self.refusing else Taking()

    def switch(self, alarm_regions: Mapping[str, Sequence[str]]) -> Switch:
        return Switch(
            environment="dev", alarm_regions=alarm_regions, earlier=self.settled, client=self.client
        )


# The watcher in `b` of regions `a` to `d` whose primary is `c`: it keeps no switch of `c`.
KEPT = {"c": ["a", "d"], "a": ["b"]}


@pytest.mark.parametrize(
    ("alarm_regions", "world", "put"),
    [
        pytest.param(
            {"c": ["b"], "a": ["b"]}, World({"b": {"c": True}}), [("b", ["c", "a"])],
            id="in one request",
        ),
        pytest.param(
            {"c": ["b"], "a": ["b"]}, World({}), [("b", ["a"])], id="unread and kept nowhere else"
        ),
        pytest.param(
            KEPT, World({"a": {"c": True}, "d": {"c": True}}), [("b", ["a"]), ("a", ["c"])],
            id="in the first other alarm region",
        ),
        pytest.param(
            KEPT, World({"d": {"c": True}}), [("b", ["a"]), ("d", ["c"])],
            id="in the next one if the first does not answer",
        ),
        pytest.param(
            KEPT, World({"a": {"c": True}, "d": {"c": True}}, ["a"]),
            [("b", ["a"]), ("d", ["c"])], id="in the next one if the first refuses",
        ),
        pytest.param(
            KEPT, World({"a": {"c": False}, "d": {"c": True}}), [("b", ["a"])],
            id="not if the first says that it was just switched back",
        ),
        pytest.param(KEPT, World({}), [("b", ["a"])], id="not if no alarm region answers"),
        pytest.param(
            {"a": ["c", "d"]}, World({}, ["c"]), [("d", ["a"])], id="the watched one in the next"
        ),
    ],
)  # fmt: skip
def test_the_switches_of_earlier_regions_are_put_where_they_are_kept(
    alarm_regions: Mapping[str, Sequence[str]], world: World, put: Put
) -> None:
    world.switch(alarm_regions)()
    assert world.put == put


def test_the_watched_switch_is_put_though_no_alarm_region_accepts_an_earlier_one() -> None:
    world = World({"a": {"c": True}, "d": {"c": True}}, ["a", "d"])
    with pytest.raises(SwitchError, match="the switch of c could not be set: RuntimeError, Runt"):
        world.switch(KEPT)()
    assert world.put == [("b", ["a"])]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EndpointConnectionError(endpoint_url="https://secret"), "EndpointConnectionError"),
        (ConnectionClosedError(endpoint_url="https://secret"), "ConnectionClosedError"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "secret"}}, "PutMetricData"),
            "ClientError AccessDenied",
        ),
        (RuntimeError("secret"), "RuntimeError"),
    ],
)
def test_a_refusal_is_reported_by_its_class_and_code_and_by_nothing_of_its_text(
    error: Exception, reason: str
) -> None:
    switch = Switch(
        environment="dev", alarm_regions=WEST, earlier=no_other, client=lambda _: Refusing(error)
    )  # fmt: skip
    with pytest.raises(SwitchError) as refusal:
        switch()
    assert str(refusal.value) == f"the switch of eu-west-1 could not be set: {reason}"
    assert refusal.value.__context__ is None


def test_the_register_and_all_attempts_together_end_within_the_half_of_a_minute() -> None:
    assert PUT_SECONDS <= 21


class Reading:
    """A CloudWatch with one alarm, or none that answers."""

    def __init__(self, state: str, minutes: float) -> None:
        updated = datetime.now(UTC) - timedelta(minutes=minutes)
        self.alarm = {"StateValue": state, "StateUpdatedTimestamp": updated}

    def describe_alarms(self, **names: Any) -> dict[str, Any]:
        assert names == {"AlarmNames": ["example-dev-switch-eu-west-1"]}
        return {"MetricAlarms": [self.alarm]}


@pytest.mark.parametrize(
    ("state", "minutes", "is_settled"),
    [
        ("OK", 12, True),
        ("INSUFFICIENT_DATA", 12, True),
        ("OK", 10.5, False),
        ("ALARM", 9, False),
        ("ALARM", 60 * 24, False),
    ],
)
def test_the_answer_should_follow_a_switch_that_has_been_back_for_ten_minutes_and_the_ttl(
    state: str, minutes: float, is_settled: bool
) -> None:
    log = Log()
    alarm = SwitchAlarm(
        name="example-dev-switch-eu-west-1", alarm_region="eu-central-1",
        ttl=60, metrics=log.metrics(),
        client=lambda _region: Reading(state, minutes),
    )  # fmt: skip
    assert alarm.is_settled() is is_settled
    assert log.outcomes() == []


@pytest.mark.usefixtures("credentials")
def test_an_alarm_that_cannot_be_read_is_counted_and_undoes_no_switch_back() -> None:
    log = Log()
    with mock_aws():
        alarm = SwitchAlarm(
            name="missing", alarm_region="eu-central-1", ttl=60, metrics=log.metrics()
        )
        assert alarm.is_settled() is None
    assert log.outcomes() == ["unread"]


class Describing:
    """A CloudWatch with alarms, each with its state and the minutes since it changed."""

    def __init__(self, **alarms: tuple[str, float]) -> None:
        self.alarms = alarms

    def describe_alarms(self, **names: Any) -> dict[str, Any]:
        return {
            "MetricAlarms": [
                {
                    "AlarmName": name,
                    "StateValue": state,
                    "StateUpdatedTimestamp": datetime.now(UTC) - timedelta(minutes=minutes),
                }
                for name, (state, minutes) in self.alarms.items()
                if name in names["AlarmNames"]
            ]
        }


def test_only_earlier_switches_that_have_long_been_back_are_put_with_the_watched_ones() -> None:
    log = Log()
    there = Describing(
        settled=("OK", 12), never=("INSUFFICIENT_DATA", 12), returning=("OK", 1), away=("ALARM", 60)
    )
    names = ("settled", "never", "returning", "away", "elsewhere")
    earlier = EarlierSwitches(
        alarms={name: name for name in names}, ttl=60, metrics=log.metrics(),
        client=lambda _region: there,
    )  # fmt: skip
    assert earlier("eu-north-1", names) == {
        "settled": True, "never": True, "returning": False, "away": False
    }  # fmt: skip
    assert log.outcomes() == []


def test_earlier_switches_that_cannot_be_read_are_left_to_the_next_watch() -> None:
    def refusing(_region: str) -> Describing:
        raise EndpointConnectionError(endpoint_url="https://secret")

    log = Log()
    earlier = EarlierSwitches(
        alarms={"eu-west-1": "switch"}, ttl=60, metrics=log.metrics(), client=refusing
    )
    assert earlier("eu-north-1", ["eu-west-1"]) == {}
    assert log.outcomes() == ["unread"]


def test_the_primarys_watcher_reads_no_earlier_switch() -> None:
    log = Log()
    earlier = EarlierSwitches(alarms={}, ttl=60, metrics=log.metrics())
    assert earlier("eu-central-1", ["eu-west-1"]) == {}
    assert log.outcomes() == []
