"""The watcher as Lambda loads and calls it."""

import importlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from functions.probe.variables import VariablesError
from tests.functions.authority import Authority
from tests.functions.broker import Broker, answering

MODULE = "functions.watcher.handler"
PRIMARY = "mqtt-eu-west-1.iot-dev.example.com"
OWN = "mqtt-eu-central-1.iot-dev.example.com"
DEVICE_NAME = "mqtt.iot-dev.example.com"
VARIABLES = {
    "AWS_REGION": "eu-central-1",
    "WATCHER_MODE": "deep",
    "WATCHER_PRIMARY": "eu-west-1",
    "WATCHER_AWAY": "eu-west-1",
    "WATCHER_KEEPERS": "eu-central-1",
    "WATCHER_REGIONS": "eu-west-1,eu-central-1",
    "WATCHER_NAME_1": PRIMARY,
    "WATCHER_CHECK_1": "check-1",
    "WATCHER_NAME_2": OWN,
    "WATCHER_CHECK_2": "check-2",
    "WATCHER_DEVICE_NAME": DEVICE_NAME,
    "WATCHER_SWITCH": "example-dev-switch-eu-west-1",
    "WATCHER_TTL": "60",
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
    """What Lambda reports about a run."""

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@pytest.fixture
def load(
    monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str], authority: Authority
) -> Iterator[Callable[..., Handle]]:
    """Loads the handler again, with some variables changed; CloudWatch is moto's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    # Between two probes, which nobody waits for here.
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)

    def cold_start(**changes: str) -> Handle:
        for name, value in {**VARIABLES, **credentials, **changes}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        return importlib.import_module(MODULE).handle

    with mock_aws():
        yield cold_start


def metrics(region: str) -> list[tuple[str, str, dict[str, str]]]:
    result = cast("Any", boto3).client("cloudwatch", region).list_metrics()["Metrics"]
    return sorted(
        (
            (
                metric["Namespace"],
                metric["MetricName"],
                {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]},
            )
            for metric in result
        ),
        key=str,
    )


def seen(region: str, check: str) -> tuple[str, str, dict[str, str]]:
    dimensions = {"Environment": "dev", "Region": region, "HealthCheckId": check}
    return "IotDr/Switch/dev", "SeenHealthy", dimensions


SWITCHED_AWAY = (
    "IotDr/Switch/dev", "SwitchedAway", {"Environment": "dev", "Region": "eu-west-1"},
)  # fmt: skip


def resolve(
    monkeypatch: pytest.MonkeyPatch, ports: dict[tuple[str, int], int], answer: str = PRIMARY
) -> None:
    def look_up(host: str, port: int, **_options: Any) -> list[Any]:
        if (host, port) not in ports:
            raise socket.gaierror
        address = ("127.0.0.1", ports[host, port])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    def canonical(name: str) -> tuple[str, list[str], list[str]]:
        assert name == DEVICE_NAME
        return answer, [name], ["127.0.0.1"]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "gethostbyname_ex", canonical)


def test_a_primary_that_answers_while_the_device_name_leads_elsewhere_is_switched_away(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    handle = load()
    cloudwatch = cast("Any", boto3).client("cloudwatch", "eu-central-1")
    with (
        Broker(authority.issue(PRIMARY), answering("200 OK")).running() as primary,
        Broker(authority.issue(OWN), answering("200 OK")).running() as standby,
    ):
        ports = {(PRIMARY, 443): primary.port, (OWN, 443): standby.port}
        resolve(monkeypatch, ports)
        assert handle(EVENT, Context()) == {"decision": "well"}
        resolve(monkeypatch, ports, answer=OWN)
        # The alarm of the switch is there since the deployment, and moto has just made it.
        cloudwatch.put_metric_alarm(
            AlarmName=VARIABLES["WATCHER_SWITCH"], Namespace="IotDr/Switch/dev", Period=60,
            MetricName="SwitchedAway", EvaluationPeriods=1, Threshold=1, Statistic="Maximum",
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )  # fmt: skip
        assert handle(EVENT, Context()) == {"decision": "returning"}
        alarms = cloudwatch_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].alarms
        alarms[VARIABLES["WATCHER_SWITCH"]].state_updated_timestamp -= timedelta(minutes=11)
        assert handle(EVENT, Context()) == {"decision": "latched"}
    assert SWITCHED_AWAY in metrics("eu-central-1")


def test_after_a_change_of_primary_the_old_answer_is_waited_for(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    with (
        Broker(authority.issue(PRIMARY), answering("200 OK")).running() as primary,
        Broker(authority.issue(OWN), answering("200 OK")).running() as standby,
    ):
        ports = {(PRIMARY, 443): primary.port, (OWN, 443): standby.port}
        resolve(monkeypatch, ports, answer=OWN)
        # The switch has been at `back` for weeks, and its alarm is not read.
        assert load()(EVENT, Context()) == {"decision": "returning"}
    assert SWITCHED_AWAY not in metrics("eu-central-1")


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


def test_a_standby_whose_name_is_not_served_yet_is_not_a_place_to_lead_devices_to(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    # As in the hour after the first deploy: the service answers, with its own certificate.
    with Broker(authority.issue("iot.example.com"), answering("200 OK")).running() as broker:
        resolve(monkeypatch, {(OWN, 443): broker.port})
        assert load()(EVENT, Context()) == {"decision": "blind"}


def test_a_standby_that_the_fleet_storms_does_not_keep_the_watcher_from_latching(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    handle = load()
    with Broker(authority.issue(PRIMARY), answering("200 OK")).running() as primary:
        resolve(monkeypatch, {(PRIMARY, 443): primary.port})
        assert handle(EVENT, Context()) == {"decision": "well"}
    # It would take no message.
    with Broker(authority.issue(OWN), answering("503 Busy")).running() as broker:
        resolve(monkeypatch, {(OWN, 443): broker.port})
        assert handle(EVENT, Context()) == {"decision": "latched"}
    assert broker.requests == []
    assert metrics("eu-central-1") == [seen("eu-west-1", "check-1"), SWITCHED_AWAY]
    assert metrics("eu-west-1") == []


def test_a_primary_that_has_never_served_is_not_switched_away(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    # As in the hour after the first deploy, where the standby's certificate is served first.
    with Broker(authority.issue(OWN), answering("200 OK")).running() as broker:
        resolve(monkeypatch, {(OWN, 443): broker.port})
        assert load()(EVENT, Context()) == {"decision": "new"}
    assert metrics("eu-central-1") == []


def test_a_new_instance_knows_what_another_has_seen_even_after_a_change_of_primary(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    with (
        Broker(authority.issue(PRIMARY), answering("200 OK")).running() as primary,
        Broker(authority.issue(OWN), answering("200 OK")).running() as standby,
    ):
        resolve(monkeypatch, {(PRIMARY, 443): primary.port, (OWN, 443): standby.port})
        assert load()(EVENT, Context()) == {"decision": "well"}
        assert metrics("eu-west-1") == [seen("eu-central-1", "check-2")]
        # The primary is lost while the function is deployed again.
        resolve(monkeypatch, {(OWN, 443): standby.port})
        assert load()(EVENT, Context()) == {"decision": "latched"}
        # The standby is made the primary, and is lost before the new watcher's first call.
        resolve(monkeypatch, {(PRIMARY, 443): primary.port})
        moved = load(AWS_REGION="eu-west-1", WATCHER_PRIMARY="eu-central-1")
        assert moved(EVENT, Context()) == {"decision": "latched"}


# It waits as long as the watcher does for a name's lookup.
@pytest.mark.exhaustive
def test_a_lookup_that_hangs_since_an_earlier_watch_does_not_keep_the_watcher_from_latching(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    ended, lookups = threading.Event(), iter([True])
    handle = load()
    with (
        Broker(authority.issue(PRIMARY), answering("200 OK")).running() as primary,
        Broker(authority.issue(OWN), answering("200 OK")).running() as standby,
    ):
        resolve(monkeypatch, {(PRIMARY, 443): primary.port, (OWN, 443): standby.port})
        look_up = socket.getaddrinfo

        def hanging_first(host: str, port: int, **options: Any) -> list[Any]:
            if host == OWN and next(lookups, False):
                ended.wait()
            return look_up(host, port, **options)

        monkeypatch.setattr(socket, "getaddrinfo", hanging_first)
        assert handle(EVENT, Context()) == {"decision": "well"}
        resolve(monkeypatch, {(OWN, 443): standby.port})
        assert handle(EVENT, Context()) == {"decision": "latched"}
        ended.set()


THIRD = "mqtt-eu-north-1.iot-dev.example.com"
OF_THE_SECOND = {
    "AWS_REGION": "eu-north-1",
    "WATCHER_MODE": "shallow",
    "WATCHER_PRIMARY": "eu-central-1",
    "WATCHER_AWAY": "eu-west-1,eu-central-1",
    "WATCHER_KEEPERS": "eu-north-1",
    "WATCHER_REGIONS": "eu-west-1,eu-central-1,eu-north-1",
    "WATCHER_NAME_3": THIRD,
    "WATCHER_CHECK_3": "check-3",
    "WATCHER_SWITCH": "example-dev-switch-eu-central-1",
}


def switched(region: str) -> tuple[str, str, dict[str, str]]:
    return "IotDr/Switch/dev", "SwitchedAway", {"Environment": "dev", "Region": region}


def keep(alarm_region: str, region: str) -> Any:
    """Create the alarm of a switch and the record that the second region was healthy."""
    cloudwatch = cast("Any", boto3).client("cloudwatch", alarm_region)
    name = f"example-dev-switch-{region}"
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="IotDr/Switch/dev", Period=60,
        MetricName="SwitchedAway", EvaluationPeriods=1, Threshold=1, Statistic="Maximum",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )  # fmt: skip
    dimensions = seen("eu-central-1", "check-2")[2].items()
    point = {
        "MetricName": "SeenHealthy",
        "Value": 1,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
    }
    cloudwatch.put_metric_data(Namespace="IotDr/Switch/dev", MetricData=[point])
    return cloudwatch_backends[DEFAULT_ACCOUNT_ID][alarm_region].alarms[name]


@pytest.mark.parametrize(
    ("state", "minutes", "is_put"),
    [
        pytest.param("INSUFFICIENT_DATA", 20, True, id="never switched"),
        pytest.param("OK", 1, False, id="switched back by an operator just now"),
        pytest.param("ALARM", 20, False, id="away already"),
    ],
)
def test_a_second_failure_does_not_undo_the_switch_back_of_an_earlier_region(  # noqa: PLR0913, PLR0917 - fixtures and cases
    load: Callable[..., Handle],
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
    state: str,
    minutes: int,
    is_put: bool,
) -> None:
    handle = load(**OF_THE_SECOND)
    keep("eu-north-1", "eu-central-1")
    alarm = keep("eu-north-1", "eu-west-1")
    alarm.state_value = state
    alarm.state_updated_timestamp -= timedelta(minutes=minutes)
    with Broker(authority.issue(THIRD), answering("200 OK")).running() as own:
        # The second region fails, and the name still leads to the third.
        resolve(monkeypatch, {(THIRD, 443): own.port}, answer=THIRD)
        assert handle(EVENT, Context()) == {"decision": "latched"}
    put = metrics("eu-north-1")
    assert switched("eu-central-1") in put
    assert (switched("eu-west-1") in put) is is_put


def test_an_earlier_switch_that_another_region_keeps_is_put_there(
    load: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    # The primary is the fourth region of the settings: the first two keep its switch.
    handle = load(
        **OF_THE_SECOND
        | {
            "WATCHER_AWAY": "us-east-2,eu-west-1,eu-central-1",
            "WATCHER_REGIONS": f"{OF_THE_SECOND['WATCHER_REGIONS']},us-east-2",
            "WATCHER_NAME_4": "mqtt-us-east-2.iot-dev.example.com",
            "WATCHER_CHECK_4": "check-4",
        }
    )
    keep("eu-north-1", "eu-central-1")
    keep("eu-central-1", "us-east-2").state_updated_timestamp -= timedelta(minutes=20)
    with Broker(authority.issue(THIRD), answering("200 OK")).running() as own:
        resolve(monkeypatch, {(THIRD, 443): own.port}, answer=THIRD)
        assert handle(EVENT, Context()) == {"decision": "latched"}
    assert switched("us-east-2") in metrics("eu-central-1")
    assert switched("us-east-2") not in metrics("eu-north-1")


def test_variables_that_are_missing_or_wrong_stop_the_function_before_its_first_watch(
    load: Callable[..., Handle],
) -> None:
    with pytest.raises(VariablesError) as refusal:
        load(
            WATCHER_MODE="high", WATCHER_THRESHOLD="0", WATCHER_NAME_2="",
            WATCHER_PRIMARY="eu-central-1", AWS_REGION="us-east-1",
        )  # fmt: skip
    for name in ("WATCHER_MODE", "WATCHER_THRESHOLD", "WATCHER_NAME_2", "AWS_REGION"):
        assert name in str(refusal.value)
