"""Records and checks that are not known or not public: proved as far as they are known."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from iot_dr.design.unjudged import unjudged_names
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_hand_written import NAME, design

Document = dict[str, Any]
RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"
ID = "11111111-1111-1111-1111-111111111111"


def resources(document: Document) -> ResourceSet:
    return ResourceSet([read_configuration("dns", document)])


def proof_of(document: Document) -> Proof:
    (proof,) = proofs(resources(document))
    return proof


def sentences(proof: Proof) -> list[str]:
    return [str(note) for note in proof.notes]


def with_check(key: str, check: Mapping[str, Any]) -> Document:
    """The check of a side replaced by another one."""
    document = design()
    document["resource"][CHECK][key] = {**check, "provider": "aws.west"}
    return document


def without_checks(routing: Mapping[str, Any]) -> Document:
    """The two records of the name with another routing policy."""
    document = design()
    for key in ("west", "central"):
        record = document["resource"][RECORD][key]
        del record["failover_routing_policy"]
        record |= copy.deepcopy(dict(routing))
    return document


def nested(routing: Mapping[str, Any]) -> Document:
    """The SECONDARY leads to a name whose two records have another routing policy."""
    document = design()
    records = document["resource"][RECORD]
    zone = records["central"]["zone_id"]
    for key in ("a", "b"):
        records[key] = {
            **copy.deepcopy(records["central"]),
            "name": f"below.{NAME}",
            "set_identifier": key,
            **copy.deepcopy(dict(routing)),
        }
        del records[key]["failover_routing_policy"]
    central = records["central"]
    for argument in ("records", "ttl", "health_check_id"):
        del central[argument]
    central["alias"] = {"name": f"below.{NAME}", "zone_id": zone, "evaluate_target_health": True}
    return document


def test_a_check_of_another_account_is_assumed_to_see_its_region_and_the_note_says_so() -> None:
    document = design()
    document["resource"][RECORD]["west"]["health_check_id"] = ID
    proof = proof_of(document)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    (note,) = proof.notes
    assert str(note) == (
        f"health check {ID} is not declared here: assumed to fail whenever devices are not served"
        " by eu-west-1"
    )


def test_one_check_of_another_account_for_both_sides_is_assumed_healthy() -> None:
    document = design()
    for key in ("west", "central"):
        document["resource"][RECORD][key]["health_check_id"] = ID
    proof = proof_of(document)
    assert f"health check {ID} is not declared here: assumed healthy" in sentences(proof)
    assert not proof.is_proved


def test_an_alarm_of_another_account_is_assumed_to_see_its_region() -> None:
    proof = proof_of(
        with_check(
            "west",
            {
                "type": "CLOUDWATCH_METRIC",
                "cloudwatch_alarm_name": "of-another-account",
                "cloudwatch_alarm_region": "us-east-1",
            },
        )
    )
    assert proof.is_proved
    assert "the alarm of aws_route53_health_check.west is not declared here" in str(proof.notes[0])


def test_an_alarm_that_is_lost_with_its_region_does_not_see_that() -> None:
    check = {
        "type": "CLOUDWATCH_METRIC",
        "cloudwatch_alarm_name": "of-another-account",
        "cloudwatch_alarm_region": "eu-west-1",
    }
    (violation, *_) = proof_of(with_check("west", check)).violations
    assert "eu-west-1: the region is lost" in str(violation)
    check["insufficient_data_health_status"] = "Unhealthy"
    assert proof_of(with_check("west", check)).is_proved


def routing_control(children: int) -> Document:
    """A switch by a routing control of ARC next to the TCP check of eu-west-1."""
    document = design()
    checks = document["resource"][CHECK]
    arn = "arn:aws:route53-recovery-control::111111111111:controlpanel/a/routingcontrol/b"
    checks["control"] = {"type": "RECOVERY_CONTROL", "routing_control_arn": arn}
    names = [f"${{aws_route53_health_check.{name}.id}}" for name in ("west", "control")]
    checks["both"] = {
        "type": "CALCULATED",
        "child_health_threshold": children,
        "child_healthchecks": names,
    }
    both = "${aws_route53_health_check.both.id}"
    document["resource"][RECORD]["west"]["health_check_id"] = both
    return document


def test_a_routing_control_is_a_switch_that_is_assumed_to_be_on() -> None:
    proof = proof_of(routing_control(2))
    assert proof.is_proved
    assert sentences(proof) == [
        "aws_route53_health_check.control follows a routing control, which is assumed to be on",
    ]


def test_a_routing_control_that_moves_nothing_is_disproved() -> None:
    texts = "\n".join(map(str, proof_of(routing_control(1)).violations))
    assert f"eu-west-1 is switched away: {NAME} still leads to eu-west-1" in texts


def test_a_name_without_a_record_in_its_zone_is_noted() -> None:
    document = design()
    document["resource"][RECORD]["central"]["records"] = ["nowhere.iot.example.com"]
    assert (
        "aws_route53_record.central leads to nowhere.iot.example.com: the zone iot.example.com has"
        " no record of this name here"
    ) in sentences(proof_of(document))
    document = with_check("west", {"type": "TCP", "port": 1, "fqdn": "nowhere.iot.example.com"})
    assert "aws_route53_health_check.west checks nowhere.iot" in str(proof_of(document).notes[0])


def test_a_name_that_a_wildcard_serves_is_not_noted() -> None:
    document = design()
    records = document["resource"][RECORD]
    records["central"]["records"] = ["some.iot.example.com"]
    records["any"] = {**records["regional_central"], "name": "*.iot.example.com"}
    assert not any("has no record" in str(note) for note in proof_of(document).notes)


def test_a_name_in_a_zone_of_others_needs_no_record_here() -> None:
    document = design()
    record = document["resource"][RECORD]["central"]
    record["records"] = ["status.example.net"]
    del record["health_check_id"]
    assert not proof_of(document).notes


def test_nothing_is_proved_of_a_name_that_may_be_served_in_another_region() -> None:
    document = design()
    document["provider"]["aws"].append({"alias": "unknown", "region": "${local.region}"})
    document["resource"]["aws_iot_domain_configuration"]["central"]["provider"] = "aws.unknown"
    sentence = f"in which region aws_iot_domain_configuration.central serves {NAME} is not known"
    assert proof_of(document).unknown == (sentence,)
    assert not proof_of(document).is_proved


def test_names_in_a_cycle_are_noted() -> None:
    document = design()
    records = document["resource"][RECORD]
    loop = "loop.iot.example.com"
    records["central"]["records"] = [loop]
    records["loop"] = {**records["regional_west"], "name": loop, "records": [loop]}
    assert "where aws_route53_record.central leads is not known" in proof_of(document).unknown
    records["central"]["records"] = [NAME]
    text = "\n".join(map(str, proof_of(document).violations))
    assert f"nothing that {NAME} leads to serves" in text


def test_a_name_with_another_record_only_may_have_its_address_elsewhere() -> None:
    document = design()
    document["resource"][RECORD]["regional_west"]["type"] = "TXT"
    proof = proof_of(document)
    assert not proof.is_proved
    text = "\n".join(map(str, proof.possible))
    assert "west.iot.example.com has only a record of type TXT, and no address" in text


def test_two_simple_records_of_one_name_are_disproved() -> None:
    text = "\n".join(map(str, proof_of(nested({})).violations))
    assert f"below.{NAME} has 2 records, not all with a routing policy" in text


@pytest.mark.parametrize(
    ("routing", "word"),
    [
        ({"weighted_routing_policy": {"weight": 1}}, "weighted"),
        ({"latency_routing_policy": {"region": "eu-west-1"}}, "latency"),
        ({"multivalue_answer_routing_policy": True}, "multivalue"),
        ({"geolocation_routing_policy": {"country": "*"}}, "geolocation"),
    ],
)
def test_a_name_with_another_routing_is_not_judged_and_said_so(
    routing: Mapping[str, Any], word: str
) -> None:
    stacks = resources(without_checks(routing))
    assert not proofs(stacks)
    assert unjudged_names(stacks) == (f"{word} records, whose answer depends on who asks: {NAME}",)
    below = resources(nested(routing))
    (proof,) = proofs(below)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not unjudged_names(below)
    assert f"below.{NAME} has {word} records: any healthy one may be answered" in sentences(proof)


def test_each_healthy_weighted_record_must_lead_to_a_region_that_serves() -> None:
    document = nested({"weighted_routing_policy": {"weight": 1}})
    dead = {"name": "dead", "type": "TCP", "port": 8883, "fqdn": "west.iot.example.com"}
    document["resource"][CHECK]["dead"] = {**dead, "disabled": True}
    document["resource"][RECORD]["b"] |= {
        "records": ["west.iot.example.com"],
        "health_check_id": "${aws_route53_health_check.dead.id}",
    }
    (violation, *_) = proof_of(document).violations
    assert str(violation).startswith("eu-west-1: AWS IoT refuses connections")
    assert "while eu-central-1 would" in str(violation)


def test_failover_records_of_a_private_zone_are_not_judged() -> None:
    document = design()
    document["resource"]["aws_route53_zone"]["zone"]["vpc"] = {"vpc_id": "vpc-1"}
    stacks = resources(document)
    assert not proofs(stacks)
    assert unjudged_names(stacks) == (f"failover records of a private zone: {NAME}",)


def test_failover_records_of_unknown_name_are_not_judged() -> None:
    document = design()
    for key in ("west", "central"):
        document["resource"][RECORD][key]["name"] = "${each.key}.iot.example.com"
    (sentence,) = unjudged_names(resources(document))
    assert sentence == (
        "failover records whose name is not known: aws_route53_record.west,"
        " aws_route53_record.central"
    )


def test_many_names_that_are_not_judged_are_one_sentence() -> None:
    document = without_checks({"weighted_routing_policy": {"weight": 1}})
    records = document["resource"][RECORD]
    for number in range(20):
        records[f"web{number}"] = {**records["west"], "name": f"web{number}.iot.example.com"}
    (sentence,) = unjudged_names(resources(document))
    assert sentence.endswith(f"{NAME}, web0.iot.example.com, web1.iot.example.com and 18 more")


def test_an_alias_leads_to_records_of_its_own_type_alone() -> None:
    document = nested({"weighted_routing_policy": {"weight": 1}})
    records = document["resource"][RECORD]
    for key in ("west", "central", "a", "b"):
        records[key]["type"] = "A"
    record = {**records["b"], "type": "AAAA", "set_identifier": "c"}
    record["records"] = ["west.iot.example.com"]
    del record["health_check_id"]
    records["c"] = record
    assert proof_of(document).is_proved
    for key in ("a", "b"):
        records[key]["type"] = "AAAA"
    text = "\n".join(map(str, proof_of(document).possible))
    assert "aws_route53_record.central is an alias to records of another type than A" in text


def test_a_design_of_a_name_that_devices_cannot_look_up_is_disproved() -> None:
    document = design()
    for key in ("west", "central"):
        document["resource"][RECORD][key]["type"] = "TLSA"
    text = "\n".join(map(str, proof_of(document).violations))
    assert "is of type TLSA, which devices do not look up" in text
