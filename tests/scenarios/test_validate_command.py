"""`iot-dr validate` as a user runs it."""

import re

import pytest

from environments.loader import load
from stacks.platform_graph import platform_graph
from tests.support.command import iot_dr, iot_dr_here
from tests.support.json_output import result_of

pytestmark = pytest.mark.usefixtures("lent")


@pytest.mark.exhaustive
def test_every_stack_of_the_largest_environment_is_valid() -> None:
    """`test_terraform_accepts_every_stack` validates the stacks of all environments."""
    done = iot_dr_here("validate", "--env", "prod", "--json")
    assert done.returncode == 0, done.stderr
    stacks = result_of(done.stdout)
    assert {stack["name"] for stack in stacks} == {
        node.name for node in platform_graph(load("prod", {})).nodes
    }
    assert all(stack["valid"] and not stack["diagnostics"] for stack in stacks)


def test_progress_and_a_verdict_are_reported() -> None:
    done = iot_dr("validate", "--env", "dev")
    assert done.returncode == 0
    assert "iot-dev-state: valid" in done.stderr.splitlines()
    assert re.match(r"\d+ stacks are valid, in ", done.stdout)
