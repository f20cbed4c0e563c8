"""A node that dies, or cannot write: one line that says so, and nothing of jsii's."""

import shlex
import subprocess
from pathlib import Path

import pytest

from environments.project import ROOT_VARIABLE
from iot_dr.bindings.node_error import NodeError
from tests.iot_dr.bindings.conftest import LOCKED_NODE, Process
from tests.support.command import ROOT
from tests.support.executable import executable

COMMANDS = (
    pytest.param(("-m", "iot_dr", "synth"), id="iot-dr"),
    pytest.param((ROOT / "main.py",), id="main.py", marks=pytest.mark.exhaustive),
)
# Kills its node at the first file that cdktf writes: many requests have come before.
KILLED_AT_WRITE = """
const fs = require("fs");
const write = fs.writeFileSync;
fs.writeFileSync = (path, ...rest) => {
  if (String(path).endsWith("cdk.tf.json")) process.kill(process.pid, "SIGKILL");
  return write(path, ...rest);
};
"""
# Keeps node's input open after its end, so that no write fails, and none of node's outputs; ends
# with Python, or after a minute.
TAKES_REQUESTS = "exec 3<&0; timeout 60 cat <&3 >/dev/null 2>&1 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"


def node(folder: Path, script: str) -> str:
    """Write a program to take for node."""
    return str(executable(folder / "node", f"#!/bin/sh\n{script}\n"))


def refused(process: Process, command: tuple[str | Path, ...], **variables: str) -> str:
    """Run a command that must end with 1 after one line, and leave the earlier output."""
    out = process.folder / "cdktf.out"
    (out / "stacks").mkdir(parents=True)
    (out / "manifest.json").write_text('{"version": "1", "stacks": {}}', encoding="utf-8")
    done = process.run(*command, **{ROOT_VARIABLE: str(ROOT)}, **variables)
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert sorted(each.name for each in out.iterdir()) == ["manifest.json", "stacks"]
    assert not list(process.folder.glob(".cdktf.out*"))
    return line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_node_that_is_killed_in_a_synthesis_is_named_with_the_signal(
    process: Process, command: tuple[str | Path, ...]
) -> None:
    preload = process.folder / "kill.cjs"
    preload.write_text(KILLED_AT_WRITE, encoding="utf-8")
    options = f"--require {shlex.quote(str(preload))}"
    line = refused(process, command, NODE_OPTIONS=options)
    assert line.startswith(f"Node.js ({LOCKED_NODE}) was killed by SIGKILL during the synthesis")
    assert line.endswith("run the command again")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 3", id="at a request"),
        pytest.param(
            f"{TAKES_REQUESTS} & exit 3", id="at its greeting", marks=pytest.mark.exhaustive
        ),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_node_that_ends_at_once_is_named_with_its_status(
    process: Process, command: tuple[str | Path, ...], script: str
) -> None:
    program = node(process.folder, script)
    line = refused(process, command, JSII_NODE=program)
    assert line.startswith(f"Node.js ({program}) ended with status 3 before the synthesis")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_node_that_cannot_start_is_named(
    process: Process, command: tuple[str | Path, ...]
) -> None:
    program = str(process.folder / "none")
    line = refused(process, command, JSII_NODE=program)
    assert line == f"[Errno 2] No such file or directory: '{program}'"


# Requests that are not waited for, the last of which find node gone.
KILLED_BEFORE_REQUESTS = """\
import iot_dr, os, signal
import jsii
from cdktf import App, TerraformStack
from constructs import Construct, Node

stack = TerraformStack(App(outdir="out"), "stack")
node = jsii.kernel.provider._process._process
Node.of(stack).path
node.kill()
node.wait()
try:
    for number in range(1000): Construct(stack, f"block-{number}-" + "x" * 500)
except ConnectionError as error:
    print(error)
"""


def test_a_node_that_is_gone_is_not_asked_for_earlier_errors_at_exit(process: Process) -> None:
    done = process.code(KILLED_BEFORE_REQUESTS)
    assert done.stdout.startswith(f"Node.js ({LOCKED_NODE}) was killed by SIGKILL")
    assert (done.returncode, done.stderr) == (0, "")


class Hanging(subprocess.Popen[bytes]):
    """A process that is not waited for as long as its caller wants to."""

    def wait(self, timeout: float | None = None) -> int:
        return super().wait(None if timeout is None else 0)


def test_a_node_that_closes_its_pipe_and_goes_on_is_named_as_one_that_hangs() -> None:
    with Hanging(["cat"], stdin=subprocess.PIPE) as process:
        try:
            assert str(NodeError.of(process)) == (
                "Node.js (cat) stopped answering; run the command again"
            )
        finally:
            process.kill()
