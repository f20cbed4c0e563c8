import pytest

from iot_dr.rules.failover_pair_in_one_region import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, ours, resources, where

RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"
PRIMARY, SECONDARY = "failover_1_primary", "failover_1_secondary"


@pytest.mark.parametrize("regions", [2, 3, 5])
def test_sides_in_two_regions_pass(regions: int) -> None:
    assert judged(RULE, ours(regions)) == []


def test_sides_that_lead_to_one_region_through_other_stacks_are_refused() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["records"] = records[PRIMARY]["records"]
    findings = judged(RULE, documents)
    assert where(findings) == {f"{ENTRY_POINT}/{RECORD}.{SECONDARY}"}
    assert "both point to eu-west-1" in findings[0].message


def test_the_region_is_read_from_an_iot_host() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["records"] = ["a1b2-ats.iot.eu-west-1.amazonaws.com"]
    assert len(judged(RULE, documents)) == 1
    records[SECONDARY]["records"] = ["a1b2-ats.iot.eu-north-1.amazonaws.com"]
    assert judged(RULE, documents) == []


def test_an_alias_to_a_nested_pair_is_in_all_its_regions() -> None:
    documents = ours(3)
    records = resources(documents, ENTRY_POINT, RECORD)
    target = records[PRIMARY]["records"]
    records["failover_2_primary"]["records"] = target
    assert judged(RULE, documents) == []
    records["failover_2_secondary"]["records"] = target
    assert len(judged(RULE, documents)) == 2


def test_sides_of_which_one_leads_nowhere_known_pass() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["records"] = ["${var.standby}"]
    assert judged(RULE, documents) == []


def test_one_check_for_both_sides_is_refused() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["health_check_id"] = records[PRIMARY]["health_check_id"]
    (finding,) = judged(RULE, documents)
    assert "use the same health check" in finding.message


def test_checks_of_both_sides_that_look_at_one_region_are_refused() -> None:
    documents = ours()
    checks = resources(documents, ENTRY_POINT, CHECK)
    checks["tcp_eu_central_1"]["fqdn"] = checks["tcp_eu_west_1"]["fqdn"]
    (finding,) = judged(RULE, documents)
    assert "have health checks that both test eu-west-1" in finding.message
