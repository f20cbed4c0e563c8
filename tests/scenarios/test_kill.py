"""A runner that is killed at any time leaves readable states for the next run."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.states import states_in
from tests.scenarios import killed_run
from tests.support.processes import marked

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0


def start(folder: Path, content: str) -> subprocess.Popen[bytes]:
    """Start a run, and wait until its applies begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", killed_run.__spec__.name, str(folder), content],  # pyrefly: ignore[unknown-attribute-access] - a ModuleSpec
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"began\n"
    return process


def wait_until_alone(folder: Path) -> None:
    """Wait until every process that a run in the folder started has ended.

    A worker retries for some seconds before it gives up the sandbox, which died with the runner.
    """
    end = time.monotonic() + DEADLINE
    while left := marked("TMPDIR", str(folder)):
        assert time.monotonic() < end, left
        for pid, command in left.items():
            if "worker.py" in command:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.exhaustive)])
def test_after_kill_9_states_are_readable_locks_releasable_and_a_run_succeeds(
    tmp_path: Path, kills: int
) -> None:
    with start(tmp_path, "whole") as whole:
        started = time.monotonic()
        assert whole.wait(DEADLINE) == 0
    duration = time.monotonic() - started
    moments = random.Random(1)  # noqa: S311 - moments to kill at are not secret
    sandbox = tmp_path / "sandbox"
    for number in range(kills):
        # One kill in each equal part of the run, so that every phase is tested.
        moment = (number + moments.random()) / kills * duration
        with start(tmp_path, f"kill-{number}") as run:
            time.sleep(moment)
            run.send_signal(signal.SIGKILL)
        wait_until_alone(tmp_path)
        states = states_in(sandbox)
        assert len(states) == len(killed_run.NODES)
        assert all(state.serial is not None for state in states), (number, moment)
        for lock in locks_in(sandbox):
            assert lock.holder, (number, moment)
            release(sandbox, lock)
        assert locks_in(sandbox) == []
    with start(tmp_path, "last") as last:
        assert last.wait(DEADLINE) == 0
    assert {state.resources for state in states_in(sandbox)} == {5}
