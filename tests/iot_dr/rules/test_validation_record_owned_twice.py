from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.validation_record_owned_twice import RULE
from tests.iot_dr.rules.designs import FRANKFURT, ZONE, judged, ours, resources

RECORD, CERTIFICATE = "aws_route53_record", "aws_acm_certificate"
OWNER = "certificate_validation"


def twice(**changes: Any) -> dict[str, Any]:
    """Return our design, with a second validation record in Frankfurt's stack."""
    documents = ours()
    record = {**resources(documents, ZONE, RECORD)[OWNER], "provider": "aws.eu_central_1"}
    resources(documents, FRANKFURT, RECORD)["validation"] = {**record, **changes}
    return documents


def test_one_owner_passes() -> None:
    assert judged(RULE, ours(5)) == []


def test_an_owner_in_each_region_is_refused() -> None:
    findings = judged(RULE, twice())
    assert {each.rule for each in findings} == {RULE.id}
    assert len(findings) == 1
    assert (
        "for one name and account ACM requires the same record in every region"
        in findings[0].message
    )


@pytest.mark.parametrize("domain", ["iot-dev.example.com", "IOT-DEV.example.com."])
def test_the_record_of_the_apex_is_the_record_of_the_wildcard(domain: str) -> None:
    documents = twice()
    resources(documents, FRANKFURT, CERTIFICATE)["certificate"]["domain_name"] = domain
    assert len(judged(RULE, documents)) == 1


def test_the_record_of_another_name_has_another_owner() -> None:
    documents = twice()
    resources(documents, FRANKFURT, CERTIFICATE)["certificate"]["domain_name"] = "*.example.net"
    assert judged(RULE, documents) == []


def test_overwriting_with_one_owner_is_warned_of() -> None:
    documents = ours()
    resources(documents, ZONE, RECORD)[OWNER]["allow_overwrite"] = True
    (finding,) = judged(RULE, documents)
    assert (finding.verdict, finding.stack) == (Verdict.WARN, ZONE)
    assert "`allow_overwrite`" in finding.message
    assert "if a stack that was not passed has one" in finding.message


@pytest.mark.parametrize("owners", [(OWNER,), ("validation",), (OWNER, "validation")])
def test_overwriting_with_another_owner_is_refused_once(owners: tuple[str, ...]) -> None:
    documents = twice()
    for stack, id_ in ((ZONE, OWNER), (FRANKFURT, "validation")):
        resources(documents, stack, RECORD)[id_]["allow_overwrite"] = id_ in owners
    (finding,) = judged(RULE, documents)
    assert finding.verdict is Verdict.BLOCK
    assert "`allow_overwrite` hides it until one of the two is destroyed" in finding.message


def test_overwriting_another_record_does_not_concern_this_rule() -> None:
    documents = ours()
    resources(documents, FRANKFURT, RECORD)["regional_name"]["allow_overwrite"] = True
    assert judged(RULE, documents) == []


def test_records_that_are_written_out_are_known_by_their_target() -> None:
    written = {
        "name": "_0123456789abcdef.iot-dev.example.com",
        "records": ["_fedcba9876543210.abcdefghij.acm-validations.aws."],
        "type": "CNAME",
    }
    documents = twice(**written)
    assert judged(RULE, documents) == []
    resources(documents, ZONE, RECORD)[OWNER] |= written
    assert len(judged(RULE, documents)) == 1


def test_two_records_of_two_names_of_one_certificate_pass() -> None:
    documents = ours()
    certificate = resources(documents, ZONE, CERTIFICATE)["certificate"]
    certificate["subject_alternative_names"] = ["other.example.com"]
    records = resources(documents, ZONE, RECORD)
    option = "aws_acm_certificate.certificate.domain_validation_options).1"
    records["other"] = {
        **records[OWNER],
        "name": f"${{tolist({option}.resource_record_name}}",
        "records": [f"${{tolist({option}.resource_record_value}}"],
    }
    assert judged(RULE, documents) == []
    records["other"] = records[OWNER]
    assert len(judged(RULE, documents)) == 1
