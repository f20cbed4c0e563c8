"""Designs of others of which a part is in another stack: neither proved nor disproved."""

from typing import Any

import pytest

from iot_dr.design.unjudged import unjudged_names
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.rules import failover_not_proved
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet

Document = dict[str, Any]
NAME = "api.example.org"
RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"


def pair(*targets: str, checked: tuple[str, ...] = (), **changes: Any) -> Document:
    """Two evaluated aliases of one name, each with the HTTPS check of a host if `checked`."""
    resource: Document = {"aws_route53_zone": {"zone": {"name": "example.org"}}, RECORD: {}}
    for side, target in zip(("PRIMARY", "SECONDARY"), targets, strict=True):
        alias = {"name": target, "zone_id": "Z2", "evaluate_target_health": True}
        resource[RECORD][side] = {
            "zone_id": "${aws_route53_zone.zone.zone_id}",
            "name": NAME,
            "type": "A",
            "set_identifier": side,
            "failover_routing_policy": {"type": side},
            "alias": alias,
            **changes,
        }
    for side, host in zip(("PRIMARY", "SECONDARY"), checked, strict=False):
        check = {"type": "HTTPS", "fqdn": host, "port": 443, "resource_path": "/health"}
        resource.setdefault(CHECK, {})[side] = check
        resource[RECORD][side]["health_check_id"] = f"${{{CHECK}.{side}.id}}"
    return {"resource": resource}


def proof_of(document: Document) -> Proof:
    (proof,) = proofs(ResourceSet([read_configuration("dns", document)]))
    return proof


BALANCERS = ("${aws_lb.first.dns_name}", "${aws_lb.second.dns_name}")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(pair(*BALANCERS), id="evaluated aliases"),
        pytest.param(pair(*BALANCERS, checked=BALANCERS), id="a check of each load balancer"),
        pytest.param(pair(*BALANCERS, checked=BALANCERS[:1]), id="a check of the primary alone"),
        pytest.param(
            pair("${var.first}", "${var.second}", checked=("one.example.net", "two.example.net")),
            id="checks of other names",
        ),
    ],
)
def test_a_design_that_holds_if_its_undeclared_parts_work_is_not_disproved(
    document: Document,
) -> None:
    proof = proof_of(document)
    assert not proof.violations
    assert not proof.is_proved
    assert proof.possible


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            pair(*BALANCERS, checked=("${aws_lb.second.dns_name}", "${aws_lb.first.dns_name}")),
            id="crossed checks",
        ),
        pytest.param(
            pair(
                *BALANCERS,
                alias={"name": "a.example.net", "zone_id": "Z2", "evaluate_target_health": False},
            ),
            id="one target without health",
        ),
        pytest.param(pair(*BALANCERS, checked=(NAME, NAME)), id="checks of the name itself"),
    ],
)
def test_a_design_that_is_wrong_whatever_other_stacks_declare_is_disproved(
    document: Document,
) -> None:
    declared = {key: {"name": key} for key in ("first", "second")}
    document["resource"]["aws_lb"] = declared
    assert proof_of(document).violations


def test_a_check_of_the_target_host_of_a_custom_domain_name_never_passes() -> None:
    hosts = tuple(
        f"${{aws_api_gateway_domain_name.{side}.regional_domain_name}}" for side in ("one", "two")
    )
    (violation, *_) = proof_of(pair(*hosts, checked=hosts)).violations
    assert "the PRIMARY record of api.example.org is never healthy" in str(violation)
    assert any("API Gateway answers 403" in reason for reason in violation.reasons)
    own = ("a1.execute-api.eu-west-1.amazonaws.com", "b2.execute-api.eu-west-3.amazonaws.com")
    assert not proof_of(pair(*hosts, checked=own)).violations


def test_one_side_alone_is_not_judged() -> None:
    document = pair(*BALANCERS)
    del document["resource"][RECORD]["SECONDARY"]
    stacks = ResourceSet([read_configuration("dns", document)])
    assert not proofs(stacks)
    assert unjudged_names(stacks) == (f"failover records without the other side here: {NAME}",)


def test_sides_that_may_not_exist_together_are_not_judged() -> None:
    document = pair("${aws_lb.own.dns_name}", "${aws_lb.own.dns_name}")
    document["resource"]["aws_lb"] = {"own": {"name": "own"}}
    records = document["resource"][RECORD]
    assert proof_of(document).violations
    for side, count in (("PRIMARY", "${var.is_first ? 1 : 0}"), ("SECONDARY", "${var.others}")):
        records[side]["count"] = count
    stacks = ResourceSet([read_configuration("dns", document)])
    assert not proofs(stacks)
    assert unjudged_names(stacks) == (f"failover records that may not exist together: {NAME}",)
    assert not list(failover_not_proved.RULE.find(stacks, None))
    records["PRIMARY"]["count"] = records["SECONDARY"]["count"]
    assert proof_of(document).violations


def test_a_zone_that_may_be_private_is_not_judged() -> None:
    document = pair(*BALANCERS)
    zone = document["resource"]["aws_route53_zone"]["zone"]
    zone["dynamic"] = {"vpc": {"for_each": "${var.networks}", "content": {"vpc_id": "vpc-1"}}}
    stacks = ResourceSet([read_configuration("dns", document)])
    assert not proofs(stacks)
    assert unjudged_names(stacks) == (f"failover records of a private zone: {NAME}",)


def test_private_addresses_serve_devices_of_their_network_alone() -> None:
    def addresses(first: str) -> Document:
        document = pair(*BALANCERS)
        for side, address in (("PRIMARY", first), ("SECONDARY", "192.0.2.20")):
            record = document["resource"][RECORD][side]
            del record["alias"]
            record |= {"ttl": 60, "records": [address]}
            document["resource"].setdefault(CHECK, {})[side] = {
                "type": "TCP",
                "port": 443,
                "ip_address": "192.0.2.10" if side == "PRIMARY" else address,
            }
            record["health_check_id"] = f"${{{CHECK}.{side}.id}}"
        return document

    private = proof_of(addresses("10.0.0.10"))
    assert not private.is_proved
    assert private.unknown == (
        "whether devices are in the network of the private address 10.0.0.10",
    )
    assert proof_of(addresses("192.0.2.10")).is_proved
