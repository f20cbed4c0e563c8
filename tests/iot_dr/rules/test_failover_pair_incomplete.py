import pytest

from iot_dr.rules.failover_pair_incomplete import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, judged, ours, resources

RECORD = "aws_route53_record"
PRIMARY, SECONDARY = "failover_1_primary", "failover_1_secondary"


@pytest.mark.parametrize("regions", [2, 3, 5])
def test_pairs_of_one_and_one_pass(regions: int) -> None:
    assert judged(RULE, ours(regions)) == []


@pytest.mark.parametrize(("gone", "told"), [(PRIMARY, "no PRIMARY"), (SECONDARY, "no SECONDARY")])
def test_a_side_that_is_missing_is_told(gone: str, told: str) -> None:
    documents = ours()
    del resources(documents, ENTRY_POINT, RECORD)[gone]
    (found,) = judged(RULE, documents)
    assert f"mqtt.iot-dev.example.com (CNAME) has {told}" in found.message


@pytest.mark.parametrize("side", ["PRIMARY", "SECONDARY"])
def test_a_second_record_of_a_side_is_told_in_whichever_stack_it_is(side: str) -> None:
    documents = ours()
    record = dict(resources(documents, ENTRY_POINT, RECORD)[PRIMARY])
    record |= {"failover_routing_policy": [{"type": side}], "provider": "aws.eu_central_1"}
    resources(documents, FRANKFURT, RECORD)["another"] = record
    (found,) = judged(RULE, documents)
    assert f"2 {side}" in found.message


def test_pairs_of_another_type_or_zone_are_other_pairs() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    for side in (PRIMARY, SECONDARY):
        records[f"{side}_a"] = {**records[side], "type": "A"}
        records[f"{side}_zone"] = {**records[side], "zone_id": "Z0PRIVATE"}
    assert judged(RULE, documents) == []


def test_what_is_not_known_yet_may_be_the_missing_side() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["failover_routing_policy"] = {"type": "${var.side}"}
    assert judged(RULE, documents) == []
    records[SECONDARY] |= {
        "name": "${each.value}",
        "failover_routing_policy": {"type": "SECONDARY"},
    }
    assert judged(RULE, documents) == []
