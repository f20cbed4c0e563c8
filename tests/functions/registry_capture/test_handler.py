"""Capture as Lambda loads and calls it, against moto."""

import json
from typing import Any

import pytest
from moto.iot.models import iot_backends

from functions.probe.variables import VariablesError
from functions.registry.entity import Entity, Kind
from functions.registry.pending import PENDING_TIMEOUT
from functions.registry.row import Pending
from functions.registry.stamp import wall_clock
from tests.functions.authority import Authority
from tests.functions.registry.aws import (
    ACCOUNT,
    AwsRegion,
    Context,
    batch,
    failed,
)
from tests.functions.registry.rows import WEST, row

THING = Entity(Kind.THING, "sensor-1")


def event(name: str, **members: Any) -> dict[str, Any]:
    return {
        "eventType": "THING_EVENT", "timestamp": wall_clock(), "accountId": ACCOUNT,
        "thingName": name, **members,
    }  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_change_is_written_down_once_however_often_its_event_comes(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    here.iot.create_thing(thingName="sensor-1")
    assert failed(handle(batch(event("sensor-1"), event("sensor-1")), Context())) == []
    own = here.own(THING)
    assert own is not None
    assert (own.revision, own.stamp.region) == (1, WEST)
    (line,) = lines(capsys)
    assert (line["Captured"], line["Environment"]) == (1, "dev")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "IotDr/Registry"


def test_a_shadow_s_halves_are_two_entities(here: AwsRegion) -> None:
    handle = here.load("capture")
    here.iot.create_thing(thingName="sensor-1")
    here.shadows.update_thing_shadow(
        thingName="sensor-1", payload=json.dumps({"state": {"desired": {"a": 1}}})
    )
    document = {"topic": "$aws/things/sensor-1/shadow/update/documents", "time": wall_clock()}
    assert failed(handle(batch(document), Context())) == []
    desired = here.own(Entity.parse("shadow/sensor-1//desired"))
    assert desired is not None
    assert desired.state == {"document": {"a": 1}}
    assert here.own(Entity.parse("shadow/sensor-1//reported")) is None


def test_what_can_never_be_captured_is_dead_lettered_at_once_and_holds_up_nothing(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    here.iot.create_thing(thingName="sensor-1")
    bad = ["{", event("sensor-1", accountId="999999999999"), "\U0001f600" * 60_000]
    assert failed(handle(batch(*bad, event("sensor-1")), Context())) == []
    dead_letters = here.messages("dead-letters")
    assert [each.keys() for each in dead_letters] == [{"reason", "message"}] * 3
    assert dead_letters[0]["message"] == "{", "an operator must see what it was"
    assert json.loads(dead_letters[1]["message"])["accountId"] == "999999999999"
    assert len(json.dumps(dead_letters[2])) < 256 * 1024, "SQS takes no more"
    assert "999999999999" in dead_letters[1]["reason"]
    assert here.own(THING) is not None
    assert [line.get("Refused") for line in lines(capsys)] == [1, 1, 1, None]


def registered(name: str, at: int) -> dict[str, Any]:
    """Return what AWS sends, also if the device connected again just now."""
    return {
        "certificateId": name, "caCertificateId": "b" * 64, "timestamp": wall_clock(),
        "certificateRegistrationTimestamp": str(at),
        "certificateStatus": "PENDING_ACTIVATION", "awsAccountId": ACCOUNT,
    }  # fmt: skip


def test_a_certificate_that_registers_itself_is_captured_once_it_is_active(
    here: AwsRegion,
) -> None:
    """No event says that a provisioning template has activated it, and no thing may have it."""
    handle = here.load("capture")
    name = here.iot.create_keys_and_certificate(setAsActive=False)["certificateId"]
    certificate = Entity(Kind.CERTIFICATE, name)
    record = iot_backends[ACCOUNT][WEST].certificates[name]
    record.status = "PENDING_ACTIVATION"
    message = registered(name, wall_clock())
    assert failed(handle(batch(message), Context())) == ["m0"]
    assert here.own(certificate) is None, "no other region could take it over"
    record.status = "ACTIVE"
    assert failed(handle(batch(message), Context())) == []
    own = here.own(certificate)
    assert own is not None
    assert (own.state or {})["status"] == "ACTIVE"


def test_a_certificate_that_nobody_activates_is_captured_as_it_is_after_minutes(
    here: AwsRegion,
) -> None:
    handle = here.load("capture")
    name = here.iot.create_keys_and_certificate(setAsActive=False)["certificateId"]
    iot_backends[ACCOUNT][WEST].certificates[name].status = "PENDING_ACTIVATION"
    assert failed(handle(batch(registered(name, wall_clock() - 301_000)), Context())) == []
    assert here.own(Entity(Kind.CERTIFICATE, name)) is not None


def pending(here: AwsRegion, age: int) -> None:
    result = Pending(hash="h", at=wall_clock() - age, by="m")
    here.log.put(row(THING, WEST, None, "10@eu-west-1", pending=result), 0)


def test_while_a_change_is_being_applied_the_message_comes_again(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    here.iot.create_thing(thingName="sensor-1")
    here.iot.create_thing(thingName="sensor-2")
    pending(here, 0)
    assert failed(handle(batch(event("sensor-1"), event("sensor-2")), Context())) == ["m0"]
    assert here.messages("retry") == []
    assert "just being applied" in lines(capsys)[0]["cause"]


def test_a_run_that_crashed_is_taken_over_by_whoever_applies(here: AwsRegion) -> None:
    handle = here.load("capture")
    pending(here, PENDING_TIMEOUT + 1000)
    assert failed(handle(batch(event("sensor-1")), Context())) == ["m0"]
    assert here.messages("retry") == [{"entity": "thing/sensor-1"}]


def test_where_aws_does_not_answer_the_message_comes_again(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    here.dynamodb.delete_table(TableName="iot-dev-device-registry")
    assert failed(handle(batch(event("sensor-1")), Context())) == ["m0"]
    (line,) = lines(capsys)
    assert (line["Retried"], line["cause"]) == (1, "ResourceNotFoundException")
    assert here.messages("dead-letters") == []


@pytest.mark.parametrize(("queue", "pause"), [("changes", 15), ("shadows", 30)])
def test_a_change_that_fails_is_tried_again_soon_and_a_shadow_after_the_timeout_of_its_queue(
    here: AwsRegion, queue: str, pause: int
) -> None:
    handle = here.load("capture")
    here.dynamodb.delete_table(TableName="iot-dev-device-registry")
    here.sqs.send_message(QueueUrl=here.urls[queue], MessageBody=json.dumps(event("sensor-1")))
    assert failed(handle(here.receive(queue), Context())) == ["m0"]
    assert here.hidden(queue)[0] in range(pause - 2, pause + 1)


def test_what_is_left_when_the_time_is_up_comes_again(here: AwsRegion) -> None:
    handle = here.load("capture")
    here.iot.create_thing(thingName="sensor-1")
    here.iot.create_thing(thingName="sensor-2")
    result = batch(event("sensor-1"), event("sensor-2"))
    assert failed(handle(result, Context(calls=1))) == ["m1"]
    assert here.own(THING) is not None
    assert here.own(Entity(Kind.THING, "sensor-2")) is None


def test_in_a_region_that_is_not_the_environment_s_nothing_is_captured(here: AwsRegion) -> None:
    handle = here.load("capture", REGISTRY_REGIONS="eu-central-1")
    here.iot.create_thing(thingName="sensor-1")
    assert failed(handle(batch(event("sensor-1")), Context())) == []
    assert here.own(THING) is None


def test_excluded_policies_are_nobody_s_business(here: AwsRegion) -> None:
    handle = here.load("capture", REGISTRY_EXCLUDED_POLICIES="fleet, device")
    here.iot.create_policy(policyName="device", policyDocument="{}")
    assert failed(handle(batch({"entity": "policy/device"}), Context())) == []
    assert here.own(Entity(Kind.POLICY, "device")) is None


def test_an_excluded_ca_certificate_is_nobody_s_business(
    here: AwsRegion, authority: Authority
) -> None:
    registered = here.iot.register_ca_certificate(
        caCertificate=authority.file.read_text(), certificateMode="SNI_ONLY", setAsActive=True
    )
    ca = Entity(Kind.CA_CERTIFICATE, registered["certificateId"])
    handle = here.load("capture", REGISTRY_EXCLUDED_CA_CERTIFICATES=ca.name)
    assert failed(handle(batch({"entity": ca.key}), Context())) == []
    assert here.own(ca) is None
    handle = here.load("capture")
    assert failed(handle(batch({"entity": ca.key}), Context())) == []
    assert here.own(ca) is not None, "it is the exclusion that keeps it out"


def test_variables_that_are_missing_stop_the_function_before_its_first_message(
    here: AwsRegion,
) -> None:
    with pytest.raises(VariablesError) as refusal:
        here.load("capture", REGISTRY_TABLE="", REGISTRY_PARKED_QUEUE="")
    assert "REGISTRY_TABLE" in str(refusal.value)
    assert "REGISTRY_PARKED_QUEUE" in str(refusal.value)
