"""The whole JSON of every stack, for two regions and for three, but for the hashes of code."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from environments.settings import Settings
from stacks.platform_graph import platform_graph
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis

STANDBY = "iot-dev-device-registry-eu-central-1"
PLATFORMS = [settings(), settings(environment="prod", regions=list(REGIONS[:3]))]
WITH_DATA = settings(data={})
JOINING = {
    "fleet": settings(data={"provisioning": FLEET}),
    "just-in-time": settings(data={"provisioning": JUST_IN_TIME}),
}
STACKS = [
    pytest.param(platform, node.name, id=node.name)
    for platform in PLATFORMS
    for node in platform_graph(platform).nodes
] + [
    pytest.param(WITH_DATA, node.name, id=node.name)
    for node in platform_graph(WITH_DATA).nodes
    if node.what in {"data", "telemetry", "device-registry"}
]
STACKS.extend(
    pytest.param(platform, STANDBY, id=f"{STANDBY}-{how}") for how, platform in JOINING.items()
)


@pytest.mark.parametrize(("platform", "stack"), STACKS)
def test_the_stack_is_as_it_was(
    platform: Settings, stack: str, synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    document = without_hashes(synthesis(platform)[stack].document)
    assert document == snapshot.use_extension(JSONSnapshotExtension)


def without_hashes(document: dict[str, Any]) -> Any:
    """Leave out what changes with each line of a function's code."""
    text = re.sub(r"(assets/\w+)/[0-9A-F]{32}/", r"\1/HASH/", json.dumps(document))
    return json.loads(re.sub(r'("source_code_hash": )"[^"]+"', r'\1"HASH"', text))
