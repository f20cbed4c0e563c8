import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.zone_answered_elsewhere import RULE
from tests.iot_dr.rules.designs import (
    ENTRY_POINT,
    judged,
    our_settings,
    ours,
    resources,
    with_names_in_parent_zone,
)

ELSEWHERE = ["ns1.example.net", "ns2.example.net"]


def verdicts(records: object, name: str = "example.com", type_: str = "NS") -> list[Verdict]:
    """Return the verdicts about a record of the zone `example.com`."""
    record = {
        "zone_id": "${aws_route53_zone.this.zone_id}",
        "name": name,
        "type": type_,
        "ttl": 60,
        "records": records,
    }
    resource = {
        "aws_route53_zone": {"this": {"name": "example.com"}},
        "aws_route53_record": {"ns": record},
    }
    return [finding.verdict for finding in judged(RULE, {"dns": {"resource": resource}})]


@pytest.mark.parametrize("name", ["example.com", "Example.com.", "", "@"])
def test_other_servers_for_the_zones_own_name_are_found(name: str) -> None:
    assert verdicts(ELSEWHERE, name) == [Verdict.WARN]


@pytest.mark.parametrize(
    "records",
    [
        "${aws_route53_zone.this.name_servers}",
        ["${aws_route53_zone.this.name_servers[0]}"],
        ["ns-1.awsdns-00.com", *ELSEWHERE],
        ["ns1.example.com", "ns2.example.com"],
        "${var.servers}",
        [],
    ],
)
def test_servers_that_may_be_the_zones_own_are_not(records: object) -> None:
    assert verdicts(records) == []


def test_a_delegation_of_a_name_below_is_not() -> None:
    assert verdicts(ELSEWHERE, "cars") == []
    assert verdicts(["v=spf1 -all"], type_="TXT") == []


def test_it_blocks_in_the_zone_of_an_environment() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, "aws_route53_record")
    own = next(iter(records.values()))
    records["ns"] = {
        "provider": own["provider"],
        "zone_id": own["zone_id"],
        "name": "iot-dev.example.com",
        "type": "NS",
        "ttl": 60,
        "records": ELSEWHERE,
        "allow_overwrite": True,
    }
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.verdict is Verdict.BLOCK
    assert "ns1.example.net, ns2.example.net" in finding.message


def parents(name: str, type_: str = "CNAME", zone: str = "parent", **more: object) -> list[Verdict]:
    """Return the verdicts about a record of a zone, `example.com` or one that is created below."""
    record = {"name": name, "type": type_, "ttl": 60, "records": ["other.example.net"]}
    below = {"name": "${aws_route53_zone.below.name}", "type": "NS", "ttl": 60}
    id_ = "${data.aws_route53_zone.parent.zone_id}"
    servers = {**below, "records": ["ns.cars.example.com"], "zone_id": id_}
    of_record = id_ if zone == "parent" else "${aws_route53_zone.below.zone_id}"
    document = {
        "data": {"aws_route53_zone": {"parent": {"name": "example.com", **more}}},
        "resource": {
            "aws_route53_zone": {"below": {"name": "cars.example.com"}},
            "aws_route53_record": {"this": {**record, "zone_id": of_record}, "ns": servers},
        },
    }
    return [finding.verdict for finding in judged(RULE, {"dns": document})]


@pytest.mark.parametrize("name", ["mqtt.cars.example.com", "mqtt.cars", "Cars.example.com."])
def test_a_record_of_the_parent_for_a_name_of_the_zone_below_is_found(name: str) -> None:
    assert parents(name) == [Verdict.WARN]


def test_records_in_the_nearest_zone_and_those_that_lead_to_it_are_not() -> None:
    assert parents("mqtt.cars", zone="below") == []
    assert parents("mqtt.bikes") == []
    assert parents("mqtt.oldcars.example.com") == []
    assert parents("cars", "DS") == []
    assert parents("ns.cars.example.com", "A") == []
    assert parents("mqtt.cars", private_zone=True) == []


def test_a_regional_name_in_the_parent_zone_blocks() -> None:
    findings = judged(RULE, with_names_in_parent_zone(ours()), our_settings())
    assert [finding.verdict for finding in findings] == [Verdict.BLOCK] * 2
    messages = "\n".join(finding.message for finding in findings)
    assert "mqtt-eu-west-1.iot-dev.example.com is in the zone example.com" in messages
