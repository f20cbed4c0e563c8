"""The stacks of an environment that adopts a platform with one region."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import roles_of, with_arns
from tests.support.existing import CERTIFICATE_ARN, ZONE, existing
from tests.support.iam import Call, Role
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

HERE, THERE = REGIONS[:2]
POLICY = {"name": "FleetPolicy", "document": "environments/fleet.json"}
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": f"arn:aws:iot:{HERE}:111111111111:client/${{iot:ClientId}}%{{x}}",
        },
    }
)
DEVICE_RECORDS = {"failover_1_primary", "failover_1_secondary"}


def adopted(regions: int = 2, **changes: object) -> Settings:
    return settings(zone=ZONE, existing=existing(**changes), regions=list(REGIONS[:regions]))


def imports(stack: Template) -> list[dict[str, Any]]:
    return stack.document.get("import", [])


def test_only_the_region_with_the_platform_imports_its_domain_configuration(
    synthesis: Synthesis,
) -> None:
    stacks = synthesis(adopted())
    own = {"to": "aws_iot_domain_configuration.device_name", "id": "fleet"}
    assert imports(stacks[f"iot-dev-iot-{HERE}"]) == [{**own, "provider": "aws.eu_west_1"}]
    assert [name for name, stack in stacks.items() if imports(stack)] == [f"iot-dev-iot-{HERE}"]


def test_the_device_name_keeps_its_configuration_and_certificate(synthesis: Synthesis) -> None:
    stacks = synthesis(adopted())
    domains = [
        stacks[f"iot-dev-iot-{region}"].resources("aws_iot_domain_configuration")
        for region in (HERE, THERE)
    ]
    here, there = (domain["device_name"] for domain in domains)
    assert here["server_certificate_arns"] == [CERTIFICATE_ARN]
    assert here["name"] == there["name"] == "fleet"
    assert here["domain_name"] == there["domain_name"] == "mqtt.example.com"
    own = ["${aws_acm_certificate_validation.certificate.certificate_arn}"]
    assert there["server_certificate_arns"] == own
    assert here["lifecycle"] == {"prevent_destroy": True}
    assert "lifecycle" not in there
    # What AWS IoT has is kept, and the new region has the defaults.
    for domain in (here, there):
        assert not domain.keys() & {"application_protocol", "authentication_type"}
    for domain in domains:
        assert domain["regional_name"]["name"] == "example-dev-regional-name"
        assert CERTIFICATE_ARN not in domain["regional_name"]["server_certificate_arns"]


def test_each_region_has_an_alarm_of_the_device_name_s_certificate(synthesis: Synthesis) -> None:
    stacks = synthesis(adopted())
    for region in (HERE, THERE):
        stack = stacks[f"iot-dev-iot-{region}"]
        alarms = stack.resources("aws_cloudwatch_metric_alarm")
        device_name = stack.resources("aws_iot_domain_configuration")["device_name"]
        dimensions = alarms["device_name_certificate_expiry"]["dimensions"]
        assert [dimensions["CertificateArn"]] == device_name["server_certificate_arns"]
        assert alarms["certificate_expiry"]["dimensions"]["CertificateArn"] != CERTIFICATE_ARN


def test_the_fleet_s_policy_is_imported_in_one_region_and_created_in_the_others(
    synthesis: Synthesis, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / POLICY["document"]).write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)
    stacks = synthesis(adopted(device_policy=POLICY))
    to = "aws_iot_policy.device"
    for region in (HERE, THERE):
        stack = stacks[f"iot-dev-iot-{region}"]
        policy = stack.resources("aws_iot_policy")["device"]
        assert policy["name"] == "FleetPolicy"
        statement = json.loads(policy["policy"])["Statement"]
        assert statement["Resource"] == (
            f"arn:aws:iot:{region}:111111111111:client/$${{iot:ClientId}}%%{{x}}"
        )
        expected = [{"to": to, "id": "FleetPolicy", "provider": "aws.eu_west_1"}]
        is_here = region == HERE
        assert [each for each in imports(stack) if each["to"] == to] == expected * is_here
        assert policy.get("lifecycle") == ({"prevent_destroy": True} if is_here else None)


def test_a_record_that_validates_the_certificates_stays_with_its_owner(
    synthesis: Synthesis,
) -> None:
    zone = "iot-dev-hosted-zone"
    record = "certificate_validation"
    own = synthesis(adopted())[zone]
    assert record in own.resources("aws_route53_record")
    theirs = synthesis(adopted(validation_record=True))[zone]
    assert not theirs.resources("aws_route53_record")
    validation = theirs.resources("aws_acm_certificate_validation")["certificate"]
    assert "validation_record_fqdns" not in validation


def records(stack: Template) -> set[str]:
    return set(stack.resources("aws_route53_record"))


@pytest.mark.parametrize("regions", [2, 3])
def test_until_the_cut_over_the_device_name_s_records_are_handed_over(
    regions: int, synthesis: Synthesis
) -> None:
    before, after = (
        synthesis(adopted(regions, cut_over=cut_over))["iot-dev-entry-point"]
        for cut_over in (False, True)
    )
    assert records(after) - records(before) == DEVICE_RECORDS
    handed_over = before.outputs["device_name_records"]
    assert handed_over.startswith("${jsonencode([")
    assert "device_name_records" not in after.outputs
    for logical_id in DEVICE_RECORDS:
        record = after.resources("aws_route53_record")[logical_id]
        assert f'"SetIdentifier" = "{record["set_identifier"]}"' in handed_over
        if check := record.get("health_check_id"):
            assert check.removeprefix("${").removesuffix("}") in handed_over
    checks = [each.resources("aws_route53_health_check") for each in (before, after)]
    assert checks[0] == checks[1]
    assert before.outputs["device_name"] == "mqtt.example.com"


def test_with_three_regions_the_secondary_is_handed_over_as_an_alias(synthesis: Synthesis) -> None:
    stack = synthesis(adopted(3))["iot-dev-entry-point"]
    handed_over = stack.outputs["device_name_records"]
    assert '"AliasTarget" = {' in handed_over
    assert '"DNSName" = "mqtt-standby-1.example.com"' in handed_over
    assert records(stack) == {
        *("failover_2_primary", "failover_2_secondary"),
        *("failover_3_primary", "failover_3_secondary"),
    }


def test_a_cut_over_that_is_taken_back_in_the_settings_destroys_no_record(
    synthesis: Synthesis,
) -> None:
    before, after = (
        synthesis(adopted(cut_over=cut_over))["iot-dev-entry-point"] for cut_over in (False, True)
    )
    assert {each["from"] for each in before.document["removed"]} == {
        f"aws_route53_record.{each}" for each in DEVICE_RECORDS
    }
    assert [each["lifecycle"] for each in before.document["removed"]] == [{"destroy": False}] * 2
    assert "removed" not in after.document


def test_after_the_cut_over_its_records_are_imported(synthesis: Synthesis) -> None:
    stack = synthesis(adopted(cut_over=True))["iot-dev-entry-point"]
    assert {each["to"]: each["id"] for each in imports(stack)} == {
        "aws_route53_record.failover_1_primary": "Z0EXAMPLE_mqtt.example.com_CNAME_primary",
        "aws_route53_record.failover_1_secondary": "Z0EXAMPLE_mqtt.example.com_CNAME_secondary",
    }
    assert {each["provider"] for each in imports(stack)} == {"aws.us_east_1"}


def test_in_a_subdomain_certificates_and_records_have_its_names_and_the_zone_s_id(
    synthesis: Synthesis,
) -> None:
    zone = {**ZONE, "subdomain": "iot.example.com"}
    stacks = synthesis(settings(zone=zone, existing=existing(cut_over=True)))
    for stack in stacks.values():
        for certificate in stack.resources("aws_acm_certificate").values():
            assert certificate["domain_name"] == "*.iot.example.com"
    entry = stacks["iot-dev-entry-point"]
    assert {each["id"] for each in imports(entry)} == {
        "Z0EXAMPLE_mqtt.iot.example.com_CNAME_primary",
        "Z0EXAMPLE_mqtt.iot.example.com_CNAME_secondary",
    }
    names = {each["name"] for each in entry.resources("aws_route53_record").values()}
    assert names == {"mqtt.iot.example.com"}
    there = stacks[f"iot-dev-iot-{THERE}"]
    regional = there.resources("aws_route53_record")["regional_name"]
    assert regional["name"] == f"mqtt-{THERE}.iot.example.com"
    assert stacks["iot-dev-hosted-zone"].outputs["zone_name"] == "example.com"


def test_the_watcher_comes_with_the_cut_over(synthesis: Synthesis) -> None:
    before, after = (
        synthesis(adopted(cut_over=cut_over))["iot-dev-entry-point"] for cut_over in (False, True)
    )
    assert after.resources("aws_lambda_function").keys() - before.resources(
        "aws_lambda_function"
    ).keys() == {"watcher_eu_central_1"}
    assert not [block for block in before.blocks() if "watcher" in block.logical_id]


def test_no_other_environment_imports_or_forgets_anything(synthesis: Synthesis) -> None:
    for stack in synthesis(settings()).values():
        assert not stack.document.keys() & {"import", "removed"}


DOMAIN = f"arn:aws:iot:{HERE}:{ACCOUNT}:domainconfiguration/fleet/0a1b2"


@pytest.mark.parametrize(
    ("names", "may"),
    [
        (("mqtt.example.com",), True),
        (("mqtt-eu-west-1.example.com", "mqtt-standby-1.example.com"), True),
        (("_0a1b.example.com",), True),
        (("example.com",), False),
        (("www.example.com",), False),
        (("mqtt.example.com", "www.example.com"), False),
    ],
)
def test_a_pipeline_changes_the_platform_s_names_alone_in_a_zone_of_others(
    names: tuple[str, ...], may: bool, synthesis: Synthesis
) -> None:
    assert may_change(names, pipeline_roles(synthesis)) == may


@pytest.mark.exhaustive
def test_a_pipeline_changes_the_names_in_the_subdomain_alone(synthesis: Synthesis) -> None:
    roles = pipeline_roles(synthesis, subdomain="iot.example.com")
    for name in ("mqtt.iot.example.com", "mqtt-eu-west-1.iot.example.com", "_0a.iot.example.com"):
        assert may_change((name,), roles)
    for name in ("mqtt.example.com", "iot.example.com", "_0a.example.com"):
        assert not may_change((name,), roles)


def may_change(names: tuple[str, ...], roles: Mapping[str, Role]) -> bool:
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    context = {"aws:RequestedRegion": "us-east-1", key: names}
    call = Call(
        "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0EXAMPLE", context
    )
    boundary = roles["apply-pipeline"].boundary
    assert boundary
    return Role(boundary).may(call)


def test_the_region_s_role_may_update_what_it_imports(synthesis: Synthesis) -> None:
    roles = pipeline_roles(synthesis)
    for action in ("DescribeDomainConfiguration", "UpdateDomainConfiguration"):
        call = Call(f"iot:{action}", DOMAIN, {"aws:RequestedRegion": HERE})
        assert roles[f"apply-{HERE}"].may(call)
        assert not roles[f"apply-{THERE}"].may(call)


def pipeline_roles(synthesis: Synthesis, **zone: str) -> dict[str, Role]:
    chosen = settings(zone={**ZONE, **zone}, existing=existing(), pipeline=PIPELINE)
    return roles_of(with_arns(synthesis(chosen)[f"iot-dev-pipeline-{HERE}"], HERE))
