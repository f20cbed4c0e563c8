from typing import Any

import pytest

from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.check_on_failover_name import RULE
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.document import parsed_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, ours, resources, where

CHECK = "aws_route53_health_check"


def asking(fqdn: object) -> dict[str, Any]:
    """Return our design, with the TCP check of Frankfurt's record on another name."""
    documents = ours(3)
    resources(documents, ENTRY_POINT, CHECK)["tcp_eu_central_1"]["fqdn"] = fqdn
    return documents


@pytest.mark.parametrize(
    "fqdn",
    [
        "mqtt.iot-dev.example.com",
        "MQTT.iot-dev.example.com.",
        "mqtt-standby-1.iot-dev.example.com",
        "${aws_route53_record.failover_1_primary.fqdn}",
        "${aws_route53_record.failover_2_secondary.name}",
    ],
)
def test_a_check_on_a_failover_name_is_refused(fqdn: str) -> None:
    findings = judged(RULE, asking(fqdn))
    assert where(findings) == {f"{ENTRY_POINT}/{CHECK}.tcp_eu_central_1"}
    assert findings[0].verdict is Verdict.BLOCK
    assert "Check the regional name instead" in findings[0].message


def test_a_check_that_no_record_uses_is_a_warning() -> None:
    documents = ours(3)
    # The primary's record uses the deep check.
    check = resources(documents, ENTRY_POINT, CHECK)["tcp_eu_west_1"]
    check["fqdn"] = "mqtt.iot-dev.example.com"
    (finding,) = judged(RULE, documents)
    assert finding.verdict is Verdict.WARN
    assert "No record uses it" in finding.message


@pytest.mark.parametrize(
    "fqdn", ["mqtt-eu-west-1.iot-dev.example.com", "other.example.com", "${var.name}", None, []]
)
def test_a_check_on_another_name_passes(fqdn: object) -> None:
    assert judged(RULE, asking(fqdn)) == []


def test_a_check_with_an_address_connects_there_and_only_sends_the_failover_name() -> None:
    documents = asking("mqtt.iot-dev.example.com")
    resources(documents, ENTRY_POINT, CHECK)["tcp_eu_central_1"]["ip_address"] = "192.0.2.1"
    assert judged(RULE, documents) == []


def test_a_name_that_leads_to_the_failover_name_is_as_bad() -> None:
    documents = asking("alias.example.com")
    resources(documents, ENTRY_POINT, "aws_route53_record")["alias"] = {
        "name": "alias.example.com",
        "type": "CNAME",
        "records": ["mqtt.iot-dev.example.com"],
        "provider": "aws.us_east_1",
    }
    assert len(judged(RULE, documents)) == 1


@pytest.mark.parametrize(
    ("kind", "count"), [({"vpc": {"vpc_id": "vpc-1"}}, 0), ({}, 1), ({"vpc": []}, 1)]
)
def test_checkers_do_not_see_a_failover_name_of_a_private_zone(
    kind: dict[str, Any], count: int
) -> None:
    public = {"zone_id": "${aws_route53_zone.public.id}", "name": "api", "records": ["192.0.2.1"]}
    sides = {
        side: {
            "zone_id": "${aws_route53_zone.other.id}",
            "name": "api",
            "type": "A",
            "failover_routing_policy": {"type": side},
        }
        for side in ("PRIMARY", "SECONDARY")
    }
    zone = {"name": "example.com"}
    document = {
        "resource": {
            "aws_route53_zone": {"public": zone, "other": {**zone, **kind}},
            "aws_route53_record": {"api": {**public, "type": "A"}, **sides},
            CHECK: {
                "by_name": {"type": "TCP", "fqdn": "api.example.com"},
            },
        }
    }
    assert len(judged(RULE, {"platform": document})) == count


def test_a_name_in_a_private_zone_is_followed_in_that_zone() -> None:
    private = "${aws_route53_zone.private.id}"
    record = {"zone_id": private, "type": "CNAME"}
    document = {
        "resource": {
            "aws_route53_zone": {
                "private": {"name": "example.com", "vpc": {"vpc_id": "vpc-1"}},
            },
            "aws_route53_record": {
                "one": {**record, "name": "one", "records": ["two.example.com"]},
                "two": {**record, "name": "two", "records": ["a.iot.eu-west-1.amazonaws.com"]},
                "public": {"zone_id": "Z", "name": "two.example.com", "type": "CNAME"},
            },
        }
    }
    names = declared_names(ResourceSet([parsed_resources("platform", document)]))
    (record_of_one,) = (each for each in names.records if each.name == "one.example.com")
    assert [end.name for end in names.destinations(record_of_one)] == [
        "a.iot.eu-west-1.amazonaws.com"
    ]


def test_a_name_known_only_in_part_is_not_taken_for_the_whole_name() -> None:
    def expressions(**references: list[str]) -> dict[str, Any]:
        return {key: {"references": each} for key, each in references.items()}

    zone = "aws_route53_zone.this"
    expected = {
        zone: {"name": "iot.example.com"},
        "aws_route53_record.primary": {
            "name": "iot.example.com",
            "type": "CNAME",
            "failover_routing_policy": [{"type": "PRIMARY"}],
        },
        f"{CHECK}.regional": {"type": "TCP"},
    }
    plan = {
        "format_version": "1.2",
        "resource_changes": [
            {
                "address": address,
                "mode": "managed",
                "type": address.partition(".")[0],
                "name": address.partition(".")[2],
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": after,
                    "after_unknown": {"fqdn": True} if "type" in after else {},
                },
            }
            for address, after in expected.items()
        ],
        "planned_values": {},
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": f"{CHECK}.regional",
                        "mode": "managed",
                        "type": CHECK,
                        "name": "regional",
                        "expressions": expressions(fqdn=[f"{zone}.name", zone]),
                    }
                ]
            }
        },
    }
    assert judged(RULE, {"platform": plan}) == []
