"""JSON configuration, in all the spellings that its syntax allows."""

import json
from typing import Any

import pytest

from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.document import NotTerraformError, parsed_resources, stack_resources
from iot_dr.terraform_json.provider_choice import Provider, ProviderError
from tests.iot_dr.terraform_json.designs import find, resource_set

RECORD = {"name": "mqtt", "alias": {"name": "a"}}


@pytest.mark.parametrize(
    "document",
    [
        {"resource": {"aws_route53_record": {"r": RECORD}}},
        {"resource": [{"aws_route53_record": [{"r": RECORD}]}]},
        {"resource": {"aws_route53_record": {"r": [RECORD]}}},
        [{"resource": {"aws_route53_record": {"r": RECORD}}}, {"locals": {"a": 1}}],
        {"//": "note", "resource": {"//": "note", "aws_route53_record": {"//": "x", "r": RECORD}}},
    ],
)
def test_every_spelling_of_a_block_is_the_same_resource(document: Any) -> None:
    resource = find(resource_set(design=document), "aws_route53_record.r")
    assert (resource.mode, resource.type, resource.name) == ("managed", "aws_route53_record", "r")
    assert resource.values["name"] == "mqtt"
    assert block(resource.values, "alias") == {"name": "a"}


def test_meta_arguments_and_comments_are_not_values() -> None:
    body: dict[str, Any] = {
        "//": {"metadata": {}}, "provider": "aws.a", "lifecycle": {}, "depends_on": [],
        "connection": {}, "provisioner": {}, "name": "x",
    }  # fmt: skip
    resource = find(resource_set(design={"resource": {"aws_x": {"y": body}}}), "aws_x.y")
    assert resource.values == {"name": "x"}
    assert resource.provider == "aws.a"


def test_blocks_in_lists_and_alone_are_read_alike() -> None:
    assert blocks({"replica": {"a": 1}}, "replica") == ({"a": 1},)
    assert blocks({"replica": [{"a": 1}, {"a": 2}, "odd"]}, "replica") == ({"a": 1}, {"a": 2})
    assert blocks({"replica": "${var.x}"}, "replica") == ()
    assert block({}, "replica") is None


PROVIDERS = [
    {"region": "${var.home}"},
    {"alias": "b", "region": "eu-central-1"},
    {"alias": "c", "region": "${local.third}"},
    {"alias": "d"},
]
VARIABLES = {"home": {"default": "eu-west-1"}, "third": {"default": "eu-north-1"}}


@pytest.mark.parametrize(
    ("body", "provider", "region"),
    [
        ({}, "aws", "eu-west-1"),
        ({"provider": "aws.b"}, "aws.b", "eu-central-1"),
        ({"provider": "${aws.b}"}, "aws.b", "eu-central-1"),
        ({"provider": "aws.c"}, "aws.c", "eu-north-1"),
        ({"provider": "aws.d"}, "aws.d", None),
        ({"provider": "aws.d", "arn": "arn:aws:sns:us-east-2:1:t"}, "aws.d", "us-east-2"),
        ({"provider": "aws.b", "region": "us-west-2"}, "aws.b", "us-west-2"),
        ({"provider": "aws.b", "region": "${var.home}"}, "aws.b", "eu-west-1"),
    ],
)
def test_the_region_is_the_resources_own_or_that_of_its_provider(
    body: dict[str, Any], provider: str, region: str | None
) -> None:
    document: dict[str, Any] = {
        "provider": {"aws": PROVIDERS},
        "variable": VARIABLES,
        "locals": {"third": "${var.third}"},
        "resource": {"aws_x": {"y": body}},
    }
    resource = find(resource_set(design=document), "aws_x.y")
    assert (resource.provider, resource.region) == (provider, region)


def test_a_resource_without_provider_names_none_where_only_aliases_are_configured() -> None:
    document: Any = {"provider": {"aws": [{"alias": "b"}]}, "resource": {"aws_x": {"y": {}}}}
    assert find(resource_set(design=document), "aws_x.y").provider is None


def test_outputs_backend_and_reads_are_reported() -> None:
    document = {
        "terraform": {"backend": {"s3": {"bucket": "b", "key": "k"}}},
        "output": {"zone_id": {"value": "${aws_route53_zone.zone.zone_id}"}},
        "data": {"terraform_remote_state": {"up": {"backend": "s3", "config": {"key": "u"}}}},
    }
    stack = parsed_resources("design", document)
    assert stack.outputs == {"zone_id": "${aws_route53_zone.zone.zone_id}"}
    assert stack.backend == ("s3", {"bucket": "b", "key": "k"})
    assert [(each.name, each.config) for each in stack.reads] == [("up", {"key": "u"})]
    assert not stack.resources
    assert not stack.is_plan


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"lineage": "a", "serial": 1, "version": 4}, "raw state"),
        ({"version": "0.21", "stacks": {}}, "manifest"),
        ({"@level": "info"}, "log"),
        ({"resource": "text"}, "resource: must be an object or a list of objects"),
        ({"name": "iot-dr", "dependencies": {}}, "not Terraform"),
        ({"//": "only a note"}, "not Terraform"),
        ({"format_version": "2.0", "planned_values": {}}, "format_version: 2.0 is not supported"),
        ([], "not Terraform"),
        ("resource", "not Terraform"),
        (None, "not Terraform"),
    ],
)
def test_json_that_is_not_terraforms_is_refused_with_its_format(
    document: Any, expected: str
) -> None:
    with pytest.raises(NotTerraformError, match=expected):
        stack_resources("design", json.dumps(document).encode())


def test_dev_defaults_to_the_stand_in() -> None:
    assert Provider.select(None, "dev", {}) is Provider.STANDIN
    assert Provider.select(None, "dev", {"PROVIDER": "aws"}) is Provider.AWS
    assert Provider.select(None, "dev", {"PROVIDER": ""}) is Provider.STANDIN


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_other_environments_require_a_provider(environment: str) -> None:
    with pytest.raises(ProviderError, match=f"{environment}: no provider is selected") as refused:
        Provider.select(None, environment, {})
    assert str(refused.value).endswith(
        "only dev has a default; set PROVIDER=standin or PROVIDER=aws"
    )
    assert Provider.select("standin", environment, {}) is Provider.STANDIN


def test_an_option_goes_before_the_variable() -> None:
    assert Provider.select("standin", "prod", {"PROVIDER": "aws"}) is Provider.STANDIN


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ProviderError, match=r"unknown provider 'azure'; expected .*PROVIDER=standin"
    ):
        Provider.select("azure", "dev", {})


@pytest.mark.parametrize(
    ("binary", "product"), [("/opt/tofu", "OpenTofu"), ("terraform", "Terraform")]
)
def test_the_stand_ins_banner_names_what_runs(
    binary: str, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", binary)
    assert f" {product} is real;" in Provider.STANDIN.banner


def test_the_stand_ins_banner_names_it() -> None:
    assert "STAND-IN" in Provider.STANDIN.banner
    assert "STAND-IN" not in Provider.AWS.banner
