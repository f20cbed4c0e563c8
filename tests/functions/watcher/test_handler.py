"""The watcher as Lambda loads and calls it."""

import importlib
import json
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from functions.probe.variables import VariablesError
from tests.functions.authority import Authority
from tests.functions.broker import Broker, answering

MODULE = "functions.watcher.handler"
PRIMARY = "mqtt-eu-west-1.iot-dev.example.com"
OWN = "mqtt-eu-central-1.iot-dev.example.com"
VARIABLES = {
    "AWS_REGION": "eu-central-1",
    "WATCHER_MODE": "deep",
    "WATCHER_PRIMARY_NAME": PRIMARY,
    "WATCHER_PRIMARY_REGION": "eu-west-1",
    "WATCHER_OWN_NAME": OWN,
    "WATCHER_TOPIC": "iot-dr/dev/watcher",
    "WATCHER_ENVIRONMENT": "dev",
    "WATCHER_INTERVAL": "30",
    "WATCHER_THRESHOLD": "1",
}
# As EventBridge sends it to a target of a schedule.
EVENT: dict[str, object] = {
    "version": "0",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
}

Handle = Callable[[object, object], dict[str, str]]


class Context:
    """What Lambda tells about a run."""

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@pytest.fixture
def load(
    monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str], authority: Authority
) -> Callable[..., Handle]:
    """Loads the handler anew, with some variables changed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    # Between two probes, which nobody waits for here.
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)

    def cold_start(**changes: str) -> Handle:
        for name, value in {**VARIABLES, **credentials, **changes}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        return importlib.import_module(MODULE).handle

    return cold_start


def resolve(monkeypatch: pytest.MonkeyPatch, ports: dict[tuple[str, int], int]) -> None:
    def look_up(host: str, port: int, **_options: Any) -> list[Any]:
        if (host, port) not in ports:
            raise socket.gaierror
        address = ("127.0.0.1", ports[host, port])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_deep_watch_publishes_through_the_primarys_name_signed_for_its_region(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    with Broker(authority.issue(PRIMARY), answering("200 OK")).running() as broker:
        resolve(monkeypatch, {(PRIMARY, 443): broker.port})
        assert load()(EVENT, Context()) == {"decision": "well"}
    (request,) = broker.requests
    assert b"POST /topics/iot-dr%2Fdev%2Fwatcher?qos=1 " in request
    assert b"/eu-west-1/iotdata/aws4_request" in request


def test_a_shallow_watch_connects_to_mqtt_over_tls(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        resolve(monkeypatch, {(PRIMARY, 8883): listener.getsockname()[1]})
        assert load(WATCHER_MODE="shallow")(EVENT, Context()) == {"decision": "well"}


def test_when_no_name_can_be_looked_up_the_watcher_is_blind(
    load: Callable[..., Handle],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    resolve(monkeypatch, {})
    assert load()(EVENT, Context()) == {"decision": "blind"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("Outcome") for line in lines] == ["failed", "failed", "blind", None]
    assert lines[-1]["PrimaryFailing"] == 1


def test_a_standby_whose_name_is_not_served_yet_is_no_place_to_lead_devices_to(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    # As in the hour after the first deploy: the service answers, with its own certificate.
    with Broker(authority.issue("iot.example.com"), answering("200 OK")).running() as broker:
        resolve(monkeypatch, {(OWN, 443): broker.port})
        assert load()(EVENT, Context()) == {"decision": "blind"}


def test_a_standby_that_the_fleet_storms_does_not_keep_the_watcher_from_latching(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    regions: list[str] = []
    put: list[dict[str, Any]] = []

    class CloudWatch:
        def put_metric_data(self, **point: Any) -> None:
            put.append(point)

    def client(_service: str, region: str, **_options: Any) -> CloudWatch:
        regions.append(region)
        return CloudWatch()

    monkeypatch.setattr("boto3.client", client)
    # It would take no message.
    with Broker(authority.issue(OWN), answering("503 Busy")).running() as broker:
        resolve(monkeypatch, {(OWN, 443): broker.port})
        assert load()(EVENT, Context()) == {"decision": "latched"}
    assert broker.requests == []
    assert regions == ["eu-central-1"]
    (point,) = put
    assert point["Namespace"] == "IotDr/Switch/dev"
    (datum,) = point["MetricData"]
    assert (datum["MetricName"], datum["Value"]) == ("SwitchedAway", 1)
    assert {each["Name"]: each["Value"] for each in datum["Dimensions"]} == {
        "Environment": "dev",
        "Region": "eu-west-1",
    }


def test_variables_that_are_missing_or_wrong_stop_the_function_before_its_first_watch(
    load: Callable[..., Handle],
) -> None:
    with pytest.raises(VariablesError) as refusal:
        load(WATCHER_MODE="high", WATCHER_THRESHOLD="0", WATCHER_OWN_NAME="")
    for name in ("WATCHER_MODE", "WATCHER_THRESHOLD", "WATCHER_OWN_NAME"):
        assert name in str(refusal.value)
