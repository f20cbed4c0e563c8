"""A region that leaves: what is left of it in the stacks."""

from collections.abc import Mapping
from typing import Any

import pytest

from modules.state_bucket import removed_blocks
from stacks.platform_graph import platform_graph, regional_stacks
from stacks.state_location import copied_stacks, copy_regions
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

GONE = REGIONS[3]
LEFT = list(REGIONS[:3])
LEAVING = settings(regions=LEFT, leaving_regions=[GONE])
ALIAS = GONE.replace("-", "_")
STACK = f"iot-dev-iot-{GONE}"


@pytest.fixture
def stacks(synthesis: Synthesis) -> dict[str, Template]:
    return synthesis(LEAVING)


def without_alias(stack: Template) -> dict[str, Any]:
    """Return a stack's JSON without the provider of the region, and the engine's notes on it."""
    kept = [each for each in stack.document["provider"]["aws"] if each["alias"] != ALIAS]
    assert len(kept) + 1 == len(stack.document["provider"]["aws"])
    return {**noteless(stack), "provider": {"aws": kept}}


def noteless(stack: Template) -> dict[str, Any]:
    return {key: value for key, value in stack.document.items() if key != "//"}


def test_its_stack_goes_last_with_its_old_name_state_and_provider_and_holds_nothing(
    stacks: dict[str, Template], synthesis: Synthesis
) -> None:
    before = synthesis(settings(regions=[*LEFT, GONE]))[STACK]
    after = stacks[STACK]
    assert after.backend == before.backend
    assert after.providers == before.providers
    assert not list(after.blocks())
    assert not list(after.blocks("data"))
    *_, last = platform_graph(LEAVING).waves
    assert [(node.name, node.region, node.role) for node in last] == [(STACK, GONE, "leaving")]
    assert last[0].depends_on == ("iot-dev-entry-point",)


def test_the_entry_point_keeps_its_provider_and_is_else_as_without_it(
    stacks: dict[str, Template], synthesis: Synthesis
) -> None:
    without = synthesis(settings(regions=LEFT))["iot-dev-entry-point"]
    assert without_alias(stacks["iot-dev-entry-point"]) == noteless(without)


def test_the_state_s_stack_forgets_its_bucket_and_is_else_as_without_it(
    stacks: dict[str, Template], synthesis: Synthesis
) -> None:
    without = synthesis(settings(regions=LEFT))["iot-dev-state"]
    document = without_alias(stacks["iot-dev-state"])
    removed: list[Mapping[str, Any]] = document.pop("removed")
    assert document["output"].pop("leaving_regions")["value"] == [GONE]
    assert document == noteless(without)
    assert all(each["lifecycle"] == {"destroy": False} for each in removed)
    before = synthesis(settings(regions=[*LEFT, GONE]))["iot-dev-state"]
    assert sorted(each["from"] for each in removed) == sorted(
        f"{block.type}.{block.logical_id}"
        for block in before.blocks()
        if block.body["provider"] == f"aws.{ALIAS}"
    )


def test_every_other_stack_is_as_without_it(
    stacks: dict[str, Template], synthesis: Synthesis
) -> None:
    without = synthesis(settings(regions=LEFT))
    touched = {STACK, "iot-dev-entry-point", "iot-dev-state"}
    assert stacks.keys() - without.keys() == {STACK}
    for name in stacks.keys() - touched:
        assert stacks[name].document == without[name].document


def test_nothing_is_copied_to_it_and_its_own_state_nowhere() -> None:
    assert copy_regions(LEAVING) == tuple(LEFT[1:])
    assert STACK not in {node.name for node in copied_stacks(LEAVING)}


def test_each_stack_of_it_keeps_its_name_state_and_provider_and_holds_nothing(
    synthesis: Synthesis,
) -> None:
    before = synthesis(settings(regions=[*LEFT, GONE], data={}))
    leaving = settings(regions=LEFT, leaving_regions=[GONE], data={})
    after = synthesis(leaving)
    for name in regional_stacks(leaving, GONE):
        assert after[name].backend == before[name].backend
        assert after[name].providers == before[name].providers
        assert not list(after[name].blocks())
        assert not list(after[name].blocks("data"))


def test_two_that_leave_are_both_forgotten(synthesis: Synthesis) -> None:
    both = settings(regions=LEFT, leaving_regions=list(REGIONS[3:]))
    stack = synthesis(both)["iot-dev-state"]
    slots = [region.replace("-", "_") for region in both.leaving_regions]
    assert stack.document["removed"] == [block for slot in slots for block in removed_blocks(slot)]
    last = platform_graph(both).waves[-2:]
    assert [[node.region for node in wave] for wave in last] == [
        [each] for each in both.leaving_regions
    ]
