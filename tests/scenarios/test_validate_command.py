"""`iot-dr validate` as a user runs it."""

import json
import re

from environments.selection import load_all
from stacks.platform_graph import platform_graph
from tests.support.command import iot_dr


def test_every_stack_of_every_environment_is_valid() -> None:
    done = iot_dr("validate", "--json")
    assert done.returncode == 0, done.stderr
    stacks = json.loads(done.stdout)
    graphs = [platform_graph(settings) for settings in load_all("all", {})]
    assert {stack["name"] for stack in stacks} == {n.name for g in graphs for n in g.nodes}
    assert all(stack["valid"] and not stack["diagnostics"] for stack in stacks)


def test_progress_and_a_verdict_are_told() -> None:
    done = iot_dr("validate", "--env", "dev")
    assert done.returncode == 0
    assert "iot-dev-state: valid" in done.stderr.splitlines()
    assert re.match(r"\d+ stacks are valid, in ", done.stdout)
