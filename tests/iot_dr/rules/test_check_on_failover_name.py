from typing import Any

import pytest

from iot_dr.rules.check_on_failover_name import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, ours, resources, where

CHECK = "aws_route53_health_check"


def asking(fqdn: object) -> dict[str, Any]:
    """Give our design, with Ireland's TCP check on another name."""
    documents = ours(3)
    resources(documents, ENTRY_POINT, CHECK)["tcp_eu_west_1"]["fqdn"] = fqdn
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
    found = judged(RULE, asking(fqdn))
    assert where(found) == {f"{ENTRY_POINT}/{CHECK}.tcp_eu_west_1"}
    assert "Check the name of one region instead" in found[0].message


@pytest.mark.parametrize(
    "fqdn", ["mqtt-eu-west-1.iot-dev.example.com", "other.example.com", "${var.name}", None, []]
)
def test_a_check_on_another_name_passes(fqdn: object) -> None:
    assert judged(RULE, asking(fqdn)) == []


def test_a_name_that_leads_to_the_failover_name_is_as_bad() -> None:
    documents = asking("alias.example.com")
    resources(documents, ENTRY_POINT, "aws_route53_record")["alias"] = {
        "name": "alias.example.com",
        "type": "CNAME",
        "records": ["mqtt.iot-dev.example.com"],
        "provider": "aws.us_east_1",
    }
    assert len(judged(RULE, documents)) == 1


def test_what_a_plan_tells_only_in_part_is_not_taken_for_the_whole_name() -> None:
    def expressions(**references: list[str]) -> dict[str, Any]:
        return {key: {"references": each} for key, each in references.items()}

    zone = "aws_route53_zone.this"
    told = {
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
            for address, after in told.items()
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
