"""What each setting does to the stacks."""

from tests.support.settings import settings
from tests.support.synthesis import Synthesis

PARENT = "Z0PARENTZONE"
ROLE = "arn:aws:iam::111111111111:role/deploy"
VALIDATION = "aws_acm_certificate_validation"


def test_the_parents_zone_id_makes_the_delegation_record(synthesis: Synthesis) -> None:
    platform = settings(zone={"create": True, "delegation": PARENT})
    records = synthesis(platform)["iot-dev-hosted-zone"].resources("aws_route53_record")
    assert records["delegation"]["zone_id"] == PARENT
    assert records["delegation"]["name"] == "iot-dev.example.com"
    assert records["delegation"]["type"] == "NS"
    assert records["delegation"]["records"] == "${aws_route53_zone.zone.name_servers}"


def test_manual_delegation_makes_no_record_outside_the_zone(synthesis: Synthesis) -> None:
    records = synthesis(settings())["iot-dev-hosted-zone"].resources("aws_route53_record")
    for record in records.values():
        assert record["zone_id"] == "${aws_route53_zone.zone.zone_id}"


def test_a_zone_that_exists_is_read_and_its_name_is_checked(synthesis: Synthesis) -> None:
    stack = synthesis(settings(zone={"id": "Z0EXISTING"}))["iot-dev-hosted-zone"]
    assert stack.resources("aws_route53_zone") == {}
    (zone,) = stack.data("aws_route53_zone").values()
    assert zone["zone_id"] == "Z0EXISTING"
    (check,) = zone["lifecycle"]["postcondition"]
    assert check["condition"] == (
        '${trimsuffix(self.name, ".") == "iot-dev.example.com" && self.private_zone != true}'
    )
    assert stack.outputs["zone_id"] == "${data.aws_route53_zone.zone.zone_id}"
    assert stack.outputs["name_servers"] == "${data.aws_route53_zone.zone.name_servers}"


def test_the_deploy_role_is_assumed_by_providers_backends_and_reads_of_state(
    synthesis: Synthesis,
) -> None:
    for stack in synthesis(settings(deploy_role_arn=ROLE)).values():
        assert stack.backend["assume_role"] == {"role_arn": ROLE}
        for provider in stack.providers.values():
            assert provider["assume_role"] == [{"role_arn": ROLE}]
        for state in stack.data("terraform_remote_state").values():
            assert state["config"]["assume_role"] == {"role_arn": ROLE}


def test_tags_of_the_settings_are_added_and_cannot_hide_the_projects_own(
    synthesis: Synthesis,
) -> None:
    platform = settings(tags={"Team": "iot", "Environment": "lies"})
    for stack in synthesis(platform).values():
        for provider in stack.providers.values():
            (tags,) = provider["default_tags"]
            assert tags["tags"]["Team"] == "iot"
            assert tags["tags"]["Environment"] == "dev"


def test_interval_threshold_ttl_and_tls_policy_reach_the_region(synthesis: Synthesis) -> None:
    policy = "IoTSecurityPolicy_TLS12_1_2_2022_10"
    platform = settings(
        health={"mode": "shallow", "interval": 10, "threshold": 2},
        endpoint={"ttl": 20, "tls_policy": policy},
    )
    stacks = synthesis(platform)
    checks = stacks["iot-dev-entry-point"].resources("aws_route53_health_check")
    for check in (checks["tcp_eu_west_1"], checks["tcp_eu_central_1"]):
        assert (check["request_interval"], check["failure_threshold"]) == (10, 2)
    stack = stacks["iot-dev-iot-eu-west-1"]
    assert stack.resources("aws_route53_record")["regional_name"]["ttl"] == 20
    for configuration in stack.resources("aws_iot_domain_configuration").values():
        assert configuration["tls_config"] == {"security_policy": policy}


def test_the_time_limit_of_a_certificate_reaches_every_certificate(synthesis: Synthesis) -> None:
    stacks = synthesis(settings(endpoint={"certificate_minutes": 30})).values()
    waits = [each for stack in stacks for each in stack.resources(VALIDATION).values()]
    assert len(waits) == 2
    assert {each["timeouts"]["create"] for each in waits} == {"30m"}


def test_home_may_be_another_region_than_the_primary(synthesis: Synthesis) -> None:
    stacks = synthesis(settings(home_region="eu-central-1"))
    assert list(stacks["iot-dev-hosted-zone"].providers) == ["eu_central_1"]
    assert stacks["iot-dev-hosted-zone"].backend["region"] == "eu-central-1"
    assert stacks["iot-dev-iot-eu-central-1"].resources("aws_acm_certificate") == {}
    assert len(stacks["iot-dev-iot-eu-west-1"].resources("aws_acm_certificate")) == 1
