"""What one run plans to create, and whether a data source may read it."""

import pytest

from iot_dr.terraform.standin.planned import PlannedResources

LOOKUPS = [
    ("aws_dynamodb_table", {"name": "devices"}, {"name": "devices", "region": "eu-west-1"}),
    ("aws_route53_zone", {"name": "example.com"}, {"name": "example.com", "zone_id": None}),
    ("aws_acm_certificate", {"domain_name": "*.example.com"}, {"domain": "*.example.com"}),
]


@pytest.mark.parametrize(("type_", "values", "lookup"), LOOKUPS)
def test_what_is_only_planned_cannot_be_read_until_it_exists(
    type_: str, values: dict[str, str], lookup: dict[str, str]
) -> None:
    resources = PlannedResources()
    assert not resources.lack(type_, lookup)
    resources.plan(type_, None, values)
    assert resources.lack(type_, lookup)
    resources.exist(type_, values)
    assert not resources.lack(type_, lookup)


def test_what_is_replaced_exists_and_another_name_is_not_meant() -> None:
    resources = PlannedResources()
    resources.plan("aws_dynamodb_table", None, {"name": "devices", "hash_key": "id"})
    assert not resources.lack("aws_dynamodb_table", {"name": "others"})
    resources.plan("aws_dynamodb_table", {"name": "devices"}, {"name": "devices"})
    assert not resources.lack("aws_dynamodb_table", {"name": "devices"})


def test_a_lookup_without_a_name_means_no_resource_in_particular() -> None:
    resources = PlannedResources()
    resources.plan("aws_caller_identity", None, {"name": "me"})
    assert not resources.lack("aws_caller_identity", {"id": "1"})
