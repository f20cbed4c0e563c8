"""Plans and states, as Terraform itself wrote them."""

import json
from typing import Any

import pytest

from iot_dr.terraform_json.plan.reader import Plan, read_plan
from iot_dr.terraform_json.plan.structs import DeferredResource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.strict_json import members
from tests.iot_dr.terraform_json.designs import find, plan, resource_set
from tests.support.plan_parts import create, document


@pytest.fixture(scope="module")
def planned() -> ResourceSet:
    return resource_set(plan=plan())


def resolved(planned: ResourceSet, address: str, argument: str) -> Any:
    resource = find(planned, address)
    return planned.resolve(resource, resource.values.get(argument))


def test_instances_of_resources_and_modules_are_resources_of_their_own(
    planned: ResourceSet,
) -> None:
    assert {each.address for each in planned.of_type("aws_route53_record")} == {
        'aws_route53_record.device["home"]',
        'aws_route53_record.validation["*.iot.example.com"]',
        "module.home.aws_route53_record.regional[0]",
        'module.other["a"].aws_route53_record.regional[0]',
        'module.other["b"].aws_route53_record.regional[0]',
    }
    resources = [each for stack in planned.stacks for each in stack.resources]
    endpoints = [each for each in resources if each.type == "aws_iot_endpoint"]
    assert [each.mode for each in endpoints] == ["data"] * 3


@pytest.mark.parametrize(
    ("address", "provider", "region"),
    [
        ("aws_route53_zone.main", "aws", "eu-west-1"),
        ("module.home.data.aws_iot_endpoint.ats", "aws", "eu-west-1"),
        ('module.other["b"].data.aws_iot_endpoint.ats', "aws.standby", "eu-central-1"),
        ("terraform_data.replaced", None, None),
    ],
)
def test_regions_come_through_variables_and_through_modules_from_the_provider(
    planned: ResourceSet, address: str, provider: str | None, region: str | None
) -> None:
    resource = find(planned, address)
    assert (resource.provider, resource.region) == (provider, region)


def test_unknown_values_are_followed_through_the_configuration(planned: ResourceSet) -> None:
    zone = "plan/aws_route53_zone.main.zone_id"
    for address in (
        'aws_route53_record.device["home"]',
        'module.other["a"].aws_route53_record.regional[0]',
    ):
        assert resolved(planned, address, "zone_id") == zone
        assert "zone_id" in find(planned, address).inferred
    assert resolved(planned, "module.home.aws_route53_record.regional[0]", "records") == (
        "plan/module.home.data.aws_iot_endpoint.ats.endpoint_address"
    )  # fmt: skip


def test_a_reference_by_each_key_leads_to_the_instance_with_that_key(planned: ResourceSet) -> None:
    record = find(planned, 'aws_route53_record.device["home"]')
    check = planned.referenced(record, record.values["health_check_id"])
    assert check is not None
    assert check.address == 'aws_route53_health_check.region["home"]'


def test_each_value_leads_to_what_the_instances_are_made_from(planned: ResourceSet) -> None:
    record = find(planned, 'aws_route53_record.validation["*.iot.example.com"]')
    certificate = planned.referenced(record, record.values["name"])
    assert certificate is not None
    assert certificate.address == "aws_acm_certificate.main"
    check = find(planned, 'aws_route53_health_check.region["home"]')
    regional = planned.referenced(check, check.values["fqdn"])
    assert regional is not None
    assert regional.address == "module.home.aws_route53_record.regional[0]"


def test_a_condition_has_all_its_candidates_and_resolves_to_none(planned: ResourceSet) -> None:
    record = find(planned, 'aws_route53_record.device["home"]')
    records = record.values["records"]
    assert {each.address for each in planned.candidates(record, records)} == {
        "module.home.aws_route53_record.regional[0]",
        'module.other["a"].aws_route53_record.regional[0]',
    }
    assert planned.referenced(record, records) is None


def test_a_known_value_is_kept_with_its_origin(planned: ResourceSet) -> None:
    record = find(planned, 'module.other["a"].aws_route53_record.regional[0]')
    assert record.values["name"] == "mqtt-a.iot.example.com"
    assert "name" not in record.inferred
    zone = planned.referenced(record, record.values["name"])
    assert zone is not None
    assert zone.address == "aws_route53_zone.main"


def test_a_literal_dollar_is_escaped_as_in_configuration(planned: ResourceSet) -> None:
    policy = find(planned, "aws_iot_policy.device").values["policy"]
    assert "topic/$${iot:Connection.Thing.ThingName}" in policy


def test_a_replacement_has_the_attributes_that_force_it(planned: ResourceSet) -> None:
    change = find(planned, "terraform_data.replaced").change
    assert change is not None
    assert change.is_destroying
    assert change.forced_by == ("triggers_replace",)
    assert (change.before or {})["triggers_replace"] == [1]


