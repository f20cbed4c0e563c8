"""Record sets at one name, compared and printed."""

import pytest

from iot_dr.observe.switch.record_sets import (
    DeviceRecordsError,
    RecordSet,
    are_equal,
    described,
    simple_cname,
)

NAME = "mqtt.example.com"
OLD: RecordSet = {
    "Name": f"{NAME}.",
    "Type": "CNAME",
    "TTL": 300,
    "ResourceRecords": [{"Value": "a-ats.iot.eu-west-1.amazonaws.com"}],
}
PRIMARY: RecordSet = {**OLD, "SetIdentifier": "primary", "Failover": "PRIMARY"}
ALIAS: RecordSet = {
    "Name": NAME,
    "Type": "CNAME",
    "SetIdentifier": "secondary",
    "Failover": "SECONDARY",
    "AliasTarget": {
        "HostedZoneId": "Z1",
        "DNSName": "mqtt-standby-1.example.com.",
        "EvaluateTargetHealth": True,
    },
}


def test_records_are_equal_however_their_names_are_written() -> None:
    other = {
        "Name": NAME.upper(),
        "Type": "CNAME",
        "TTL": 300,
        "ResourceRecords": [{"Value": "a-ats.iot.eu-west-1.amazonaws.com."}],
        "SetIdentifier": None,
    }
    assert are_equal([OLD, ALIAS], [ALIAS, other])


@pytest.mark.parametrize(
    "change",
    [
        {"TTL": 60},
        {"ResourceRecords": [{"Value": "b.example.com"}]},
        {"SetIdentifier": "primary"},
        {"HealthCheckId": "h"},
        {"Type": "A"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_records_with_another_answer_differ(change: RecordSet) -> None:
    assert not are_equal([OLD], [{**OLD, **change}])
    assert not are_equal([OLD], [OLD, {**OLD, **change}])


def test_the_old_record_is_one_simple_cname() -> None:
    assert simple_cname(NAME, [OLD]) is OLD


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "has no record of its own in the zone; if devices reach it, a wildcard record"),
        ([{**OLD, "Type": "A"}], "has a record of type A; a cut-over replaces one simple CNAME"),
        ([{**ALIAS, "SetIdentifier": None}], "has an alias; a cut-over replaces"),
        ([{**OLD, "TrafficPolicyInstanceId": "t"}], "has a record of a traffic policy; a cut-over"),
        ([PRIMARY], "has failover records. If `iot-dr adopt cut-over` created them, set"),
        ([{**OLD, "SetIdentifier": "a", "Weight": 1}], r"has a record with a routing policy \(a\)"),
        ([OLD, {**OLD, "Type": "TXT\x1b"}], r"has a record of type TXT\\u001b"),
    ],
)
def test_other_records_are_refused_with_what_to_do(records: list[RecordSet], message: str) -> None:
    with pytest.raises(DeviceRecordsError, match=f"{NAME} {message}"):
        simple_cname(NAME, records)


def test_a_record_is_described_on_one_line() -> None:
    assert described(OLD) == "CNAME a-ats.iot.eu-west-1.amazonaws.com, TTL 300 s"
    assert described({**PRIMARY, "HealthCheckId": "h1"}) == (
        "CNAME PRIMARY a-ats.iot.eu-west-1.amazonaws.com, TTL 300 s, health check h1"
    )
    assert described(ALIAS) == "CNAME SECONDARY alias mqtt-standby-1.example.com"
