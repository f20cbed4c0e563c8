"""The whole JSON of every stack of the environments in this repository."""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from environments.loader import load, names
from stacks.platform_graph import platform_graph
from tests.support.synthesis import Synthesis

STACKS = [
    pytest.param(environment, node.name, id=node.name)
    for environment in names()
    for node in platform_graph(load(environment, {})).nodes
]


@pytest.mark.parametrize(("environment", "stack"), STACKS)
def test_the_stack_is_as_it_was(
    environment: str, stack: str, synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    document = synthesis(load(environment, {}))[stack].document
    assert document == snapshot.use_extension(JSONSnapshotExtension)
