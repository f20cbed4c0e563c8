"""An environment whose zone and certificates are looked up by name."""

import pytest

from environments.settings import Settings
from stacks.platform_graph import platform_graph
from stacks.state_location import copied_stacks
from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import HERE, OTHER, roles_of, with_arns
from tests.support.iam import Call, Role
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

THREE = list(REGIONS[:3])
LOOKUP = settings(regions=THREE, zone={"lookup": True})
ZONE_ID = "${data.aws_route53_zone.zone.zone_id}"


def test_each_region_looks_up_the_zone_and_its_own_issued_certificate(
    synthesis: Synthesis,
) -> None:
    stacks = synthesis(LOOKUP)
    for region in THREE:
        stack, provider = stacks[f"iot-dev-iot-{region}"], f"aws.{region.replace('-', '_')}"
        zone, certificate = (
            stack.data("aws_route53_zone")["zone"],
            stack.data("aws_acm_certificate")["certificate"],
        )
        assert (zone["name"], zone["private_zone"]) == ("iot-dev.example.com", False)
        assert "zone_id" not in zone
        assert certificate["domain"] == "*.iot-dev.example.com"
        assert (certificate["statuses"], certificate["most_recent"]) == (["ISSUED"], True)
        assert zone["provider"] == certificate["provider"] == provider
        assert list(stack.providers) == [region.replace("-", "_")]
        for domain in stack.resources("aws_iot_domain_configuration").values():
            arns = domain["server_certificate_arns"]
            assert arns == ["${data.aws_acm_certificate.certificate.arn}"]


def test_records_of_all_stacks_are_in_the_zone_that_was_found(synthesis: Synthesis) -> None:
    stacks = synthesis(LOOKUP)
    records = [
        record
        for stack in stacks.values()
        for record in stack.resources("aws_route53_record").values()
    ]
    assert len(records) == len(THREE) + 6
    assert {record["zone_id"] for record in records} == {ZONE_ID}
    entry_zone = stacks["iot-dev-entry-point"].data("aws_route53_zone")["zone"]
    assert (entry_zone["name"], entry_zone["provider"]) == ("iot-dev.example.com", "aws.us_east_1")
    assert not stacks["iot-dev-entry-point"].data("aws_acm_certificate")


def test_no_stack_creates_or_reads_the_state_of_a_zone_or_a_certificate(
    synthesis: Synthesis,
) -> None:
    for stack in synthesis(LOOKUP).values():
        for type_ in ("aws_route53_zone", "aws_acm_certificate", "aws_acm_certificate_validation"):
            assert not stack.resources(type_)
        assert not [
            name for name in stack.data("terraform_remote_state") if name.endswith("hosted_zone")
        ]
    assert [node.what for node in copied_stacks(LOOKUP)] == ["state", "entry-point"]


def test_the_rest_is_as_with_a_zone_of_its_own(synthesis: Synthesis) -> None:
    lookup, own = synthesis(LOOKUP), synthesis(settings(regions=THREE))
    assert own.keys() - lookup.keys() == {"iot-dev-hosted-zone"}
    certificates = {"aws_acm_certificate", "aws_acm_certificate_validation"}
    for name in lookup.keys() - {"iot-dev-state"}:
        resources = own[name].document["resource"]
        types = {type_: set(blocks) for type_, blocks in resources.items()}
        expected = {type_: names for type_, names in types.items() if type_ not in certificates}
        blocks_by_type = lookup[name].document["resource"]
        assert {type_: set(blocks) for type_, blocks in blocks_by_type.items()} == expected


def test_regions_follow_the_state_buckets_one_after_another() -> None:
    assert [[node.name for node in wave] for wave in platform_graph(LOOKUP).waves] == [
        ["iot-dev-state"],
        *([f"iot-dev-iot-{region}"] for region in reversed(LOOKUP.failover_order)),
        ["iot-dev-entry-point"],
    ]


def test_with_a_handover_region_no_regional_stack_depends_on_the_home_region() -> None:
    handover = settings(regions=THREE, zone={"lookup": True}, handover_region=OTHER)
    assert not any(node.depends_on for node in platform_graph(handover).nodes if node.is_regional)


def roles(synthesis: Synthesis, chosen: Settings) -> dict[str, Role]:
    return roles_of(with_arns(synthesis(chosen)[f"iot-dev-pipeline-{HERE}"], HERE))


CERTIFICATE = f"arn:aws:acm:{OTHER}:{ACCOUNT}:certificate/x"
ZONE = "arn:aws:route53:::hostedzone/Z1"
GLOBAL = {"aws:RequestedRegion": "us-east-1"}
REGIONAL = {"aws:RequestedRegion": OTHER}
# hashicorp/terraform-provider-aws: service/route53/zone_data_source.go and
# service/acm/certificate_data_source.go
READS = [
    Call("route53:ListHostedZones", "*", GLOBAL),
    Call("route53:GetHostedZone", ZONE, GLOBAL),
    Call("route53:ListTagsForResource", ZONE, GLOBAL),
    Call("acm:ListCertificates", "*", REGIONAL),
    Call("acm:DescribeCertificate", CERTIFICATE, REGIONAL),
    Call("acm:GetCertificate", CERTIFICATE, REGIONAL),
    Call("acm:ListTagsForCertificate", CERTIFICATE, REGIONAL),
]


@pytest.mark.parametrize("call", READS, ids=lambda call: call.action)
def test_plans_and_a_region_s_role_may_search_for_the_zone_and_the_certificate(
    call: Call, synthesis: Synthesis
) -> None:
    allowed = roles(synthesis, settings(pipeline=PIPELINE, zone={"lookup": True}))
    for role in ("plan", f"apply-{OTHER}"):
        assert allowed[role].may(call)
    assert allowed["apply-global"].may(call) == call.action.startswith("route53:")


@pytest.mark.parametrize("zone", [{"create": True}, {"id": "Z1"}], ids=["created", "by id"])
def test_roles_that_need_no_search_may_not_search(
    zone: dict[str, object], synthesis: Synthesis
) -> None:
    for role in roles(synthesis, settings(pipeline=PIPELINE, zone=zone)).values():
        assert not role.may(READS[0])
        assert not role.may(READS[3])


def test_no_role_changes_a_certificate_or_reads_a_zone_s_state(synthesis: Synthesis) -> None:
    allowed = roles(synthesis, settings(pipeline=PIPELINE, zone={"lookup": True}))
    tags = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "dev"}
    delete = Call("acm:DeleteCertificate", CERTIFICATE, {**REGIONAL, **tags})
    state = Call(
        "s3:GetObject",
        f"arn:aws:s3:::example-iot-dev-{HERE}/dev/iot-dev-hosted-zone.tfstate",
        {"aws:ResourceAccount": ACCOUNT},
    )
    assert not [name for name, role in allowed.items() if role.may(delete)]
    assert not allowed[f"apply-{OTHER}"].may(state)
