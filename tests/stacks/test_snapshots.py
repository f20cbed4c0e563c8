"""The whole JSON of each kind of stack in its widest form, and how the narrower ones differ."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from environments.settings import Settings
from stacks.platform_graph import platform_graph
from tests.stacks.differences import differences, named
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis

HOME, STANDBY, LAST = REGIONS[:3]


def platform(data: dict[str, Any] | None, *regions: str) -> Settings:
    """Return settings of these regions."""
    return settings(environment="prod", regions=list(regions), data=data)


WIDEST = platform({"provisioning": FLEET}, HOME, STANDBY, LAST)
REGIONAL = ("iot", "telemetry", "device-registry")
KINDS = [
    node.name
    for node in platform_graph(WIDEST).nodes
    if node.what not in REGIONAL or node.region == STANDBY
]
TWO = platform({"provisioning": FLEET}, HOME, STANDBY)


@pytest.mark.parametrize("stack", KINDS)
def test_the_stack_is_as_it_was(
    stack: str, synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    document = without_hashes(synthesis(WIDEST)[stack].document)
    assert document == snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("what", REGIONAL)
@pytest.mark.parametrize("region", [HOME, LAST])
def test_another_region_s_stack_differs_from_the_first_standby_s_as_it_did(
    what: str, region: str, synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    made = synthesis(WIDEST)
    one, other = (
        named(without_hashes(made[f"iot-prod-{what}-{name}"].document), {name: "HERE"})
        for name in (region, STANDBY)
    )
    assert differences(one, other) == snapshot


@pytest.mark.parametrize("stack", KINDS)
def test_a_stack_of_two_regions_differs_from_that_of_three_as_it_did(
    stack: str, synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    two, three = (without_hashes(synthesis(each)[stack].document) for each in (TWO, WIDEST))
    assert differences(two, three) == snapshot


@pytest.mark.parametrize(
    "data", [{}, {"provisioning": JUST_IN_TIME}], ids=["nobody joins", "just in time"]
)
def test_a_registry_differs_from_one_with_fleet_provisioning_as_it_did(
    data: dict[str, Any], synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    stack = f"iot-prod-device-registry-{STANDBY}"
    one, fleet = (
        without_hashes(synthesis(design)[stack].document)
        for design in (platform(data, HOME, STANDBY), TWO)
    )
    assert differences(one, fleet) == snapshot


def test_without_data_fewer_states_are_copied_and_no_other_stack_changes(
    synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    without, with_data = (synthesis(each) for each in (platform(None, HOME, STANDBY), TWO))
    changed = {
        name: differences(template.document, with_data[name].document)
        for name, template in without.items()
    }
    assert {name: each for name, each in changed.items() if each} == snapshot


def without_hashes(document: dict[str, Any]) -> Any:
    """Leave out what changes with each line of a function's code."""
    text = re.sub(r"(assets/\w+)/[0-9A-F]{32}/", r"\1/HASH/", json.dumps(document))
    return json.loads(re.sub(r'("source_code_hash": )"[^"]+"', r'\1"HASH"', text))
