from typing import Any

import pytest

from iot_dr.rules.failover_record_at_apex import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, IRELAND, judged, ours, resources, where

RECORD = "aws_route53_record"
ZONE_NAME = "iot-dev.example.com"


def named(name: str) -> dict[str, Any]:
    """Return our design, with the device name changed."""
    documents = ours()
    for record in resources(documents, ENTRY_POINT, RECORD).values():
        record["name"] = name
    return documents


@pytest.mark.parametrize("name", [ZONE_NAME, f"{ZONE_NAME}.", ZONE_NAME.upper(), ""])
def test_a_device_name_at_the_apex_is_refused(name: str) -> None:
    findings = judged(RULE, named(name))
    assert where(findings) == {
        f"{ENTRY_POINT}/{RECORD}.failover_1_primary",
        f"{ENTRY_POINT}/{RECORD}.failover_1_secondary",
    }
    assert f"a CNAME is not allowed at {ZONE_NAME}" in findings[0].message


@pytest.mark.parametrize("name", [f"mqtt.{ZONE_NAME}", "mqtt", "example.com", "${var.name}"])
def test_a_device_name_elsewhere_passes(name: str) -> None:
    assert judged(RULE, named(name)) == []


def test_a_zone_of_which_only_the_id_is_known_passes() -> None:
    documents = named("iot.example.com")
    for record in resources(documents, ENTRY_POINT, RECORD).values():
        record["zone_id"] = "Z0SOMEWHERE"
    assert judged(RULE, documents) == []


def test_a_zone_that_is_looked_up_by_name_is_known() -> None:
    documents = named(ZONE_NAME)
    documents[ENTRY_POINT]["data"]["aws_route53_zone"] = {"found": {"name": f"{ZONE_NAME}."}}
    for record in resources(documents, ENTRY_POINT, RECORD).values():
        record["zone_id"] = "${data.aws_route53_zone.found.zone_id}"
    assert len(judged(RULE, documents)) == 2


def test_an_alias_to_iot_is_refused_at_the_apex_and_elsewhere() -> None:
    for name in (ZONE_NAME, f"broker.{ZONE_NAME}"):
        documents = ours()
        resources(documents, IRELAND, RECORD)["alias"] = {
            "name": name,
            "type": "A",
            "zone_id": "Z0SOMEWHERE",
            "provider": "aws.eu_west_1",
            "alias": {"name": "${data.aws_iot_endpoint.data_ats.endpoint_address}"},
        }
        (finding,) = judged(RULE, documents)
        assert "an alias cannot point to AWS IoT" in finding.message


def test_an_alias_at_the_apex_that_leads_to_a_regional_name_is_refused() -> None:
    documents = named(ZONE_NAME)
    for record in resources(documents, ENTRY_POINT, RECORD).values():
        target = record.pop("records")[0]
        record |= {"type": "A", "alias": {"name": target, "evaluate_target_health": True}}
    findings = judged(RULE, documents)
    assert len(findings) == 2
    assert "AWS IoT is reached only through a CNAME" in findings[0].message


def test_a_failover_of_addresses_at_the_apex_does_not_concern_iot() -> None:
    documents = named(ZONE_NAME)
    for record in resources(documents, ENTRY_POINT, RECORD).values():
        record |= {"type": "A", "records": ["192.0.2.1"]}
    assert judged(RULE, documents) == []
