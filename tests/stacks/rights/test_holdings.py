"""What each stack holds, as rights have it, beside what it holds."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

import pytest

from environments.settings import Settings
from modules.context import Context
from modules.rights.right import PIPELINE_TAGS
from stacks.pipeline_estate import pipeline_estate
from stacks.rights import data_holdings, holdings
from stacks.rights.estate import Estate
from stacks.rights.held import EVERY_REGION, Held
from tests.support.iam import fits
from tests.support.pipeline import PIPELINE
from tests.support.settings import FLEET, JUST_IN_TIME, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Block, Template

HERE, OTHER = "eu-west-1", "eu-central-1"
DELEGATED = {"create": True, "delegation": "Z0PARENT"}
PLATFORMS = {
    "deep": settings(regions=[HERE, OTHER, "eu-north-1"], pipeline=PIPELINE),
    "shallow": settings(health={"mode": "shallow"}, zone=DELEGATED, pipeline=PIPELINE),
    "existing zone": settings(zone={"id": "Z0OURS"}, pipeline=PIPELINE),
    "data": settings(data={}, pipeline=PIPELINE),
    "fleet": settings(data={"provisioning": FLEET}, pipeline=PIPELINE),
    "just in time": settings(data={"provisioning": JUST_IN_TIME}, pipeline=PIPELINE),
    "leaving": settings(leaving=["eu-north-1"], primary_region=OTHER, pipeline=PIPELINE),
}
REGIONAL: dict[str, Callable[[Estate, str], Iterator[Held]]] = {
    "iot": holdings.iot,
    "telemetry": data_holdings.telemetry,
    "device-registry": data_holdings.device_registry,
}
# Neither asks AWS for anything.
OURS = {"terraform_data", "terraform_remote_state"}
NAMED = ("function_name", "alarm_name", "bucket", "rule", "name")


def held_by(stack: str, platform: Settings) -> list[Held]:
    context = Context(project="example", environment="dev", region=HERE, extra_tags={})
    own = pipeline_estate(platform, context)
    _, _, what = stack.partition("iot-dev-")
    if regional := re.fullmatch(r"(iot|telemetry|device-registry)-([a-z]{2}-.+)", what):
        return list(REGIONAL[regional[1]](own, regional[2]))
    if what.startswith("pipeline-"):
        return list(holdings.pipeline(own))
    parts = {
        "data": data_holdings.data,
        "state": holdings.state,
        "hosted-zone": holdings.hosted_zone,
        "entry-point": holdings.entry_point,
    }
    return list(parts[what](own))


def blocks(stack: Template) -> Iterator[Block]:
    for kind in ("resource", "data"):
        yield from (each for each in stack.blocks(kind) if each.type not in OURS)


def types(stack: Template) -> Iterator[str]:
    for each in blocks(stack):
        yield each.type
        if each.type == "aws_dynamodb_table" and "replica" in each.body:
            yield "aws_dynamodb_table_replica"


def is_among(block: Block, held: Iterable[Held]) -> bool:
    """Tell whether rights name a resource: its type, its region, and its name where it has one."""
    region = block.body["provider"].removeprefix("aws.").replace("_", "-")
    return any(
        each.type == block.type
        and (each.region in {region, EVERY_REGION} or is_global(each))
        and has_name(block.body, each)
        for each in held
    )


def is_global(held: Held) -> bool:
    return held.type.startswith(("aws_iam_", "aws_route53_", "aws_s3_"))


def has_name(body: dict[str, Any], held: Held) -> bool:
    name = next((body[key] for key in NAMED if key in body), "")
    is_told_later = not name or "${" in name
    # A policy of a role is named as its role is.
    is_policy_of_role = held.type.startswith("aws_iam_role_policy")
    is_certificate = held.type == "aws_acm_certificate"
    if is_told_later or is_policy_of_role or not held.names or is_certificate:
        return True
    return any(fits(each, name) for each in held.names)


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS)
def test_every_resource_of_every_stack_has_its_rights(
    platform: Settings, synthesis: Synthesis
) -> None:
    for stack in synthesis(platform).values():
        held = held_by(stack.name, platform)
        forgotten = [
            f"{stack.name} {each.type}.{each.logical_id}"
            for each in blocks(stack)
            if not is_among(each, held)
        ]
        assert forgotten == []


def test_no_stack_has_rights_to_a_type_that_it_never_holds(synthesis: Synthesis) -> None:
    seen: dict[str, set[str]] = {}
    rights: dict[str, set[str]] = {}
    for platform in PLATFORMS.values():
        for stack in synthesis(platform).values():
            what = re.sub(r"-[a-z]{2}-[a-z]+-\d$", "", stack.name)
            seen.setdefault(what, set()).update(types(stack))
            held = held_by(stack.name, platform)
            rights.setdefault(what, set()).update(each.type for each in held)
    assert rights == seen


@cache
def own_records() -> set[str]:
    own = pipeline_estate(
        PLATFORMS["deep"], Context(project="example", environment="dev", region=HERE, extra_tags={})
    )
    parts = chain(holdings.hosted_zone(own), holdings.entry_point(own), holdings.iot(own, HERE))
    return {name for each in parts if each.type == "aws_route53_record" for name in each.names}


def test_records_that_rights_name_are_those_of_the_environment_s_zone() -> None:
    assert own_records() == {
        *("_*.iot-dev.example.com", "mqtt.iot-dev.example.com"),
        *("mqtt-standby-?.iot-dev.example.com", f"mqtt-{HERE}.iot-dev.example.com"),
    }


def test_the_key_of_a_pipeline_has_the_tags_that_its_rights_ask_for(synthesis: Synthesis) -> None:
    stacks = synthesis(PLATFORMS["deep"])
    for region in (HERE, OTHER):
        (key,) = stacks[f"iot-dev-pipeline-{region}"].resources("aws_kms_key").values()
        assert key["tags"] == PIPELINE_TAGS
    (other,) = stacks[f"iot-dev-iot-{HERE}"].resources("aws_kms_key").values()
    assert "Part" not in other.get("tags", {})
