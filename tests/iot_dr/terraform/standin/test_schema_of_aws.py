from collections.abc import Iterator

import pytest

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.schema import Attribute, Kind, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.services import MODULES


def described() -> Iterator[tuple[Kind, str, Behaviour]]:
    for service in MODULES:
        for name, behaviour in service.RESOURCES.items():
            yield "resource", name, behaviour
        for name, behaviour in service.DATA_SOURCES.items():
            yield "data", name, behaviour


def find(block: SchemaBlock, name: str) -> Attribute | NestedBlock | None:
    *outer, last = name.split(".")
    for step in outer:
        block = block.blocks[step].block
    return block.attributes.get(last) or block.blocks.get(last)


@pytest.mark.parametrize(("kind", "name", "behaviour"), list(described()))
def test_a_behaviour_speaks_of_attributes_that_exist(
    cache: SchemaCache, kind: Kind, name: str, behaviour: Behaviour
) -> None:
    block = cache.block(kind, name)
    spoken_of = {
        *behaviour.replace,
        *behaviour.defaults,
        *behaviour.defaults_from_aws,
        *behaviour.checks,
        *behaviour.normal,
        *behaviour.sensitive,
        *behaviour.limits,
        *(each for group in behaviour.conflicts + behaviour.exactly_one for each in group),
        *behaviour.together,
        *(each for needed in behaviour.together.values() for each in needed),
    }
    assert [each for each in sorted(spoken_of) if find(block, each) is None] == []


@pytest.mark.parametrize(("kind", "name", "behaviour"), list(described()))
def test_only_arguments_have_defaults_and_only_computed_ones_have_answers(
    cache: SchemaCache, kind: Kind, name: str, behaviour: Behaviour
) -> None:
    block = cache.block(kind, name)
    defaults = [find(block, each) for each in behaviour.defaults]
    answers = [find(block, each) for each in behaviour.defaults_from_aws]
    assert all(isinstance(each, Attribute) and each.optional for each in defaults)
    assert all(isinstance(each, Attribute) and each.computed for each in answers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ttl", Attribute("number", optional=True)),
        ("zone_id", Attribute("string", required=True)),
        ("fqdn", Attribute("string", computed=True)),
        ("allow_overwrite", Attribute("bool", optional=True, computed=True)),
        ("records", Attribute(["set", "string"], optional=True)),
    ],
)
def test_a_record_s_attributes_have_their_exact_types(
    cache: SchemaCache, name: str, expected: Attribute
) -> None:
    assert cache.block("resource", "aws_route53_record").attributes[name] == expected


@pytest.mark.parametrize(
    ("type_name", "name", "expected"),
    [
        ("aws_route53_record", "alias", ("list", 0, 1)),
        ("aws_route53_zone", "vpc", ("set", 0, 0)),
        ("aws_dynamodb_table", "timeouts", ("single", 0, 0)),
        ("aws_s3_bucket_versioning", "versioning_configuration", ("list", 1, 1)),
        ("aws_codepipeline", "stage", ("list", 2, 0)),
        ("aws_cloudtrail", "event_selector", ("list", 0, 5)),
        ("aws_lexv2models_slot", "value_elicitation_setting", ("list", 0, 0)),
    ],
)
def test_blocks_have_their_nesting_and_limits(
    cache: SchemaCache, type_name: str, name: str, expected: tuple[str, int, int]
) -> None:
    nested = cache.block("resource", type_name).blocks[name]
    assert (nested.nesting, nested.min_items, nested.max_items) == expected


def test_computed_objects_keep_the_types_of_their_members(cache: SchemaCache) -> None:
    options = cache.block("resource", "aws_acm_certificate").attributes["domain_validation_options"]
    names = ("domain_name", "resource_record_name", "resource_record_type", "resource_record_value")
    assert options == Attribute(["set", ["object", dict.fromkeys(names, "string")]], computed=True)


def test_recursive_statements_are_dynamic(cache: SchemaCache) -> None:
    rule = cache.block("resource", "aws_wafv2_web_acl").attributes["rule"]
    assert rule.type == "dynamic"
