"""`iot-dr validate` as a user runs it."""

import json

from tests.support.command import iot_dr


def test_every_stack_of_every_environment_is_valid() -> None:
    done = iot_dr("validate", "--json")
    assert done.returncode == 0, done.stderr
    stacks = json.loads(done.stdout)
    assert len(stacks) == 16
    assert all(stack["valid"] and not stack["diagnostics"] for stack in stacks)


def test_progress_and_a_verdict_are_told() -> None:
    done = iot_dr("validate", "--env", "dev")
    assert done.returncode == 0
    assert "iot-dev-state: valid" in done.stderr.splitlines()
    assert done.stdout.startswith("5 stacks are valid, in ")
