"""The owner of the validation record, when the settings name its region."""

from typing import Any

import pytest

from iot_dr.generate.gate import judgement
from tests.stacks.test_change import changed
from tests.support.settings import REGIONS, UNKNOWN_DEVICES, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

WEST, CENTRAL, NORTH = THREE = list(REGIONS[:3])
BEFORE = settings(regions=THREE)
AFTER = settings(regions=THREE, certificate_region=CENTRAL)
ZONE, RECORD = "iot-dev-hosted-zone", "aws_route53_record.certificate_validation"
CERTIFICATES = ("aws_acm_certificate.certificate", "aws_acm_certificate_validation.certificate")


def iot(region: str) -> str:
    return f"iot-dev-iot-{region}"


def addresses(stack: Template) -> set[str]:
    return {f"{block.type}.{block.logical_id}" for block in stack.blocks()}


def forgotten(stack: Template) -> set[str]:
    blocks: list[dict[str, Any]] = stack.document.get("removed", [])
    assert all(block["lifecycle"] == {"destroy": False} for block in blocks)
    return {block["from"] for block in blocks}


@pytest.fixture
def after(synthesis: Synthesis) -> dict[str, Template]:
    return synthesis(AFTER)


def test_each_region_has_its_own_certificate_and_one_has_the_record(
    after: dict[str, Template],
) -> None:
    for region in THREE:
        assert {*CERTIFICATES} <= addresses(after[iot(region)])
        assert (RECORD in addresses(after[iot(region)])) == (region == CENTRAL)
        assert forgotten(after[iot(region)]) == (set() if region == CENTRAL else {RECORD})
    assert not {*CERTIFICATES, RECORD} & addresses(after[ZONE])
    assert forgotten(after[ZONE]) == {*CERTIFICATES, RECORD}
    assert "certificate_arn" not in after[ZONE].outputs


def test_a_region_that_had_its_own_certificate_keeps_it(
    after: dict[str, Template], synthesis: Synthesis
) -> None:
    before = synthesis(BEFORE)
    assert changed(before, after) == {ZONE, *map(iot, THREE)}
    for region in (CENTRAL, NORTH):
        former, now = before[iot(region)].document["resource"], after[iot(region)].document
        kept = {type_: {**by_id} for type_, by_id in now["resource"].items()}
        kept["aws_route53_record"].pop("certificate_validation", None)
        kept["aws_acm_certificate_validation"]["certificate"].pop("depends_on", None)
        for certificate in (kept, former):
            certificate["aws_acm_certificate_validation"]["certificate"].pop("//")
        assert kept == former


def test_the_record_that_exists_is_taken_over_and_never_replaced(
    after: dict[str, Template],
) -> None:
    record = after[iot(CENTRAL)].resources("aws_route53_record")["certificate_validation"]
    assert record["allow_overwrite"] is True
    assert record["lifecycle"] == {"ignore_changes": ["name", "type", "records"]}
    validation = after[iot(CENTRAL)].resources("aws_acm_certificate_validation")["certificate"]
    # A change of these names would replace it.
    assert "validation_record_fqdns" not in validation
    assert validation["depends_on"] == [RECORD]


def test_a_leaving_region_leaves_the_record_behind(synthesis: Synthesis) -> None:
    chosen = settings(regions=THREE[:2], leaving_regions=[NORTH], certificate_region=CENTRAL)
    assert forgotten(synthesis(chosen)[iot(NORTH)]) == {RECORD}


@pytest.mark.parametrize("primary", THREE)
def test_no_rule_objects(synthesis: Synthesis, primary: str) -> None:
    chosen = settings(
        regions=THREE,
        certificate_region=CENTRAL,
        primary_region=primary,
        suppressions=[UNKNOWN_DEVICES],
    )
    documents = {name: stack.document for name, stack in synthesis(chosen).items()}
    assert judgement(chosen, documents).findings == ()
