"""Flat logical ids."""

import json
import re
from dataclasses import replace

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from modules.context import Context
from modules.deep_health import DeepHealth, DeepHealthInputs
from modules.hosted_zone import HostedZone, HostedZoneInputs
from modules.inputs import InputError
from modules.module import Module, Named
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
    with pytest.raises(ValueError, match=r"Route53Zone\.zone: this stack has .* pass Named\("):
        HostedZone(Construct(stack, "elsewhere"), "two", shared)


def test_a_second_module_with_a_name_leaves_the_first_ones_ids_as_they_are() -> None:
    stack = empty_stack()
    shared = inputs(stack)
    first = HostedZone(stack, "zone", shared)
    outer = Named(stack, "blue")
    second = HostedZone(Named(outer, "green"), "zone", replace(shared, parent_zone_id="Z1"))
    assert list(template(stack).resources("aws_route53_zone")) == ["blue_green_zone", "zone"]
    assert first.resource(Route53Zone) is not second.resource(Route53Zone)
    assert outer.resource(Route53Zone) is second.resource(Route53Zone)
    assert second.resource(Route53Record, "delegation").ttl_input == 300
    for type_, slot in ((Route53Record, "delegation"), (Route53Zone, "delegation")):
        with pytest.raises(LookupError, match=rf"{type_.__name__}: .* there are: "):
            first.resource(type_, slot)


def test_two_regions_deep_checks_fit_into_one_stack_each_with_its_own_secret() -> None:
    stack = empty_stack()
    for region in ("eu-west-1", "eu-central-1"):
        slot = region.replace("-", "_")
        provider = AwsProvider(stack, slot, alias=slot, region=region)
        context = Context(project="example", environment="dev", region=region, extra_tags={})
        chosen = DeepHealthInputs(
            provider=provider,
            context=context,
            account_id="111111111111",
            regional_name=f"{region}.example.com",
            interval=30,
            threshold=3,
            topic_arn="${aws_sns_topic.alarms.arn}",
        )
        DeepHealth(Named(stack, f"in_{slot}"), chosen)
    checks = template(stack).resources("aws_route53_health_check")
    assert [
        checks[f"in_{slot}_deep"]["resource_path"] for slot in ("eu_central_1", "eu_west_1")
    ] == [
        f"/health/${{sensitive(terraform_data.in_{slot}_health_path.triggers_replace)}}"
        for slot in ("eu_central_1", "eu_west_1")
    ]
    document = template(stack).document
    for type_, names in document["resource"].items():
        for name in names:
            assert name.startswith("in_eu_"), f"{type_}.{name}"
    # No reference leads to a resource without the name.
    assert not re.search(
        r"\$\{[^}]*(aws_(?!sns)\w+|terraform_data)\.(?!in_eu_)", json.dumps(document)
    )


def test_a_name_that_no_logical_id_can_begin_with_is_refused() -> None:
    with pytest.raises(InputError, match="Named: name is 'Blue-1'"):
        Named(empty_stack(), "Blue-1")


def test_the_same_id_in_another_stack_is_another_resource() -> None:
    for stack in (empty_stack(), empty_stack()):
        AwsProvider(stack, "aws", region="eu-west-1")
        module = Module(stack, "module")
        module.flat(Route53Zone(module, "zone", name="example.com"), "zone")
        assert list(template(stack).resources("aws_route53_zone")) == ["zone"]
