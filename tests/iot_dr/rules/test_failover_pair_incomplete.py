from typing import Any

import pytest

from iot_dr.rules.failover_pair_incomplete import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import (
    ENTRY_POINT,
    FRANKFURT,
    judged,
    our_settings,
    ours,
    resources,
)

RECORD = "aws_route53_record"
PRIMARY, SECONDARY = "failover_1_primary", "failover_1_secondary"


@pytest.mark.parametrize("regions", [2, 3, 5])
def test_pairs_of_one_and_one_pass(regions: int) -> None:
    assert judged(RULE, ours(regions)) == []


@pytest.mark.parametrize(
    ("gone", "expected"), [(PRIMARY, "no PRIMARY"), (SECONDARY, "no SECONDARY")]
)
def test_a_side_that_is_missing_is_reported(gone: str, expected: str) -> None:
    documents = ours()
    del resources(documents, ENTRY_POINT, RECORD)[gone]
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.verdict is Verdict.BLOCK
    assert f"mqtt.iot-dev.example.com (CNAME) has {expected}" in finding.message


@pytest.mark.parametrize("side", ["PRIMARY", "SECONDARY"])
def test_a_second_record_of_a_side_is_reported_in_whichever_stack_it_is(side: str) -> None:
    documents = ours()
    record = dict(resources(documents, ENTRY_POINT, RECORD)[PRIMARY])
    record |= {"failover_routing_policy": [{"type": side}], "provider": "aws.eu_central_1"}
    resources(documents, FRANKFURT, RECORD)["another"] = record
    (finding,) = judged(RULE, documents)
    assert f"2 {side}" in finding.message


def test_records_of_different_types_or_zones_are_separate_pairs() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    for side in (PRIMARY, SECONDARY):
        records[f"{side}_a"] = {**records[side], "type": "A"}
        records[f"{side}_zone"] = {**records[side], "zone_id": "Z0PRIVATE"}
    assert judged(RULE, documents) == []


def test_a_record_of_unknown_side_may_be_the_missing_one() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["failover_routing_policy"] = {"type": "${var.side}"}
    assert judged(RULE, documents) == []
    records[SECONDARY] |= {
        "name": "${each.value}",
        "failover_routing_policy": {"type": "SECONDARY"},
    }
    assert judged(RULE, documents) == []


LOOKED_UP = {"data": {"aws_route53_zone": {"zone": {"name": "example.com"}}}}


def half(side: str, zone: dict[str, Any] = LOOKED_UP, **more: Any) -> dict[str, Any]:
    """Return the stack of one side of a pair, in a zone that it looks up by default."""
    record = {
        "zone_id": "${data.aws_route53_zone.zone.zone_id}",
        "name": "mqtt",
        "type": "CNAME",
        "records": ["a-ats.iot.eu-west-1.amazonaws.com"],
        "failover_routing_policy": {"type": side},
    }
    return {**zone, "resource": {RECORD: {"device": record | more}}}


def looked_up(**values: Any) -> dict[str, Any]:
    return {"data": {"aws_route53_zone": {"zone": values}}}


def test_two_stacks_that_look_up_one_zone_make_one_pair() -> None:
    documents = {"ireland": half("PRIMARY"), "frankfurt": half("SECONDARY")}
    assert judged(RULE, documents) == []
    documents["frankfurt"] = half("SECONDARY", looked_up(name="Example.com.", private_zone=False))
    assert judged(RULE, documents) == []


def test_a_zone_that_one_stack_makes_and_the_other_looks_up_is_one() -> None:
    documents = {"ireland": half("PRIMARY", {}), "frankfurt": half("SECONDARY")}
    ireland = documents["ireland"]["resource"]
    ireland["aws_route53_zone"] = {"zone": {"name": "example.com"}}
    ireland[RECORD]["device"]["zone_id"] = "${aws_route53_zone.zone.id}"
    assert judged(RULE, documents) == []


def test_halves_of_two_names_in_two_zones_are_halves_of_two_pairs() -> None:
    other = half("SECONDARY", looked_up(name="example.org"))
    assert len(judged(RULE, {"ireland": half("PRIMARY"), "frankfurt": other})) == 2


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        (
            half("SECONDARY", looked_up(name="example.com", private_zone=True)),
            "zone is another",
        ),
        (half("SECONDARY", looked_up(name="example.com", vpc_id="vpc-1")), "zone is another"),
        (half("SECONDARY", type="A"), "type is A"),
    ],
)
def test_a_pair_that_is_split_is_one_finding_that_names_the_difference(
    secondary: dict[str, Any], expected: str
) -> None:
    (finding,) = judged(RULE, {"ireland": half("PRIMARY"), "frankfurt": secondary})
    assert (finding.verdict, finding.stack) == (Verdict.BLOCK, "ireland")
    assert "The SECONDARY aws_route53_record.device of frankfurt may be meant" in finding.message
    assert f"its {expected}: give both records" in finding.message


def test_halves_of_two_names_may_be_one_pair() -> None:
    standby = half("SECONDARY", name="mqtt-standby")
    (finding,) = judged(RULE, {"ireland": half("PRIMARY"), "frankfurt": standby})
    assert finding.verdict is Verdict.WARN
    assert "its name is mqtt-standby.example.com: give both records" in finding.message
    another = half("SECONDARY", name="api")
    documents = {"ireland": half("PRIMARY"), "frankfurt": standby, "api": another}
    assert len(judged(RULE, documents)) == 3


def test_a_lone_record_of_another_type_next_to_a_pair_is_refused() -> None:
    documents = {"ireland": half("PRIMARY", type="A"), "frankfurt": half("SECONDARY", type="A")}
    lone = documents["ireland"]["resource"][RECORD]["device"] | {"type": "AAAA"}
    documents["ireland"]["resource"][RECORD]["six"] = lone
    (finding,) = judged(RULE, documents)
    assert (finding.verdict, finding.address) == (Verdict.BLOCK, f"{RECORD}.six")
    assert "The A records of this name are a pair; clients that ask for AAAA" in finding.message


def test_a_name_of_a_variable_is_shown_as_written() -> None:
    (finding,) = judged(RULE, {"us-east-1/main": half("PRIMARY", name="${var.domain_name}")})
    assert finding.message.startswith("${var.domain_name} (CNAME) has no SECONDARY")


def test_one_owners_half_is_a_warning_that_names_the_other_stack() -> None:
    (finding,) = judged(RULE, {"ireland": half("PRIMARY")})
    assert finding.verdict is Verdict.WARN
    assert "may be in a stack that was not passed" in finding.message
    documents = {"ireland": half("PRIMARY"), "frankfurt": half("PRIMARY")}
    assert [each.verdict for each in judged(RULE, documents)] == [Verdict.BLOCK]
