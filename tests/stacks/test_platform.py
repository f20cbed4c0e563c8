"""What holds in every environment of two to five regions, whichever region is primary."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from environments.settings import Settings
from iot_dr.generate.app import build
from stacks.platform_graph import platform_graph, regional_stacks
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

KEPT = {(2, REGIONS[0]), (5, REGIONS[4])}
PLATFORMS = [
    pytest.param(
        settings(regions=list(REGIONS[:count]), primary_region=primary, data={}),
        id=f"{count}-{primary}",
        marks=() if (count, primary) in KEPT else pytest.mark.exhaustive,
    )
    for count in range(2, 6)
    for primary in (REGIONS[0], REGIONS[count - 1])
]


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Settings:
    return request.param


@pytest.fixture
def stacks(platform: Settings, synthesis: Synthesis) -> dict[str, Template]:
    return synthesis(platform)


def test_every_stack_keeps_its_state_in_s3_encrypted_and_locked_by_a_lock_file(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    buckets = {platform.state_bucket(region): region for region in platform.regions}
    for stack in stacks.values():
        backend = stack.backend
        assert backend["use_lockfile"] is True
        assert backend["encrypt"] is True
        assert "dynamodb_table" not in backend
        assert backend["key"] == f"dev/{stack.name}.tfstate"
        assert buckets[backend["bucket"]] == backend["region"]


def test_a_regional_stack_keeps_its_state_in_its_own_region(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    for region in platform.regions:
        for name in regional_stacks(platform, region):
            assert stacks[name].backend["region"] == region


def test_every_provider_has_an_alias_and_refuses_other_accounts(
    stacks: dict[str, Template],
) -> None:
    for stack in stacks.values():
        for alias, provider in stack.providers.items():
            assert alias == provider["region"].replace("-", "_")
            assert provider["allowed_account_ids"] == ["111111111111"]
            assert provider["default_tags"][0]["tags"]["Environment"] == "dev"


def test_every_resource_and_data_source_names_a_provider_of_its_stack(
    stacks: dict[str, Template],
) -> None:
    for stack in stacks.values():
        named = {f"aws.{alias}" for alias in stack.providers}
        for block in chain(stack.blocks("resource"), stack.blocks("data")):
            if block.type not in {"terraform_remote_state", "terraform_data"}:
                assert block.body["provider"] in named, f"{stack.name} {block.type}"


def test_a_regional_stack_has_a_provider_for_its_own_region_only(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    for region in platform.regions:
        for name in regional_stacks(platform, region):
            assert list(stacks[name].providers) == [region.replace("-", "_")]


def test_only_the_entry_point_has_a_provider_in_us_east_1(stacks: dict[str, Template]) -> None:
    with_it = [name for name, stack in stacks.items() if "us_east_1" in stack.providers]
    assert with_it == ["iot-dev-entry-point"]


def test_each_stack_waits_for_others_by_the_names_that_cdktf_deploy_looks_for(
    platform: Settings, tmp_path: Path
) -> None:
    build([platform], tmp_path / "out").synth()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    waits = {name: set(stack["dependencies"]) for name, stack in manifest["stacks"].items()}
    graph = platform_graph(platform)
    assert waits == {node.name: set(node.earlier) for node in graph.nodes}


def test_an_environment_has_exactly_one_zone_which_cannot_be_destroyed(
    stacks: dict[str, Template],
) -> None:
    zones = {
        name: zone
        for name, stack in stacks.items()
        if (zone := stack.resources("aws_route53_zone"))
    }
    assert list(zones) == ["iot-dev-hosted-zone"]
    (zone,) = zones["iot-dev-hosted-zone"].values()
    assert zone["name"] == "iot-dev.example.com"
    assert zone["lifecycle"]["prevent_destroy"] is True


def test_every_regional_stack_takes_the_zone_id_from_the_zone_stacks_state(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    zone = stacks["iot-dev-hosted-zone"]
    for region in platform.regions:
        stack = stacks[f"iot-dev-iot-{region}"]
        config = stack.data("terraform_remote_state")["iot_dev_hosted_zone"]["config"]
        assert config == {key: zone.backend[key] for key in ("bucket", "key", "region")}
        for record in stack.resources("aws_route53_record").values():
            assert (
                record["zone_id"]
                == "${data.terraform_remote_state.iot_dev_hosted_zone.outputs.zone_id}"
            )


def test_what_a_stack_reads_from_another_is_what_that_one_hands_over(
    stacks: dict[str, Template],
) -> None:
    by_key = {stack.backend["key"]: stack for stack in stacks.values()}
    for stack in stacks.values():
        text = str(stack.document)
        for alias, state in stack.data("terraform_remote_state").items():
            upstream = by_key[state["config"]["key"]]
            read = set(re.findall(rf"data\.terraform_remote_state\.{alias}\.outputs\.(\w+)", text))
            assert read
            assert read <= set(upstream.outputs), f"{stack.name} reads {read}"


def test_the_certificates_of_an_environment_have_one_validation_record(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    certificates = [
        block
        for stack in stacks.values()
        for block in stack.blocks()
        if block.type == "aws_acm_certificate"
    ]
    assert len(certificates) == len(platform.regions)
    assert {block.body["domain_name"] for block in certificates} == {"*.iot-dev.example.com"}
    owners = [
        stack.name
        for stack in stacks.values()
        for block in stack.blocks()
        if "domain_validation_options" in str(block.body)
    ]
    assert owners == ["iot-dev-hosted-zone"]


def test_each_region_serves_the_device_name_and_its_regional_name_with_an_issued_certificate(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    for region in platform.regions:
        stack = stacks[f"iot-dev-iot-{region}"]
        configurations = stack.resources("aws_iot_domain_configuration")
        assert {body["domain_name"] for body in configurations.values()} == {
            "mqtt.iot-dev.example.com",
            f"mqtt-{region}.iot-dev.example.com",
        }
        arn = (
            "${data.terraform_remote_state.iot_dev_hosted_zone.outputs.certificate_arn}"
            if region == platform.home_region
            else "${aws_acm_certificate_validation.certificate.certificate_arn}"
        )
        for body in configurations.values():
            assert body["server_certificate_arns"] == [arn]
        zone = stacks["iot-dev-hosted-zone"]
        assert (
            zone.outputs["certificate_arn"]
            == "${aws_acm_certificate_validation.certificate.certificate_arn}"
        )


def test_each_region_s_own_name_is_checked_by_tcp_from_the_entry_point_s_stack(
    platform: Settings, stacks: dict[str, Template]
) -> None:
    checks = stacks["iot-dev-entry-point"].resources("aws_route53_health_check")
    for region in platform.regions:
        slot = region.replace("-", "_")
        check = checks[f"tcp_{slot}"]
        assert (check["type"], check["port"]) == ("TCP", 8883)
        state = f"data.terraform_remote_state.iot_dev_iot_{slot}.outputs.regional_name"
        assert check["fqdn"] == f"${{{state}}}"
        record = stacks[f"iot-dev-iot-{region}"].resources("aws_route53_record")["regional_name"]
        assert record["name"] == f"mqtt-{region}.iot-dev.example.com"


def test_a_check_and_the_records_that_ask_it_are_in_one_state_so_that_it_can_be_replaced(
    stacks: dict[str, Template],
) -> None:
    for name, stack in stacks.items():
        own = stack.resources("aws_route53_health_check")
        asking = [check for check in own.values() if "request_interval" in check]
        for record in stack.resources("aws_route53_record").values():
            if check := record.get("health_check_id"):
                assert check.removeprefix("${aws_route53_health_check.").removesuffix(".id}") in own
        for check in asking:
            assert check["lifecycle"]["create_before_destroy"] is True, name
