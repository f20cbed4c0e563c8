"""The publisher as Lambda loads and calls it, and the watcher that writes what it publishes."""

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from moto.cloudwatch.models import MetricDatum, cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from functions.probe.variables import VariablesError
from functions.register import RegisterNames
from functions.watcher.registers import AwayRegisters
from tests.functions.world import Log

MODULE = "functions.switch_publisher.handler"
CENTRAL = "eu-central-1"
VARIABLES = {
    "AWS_REGION": CENTRAL,
    "PUBLISHER_PROJECT": "example",
    "PUBLISHER_ENVIRONMENT": "dev",
    "PUBLISHER_REGIONS": "eu-west-1,eu-central-1",
}
NAME = "/iot-dr/example/dev/switch/register/eu-west-1"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[None]:
    for name, value in {**VARIABLES, **credentials}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    with mock_aws():
        yield


def ssm() -> Any:
    return cast("Any", boto3).client("ssm", CENTRAL)


def registers(log: Log) -> AwayRegisters:
    names = RegisterNames("example", "dev")
    return AwayRegisters(names=names, who="watcher in eu-central-1", metrics=log.metrics())


def versions() -> list[dict[str, Any]]:
    return [
        json.loads(each["Value"]) for each in ssm().get_parameter_history(Name=NAME)["Parameters"]
    ]


def test_what_the_watcher_writes_is_published() -> None:
    log = Log()
    registers(log)(CENTRAL, ["eu-west-1"])
    handle = importlib.import_module(MODULE).handle
    assert (handle({}, None), log.lines) == ({"published": 1}, [])
    backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][CENTRAL]
    (point,) = backend.metric_data
    assert isinstance(point, MetricDatum)
    assert (point.namespace, point.name, point.value) == ("IotDr/Switch/dev", "SwitchedAway", 1.0)
    dimensions = {each.name: each.value for each in point.dimensions}
    assert dimensions == {"Environment": "dev", "Region": "eu-west-1"}


def test_the_watcher_writes_a_register_once_and_with_a_higher_number() -> None:
    log = Log()
    ssm().put_parameter(Name=NAME, Value='{"value": "back", "number": 9999999999}', Type="String")
    for _ in range(3):
        registers(log)(CENTRAL, ["eu-west-1"])
    before, away = versions()
    assert (before["value"], away["value"], away["number"]) == ("back", "away", 10_000_000_000)
    assert away["who"] == "watcher in eu-central-1"
    assert log.lines == []


def test_the_watcher_writes_an_away_of_long_ago_again() -> None:
    writer = registers(Log())
    writer(CENTRAL, ["eu-west-1"])
    # A `back` of a former command, or one that this region missed, may be newer than it.
    later = datetime.now(UTC) + timedelta(hours=2)
    replace(writer, now=lambda: later)(CENTRAL, ["eu-west-1"])
    first, second = versions()
    assert (first["value"], second["value"]) == ("away", "away")
    assert second["number"] > first["number"]


def test_a_register_that_cannot_be_parsed_is_replaced() -> None:
    ssm().put_parameter(Name=NAME, Value="x", Type="String")
    registers(Log())(CENTRAL, ["eu-west-1"])
    assert json.loads(ssm().get_parameter(Name=NAME)["Parameter"]["Value"])["value"] == "away"


def test_a_register_that_cannot_be_written_is_counted_and_raises_nothing() -> None:
    def client(_service: str, _region: str) -> Any:
        raise TimeoutError

    log = Log()
    writer = registers(log)
    AwayRegisters(names=writer.names, who="w", metrics=writer.metrics, client=client)(
        CENTRAL, ["a"]
    )
    assert log.outcomes() == ["unregistered"]


def test_without_its_variables_it_stops_and_names_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name)
    with pytest.raises(VariablesError) as caught:
        importlib.import_module(MODULE)
    assert all(
        f"{name} is not set" in str(caught.value) for name in VARIABLES if name != "AWS_REGION"
    )