def test_outputs_are_values_where_they_are_known_and_expressions_where_not(
    planned: ResourceSet,
) -> None:
    (stack,) = planned.stacks
    assert stack.outputs["device_policy"] == "device"
    assert stack.outputs["zone_id"] == "${aws_route53_zone.main.zone_id}"
    assert stack.is_plan
    assert stack.providers == {"aws": "eu-west-1", "aws.standby": "eu-central-1"}
    assert [each.name for each in stack.reads] == ["network"]


def change(actions: list[str], **rest: Any) -> dict[str, Any]:
    body = {"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y"}
    return {**body, "change": {"actions": actions, **rest}}


def changes(*entries: dict[str, Any]) -> ResourceSet:
    return resource_set(plan={"format_version": "1.2", "resource_changes": list(entries)})


def test_a_destroyed_resource_keeps_its_values_and_does_not_exist() -> None:
    resources = changes(change(["delete"], before={"name": "old"}, after=None))
    gone = find(resources, "aws_x.y")
    assert gone.values == {"name": "old"}
    assert not gone.exists
    assert list(resources.of_type("aws_x")) == []


def test_a_deposed_object_is_ignored() -> None:
    left_over = {**change(["delete"], before={"name": "old"}, after=None), "deposed": "a1"}
    remaining = change(["no-op"], before={"name": "new"}, after={"name": "new"})
    assert find(changes(remaining, left_over), "aws_x.y").values == {"name": "new"}


def test_a_resource_that_another_target_left_out_of_the_plan_is_read_all_the_same() -> None:
    entry = {"address": "aws_x.z", "mode": "managed", "type": "aws_x", "name": "z"}
    values = {"root_module": {"resources": [{**entry, "values": {"id": "z"}}]}}
    document: Any = {"format_version": "1.2", "planned_values": values, "resource_changes": []}
    assert find(resource_set(plan=document), "aws_x.z").values == {"id": "z"}


def entry(type_: str, name: str, **values: Any) -> dict[str, Any]:
    lead = {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name}
    return {**lead, "values": values}


def state(*entries: dict[str, Any], **outputs: Any) -> dict[str, Any]:
    # Half of the states that there are have their resources in modules alone.
    modules = {"child_modules": [{"resources": list(entries)}]}
    return {"format_version": "1.0", "values": {"root_module": modules, "outputs": outputs}}


def test_an_id_that_is_known_leads_to_its_resource_in_another_stack() -> None:
    first, second = (
        entry("aws_x", "check", id="c-1"),
        entry("aws_y", "record", health_check_id="c-1"),
    )
    resources = resource_set(one=state(first), other=state(second))
    asking = find(resources, "aws_y.record")
    resource = resources.referenced(asking, asking.values["health_check_id"])
    assert resource is not None
    assert (resource.stack, resource.address) == ("one", "aws_x.check")


def test_an_id_that_two_resources_have_leads_to_neither() -> None:
    first, second = entry("aws_x", "a", id="same"), entry("aws_x", "b", id="same")
    resources = resource_set(one=state(first, second), two=state(entry("aws_y", "z", ref="same")))
    assert resources.referenced(find(resources, "aws_y.z"), "same") is None


def test_a_state_has_regions_by_argument_or_arn_and_outputs() -> None:
    resources = resource_set(
        state=state(
            entry("aws_x", "a", region="eu-west-1"),
            entry("aws_x", "b", arn="arn:aws:sqs:eu-north-1:1:q"),
            entry("aws_x", "c", arn="arn:aws:iam::1:role/r"),
            o={"value": "v"},
        )
    )
    assert [each.region for each in resources.of_type("aws_x")] == ["eu-west-1", "eu-north-1", None]
    assert resources.stacks[0].outputs == {"o": "v"}


def test_an_empty_state_has_no_resources() -> None:
    assert resource_set(state={"format_version": "1.0"}).stacks[0].resources == ()


def opened(**parts: Any) -> Plan:
    return read_plan(members(json.dumps(document(**parts)).encode(), "the document"))


def test_a_mask_of_what_is_known_later_may_have_another_form_than_true() -> None:
    later = change(["update"], before={"a": 1, "b": [1]}, after={}, after_unknown={"a": 1})
    (read,) = opened(resource_changes=[later]).changes
    assert read.unknown()["a"] is True


def test_the_values_of_a_deferred_change_are_not_kept() -> None:
    deferred = {"reason": "x", "resource_change": create("aws_x.y", {"a": "b"}, {"a": True})}
    (read,) = opened(deferred_changes=[deferred]).deferred
    assert read.resource_change == DeferredResource("aws_x.y")
