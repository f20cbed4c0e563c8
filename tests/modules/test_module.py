"""Flat logical ids."""

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from modules.hosted_zone import HostedZone, HostedZoneInputs
from modules.module import Module
from tests.support.synthesis import empty_stack, template


def inputs(stack: TerraformStack) -> HostedZoneInputs:
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    return HostedZoneInputs(provider=provider, zone_name="iot-dev.example.com")


def test_moving_a_module_into_another_construct_keeps_its_ids() -> None:
    flat, deep = empty_stack(), empty_stack()
    HostedZone(flat, "zone", inputs(flat))
    HostedZone(Construct(Construct(deep, "outer"), "inner"), "zone", inputs(deep))
    assert list(template(flat).resources("aws_route53_zone")) == ["zone"]
    assert list(template(deep).resources("aws_route53_zone")) == ["zone"]


def test_a_second_resource_of_the_same_type_and_id_in_a_stack_is_refused() -> None:
    stack = empty_stack()
    shared = inputs(stack)
    HostedZone(stack, "one", shared)
    with pytest.raises(ValueError, match=r"Route53Zone\.zone: this stack has"):
        HostedZone(Construct(stack, "elsewhere"), "two", shared)


def test_the_same_id_in_another_stack_is_another_resource() -> None:
    for stack in (empty_stack(), empty_stack()):
        AwsProvider(stack, "aws", region="eu-west-1")
        module = Module(stack, "module")
        module.flat(Route53Zone(module, "zone", name="example.com"), "zone")
        assert list(template(stack).resources("aws_route53_zone")) == ["zone"]
