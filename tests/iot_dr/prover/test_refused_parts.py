"""Records and signing keys that AWS refuses, or that resolvers never see."""

from typing import Any

import pytest

from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_hand_written import NAME, design, proof_of
from tests.iot_dr.rules.designs import Documents, our_settings, ours, with_names_in_parent_zone

RECORD = "aws_route53_record"
ZONE_ID = "${aws_route53_zone.zone.zone_id}"
KEY = {"customer_master_key_spec": "ECC_NIST_P256", "key_usage": "SIGN_VERIFY"}


def signed(key: dict[str, Any], zone: str = ZONE_ID) -> Proof:
    """Return the proof of a design in a zone that a key of AWS KMS signs."""
    document = design()
    document["provider"]["aws"].append({"alias": "virginia", "region": "us-east-1"})
    document["resource"] |= {
        "aws_kms_key": {"key": key},
        "aws_route53_key_signing_key": {
            "signing": {"hosted_zone_id": zone, "name": "k", "provider": "aws.west"}
            | {"key_management_service_arn": "${aws_kms_key.key.arn}"}
        },
    }
    return proof_of(document)


def test_a_zone_is_signed_with_a_key_in_us_east_1() -> None:
    assert signed({**KEY, "provider": "aws.virginia"}).is_proved
    (violation,) = signed({**KEY, "provider": "aws.west"}).violations
    assert "aws_route53_key_signing_key.signing: its key is in eu-west-1" in str(violation)
    (violation,) = signed({"key_usage": "SIGN_VERIFY", "provider": "aws.virginia"}).violations
    assert "Route 53 accepts ECC_NIST_P256 alone" in str(violation)


def test_the_key_of_another_zone_does_not_concern_a_name() -> None:
    assert signed({**KEY, "provider": "aws.west"}, zone="Z1").is_proved


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"name": NAME}, "has a simple CNAME record"),
        ({"name": NAME, "type": "TXT"}, "refuses any other record next to a CNAME"),
        ({"name": "west.iot.example.com", "type": "TXT"}, "next to a CNAME of its name"),
    ],
)
def test_a_record_that_route_53_refuses_next_to_others_is_disproved(
    record: dict[str, Any], expected: str
) -> None:
    document = design()
    records = document["resource"][RECORD]
    records["more"] = {**records["regional_west"], "records": ["x.example.net"], **record}
    assert expected in "\n".join(map(str, proof_of(document).violations))
    records["more"]["name"] = "other.iot.example.com"
    assert proof_of(document).is_proved


def below(zone: str) -> Proof:
    """Return the proof of a design in a zone with another zone next to it."""
    document = design()
    resource = document["resource"]
    resource["aws_route53_zone"]["other"] = {"name": zone, "provider": "aws.west"}
    (proof,) = proofs(ResourceSet([read_configuration("dns", document)]))
    return proof


def test_whether_a_zone_below_is_delegated_is_not_known() -> None:
    proof = below("central.iot.example.com")
    assert not proof.violations
    assert not proof.is_proved
    (sentence,) = proof.unknown
    assert "central.iot.example.com is in the zone iot.example.com" in sentence
    assert below("cars.iot.example.com").is_proved
    # Of both records of the name, once.
    assert len(below(NAME).unknown) == 1


def test_regional_names_in_the_parent_of_an_environments_zone_are_disproved() -> None:
    def proved(documents: Documents) -> Proof:
        stacks = [read_configuration(*each) for each in documents.items()]
        (proof,) = proofs(ResourceSet(stacks), design_expectation(our_settings()))
        return proof

    assert proved(ours()).is_proved
    (violation,) = proved(with_names_in_parent_zone(ours())).violations
    assert "mqtt-eu-west-1.iot-dev.example.com is in the zone example.com" in str(violation)
