"""`iot-dr destroy` of environments whose standing stacks depend on what goes."""

import shutil
from pathlib import Path

import pytest

from environments.loader import load, names
from iot_dr.deploy.deployment import STANDING
from iot_dr.terraform.sandbox.states import states_in
from stacks.platform_graph import platform_graph
from tests.support.project import Project


def full(project: Project, environment: str) -> set[str]:
    """Name the stacks of an environment that hold resources in the project's sandbox."""
    states = states_in(project.folder / ".sandbox" / environment)
    return {Path(state.key).stem for state in states if state.resources}


@pytest.mark.exhaustive
@pytest.mark.usefixtures("lent")
def test_a_pipeline_that_stays_does_not_keep_what_it_depends_on(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "pipeline")
    nodes = platform_graph(project.settings).nodes
    standing = {node.name for node in nodes if node.what in STANDING}
    kept = [node for node in nodes if node.what == "pipeline"]
    assert {name for node in kept for name in node.earlier} - standing
    project.here("iot-dr sandbox up --env dev")
    shutil.copy(Path(__file__).parents[2] / "Makefile", project.folder)
    options = "-o .venv/.app-installed -o node_modules/.cdktf-installed"
    refused = project.try_(f"make destroy ENV=dev CONFIRM=prod {options}")
    assert refused.returncode != 0
    assert full(project, "dev") == {node.name for node in nodes}
    project.run(f"make destroy ENV=dev CONFIRM=dev {options}")
    assert full(project, "dev") == standing


@pytest.mark.exhaustive
@pytest.mark.parametrize("environment", names())
def test_a_shipped_environment_is_deployed_destroyed_and_deployed_again(
    environment: str, tmp_path: Path
) -> None:
    project = Project.copy(tmp_path / "project")
    nodes = platform_graph(load(environment, {})).nodes
    every = {node.name for node in nodes}
    command = f"--env {environment} --provider standin"
    project.run(f"iot-dr deploy {command}")
    assert full(project, environment) == every
    project.run(f"iot-dr destroy {command} --confirm {environment}")
    assert full(project, environment) == {node.name for node in nodes if node.what in STANDING}
    project.run(f"iot-dr deploy {command}")
    assert full(project, environment) == every
    assert "nothing to do" in project.run(f"iot-dr sandbox up {command.partition(' --p')[0]}")
