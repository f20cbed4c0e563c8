"""`iot-dr destroy` of environments whose remaining stacks depend on destroyed ones."""

import json
import shutil
from pathlib import Path

import pytest

from environments.loader import load, names
from iot_dr.delivery.deploy.deployment import KEPT_BY_DESTROY
from iot_dr.terraform.sandbox.states import states_in
from stacks.platform_graph import platform_graph
from tests.support.project import Project
from tests.support.settings import FLEET, REGIONS


def full(project: Project, environment: str) -> set[str]:
    """Return the stacks of an environment that have resources in the project's sandbox."""
    states = states_in(project.folder / ".sandbox" / environment)
    return {Path(state.key).stem for state in states if state.resources}


@pytest.mark.exhaustive
@pytest.mark.usefixtures("lent")
def test_a_remaining_pipeline_does_not_keep_its_dependencies(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "pipeline")
    nodes = platform_graph(project.settings).nodes
    standing = {node.name for node in nodes if node.what in KEPT_BY_DESTROY}
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


def five_regions(project: Project) -> None:
    """Set all regions and blocks in `dev`, which has `data` and `pipeline` already."""
    file = "environments/dev.yaml"
    project.edit(file, "[eu-west-1, eu-central-1]", json.dumps(REGIONS))
    project.edit(file, "data: {", f"data: {{ provisioning: {json.dumps(FLEET)},")


@pytest.mark.exhaustive
@pytest.mark.parametrize("environment", [*names(), "five regions with all blocks"])
def test_an_environment_matches_its_deployment_and_can_be_deployed_again_after_a_destroy(
    environment: str, tmp_path: Path
) -> None:
    if environment in names():
        project = Project.copy(tmp_path / "project")
    else:
        project, environment = Project.copy(tmp_path / "project", "data", "pipeline"), "dev"
        five_regions(project)
    settings = load(environment, {}, project.folder / "environments")
    nodes = platform_graph(settings).nodes
    every = {node.name for node in nodes}
    command = f"--env {environment} --provider standin"
    unchanged = f"\n{len(nodes)} stacks: nothing to do, in "

    def assert_deployed() -> None:
        """Check that everything exists, and that a plan after AWS's late answers is empty."""
        assert full(project, environment) == every
        assert unchanged in project.run(f"iot-dr sandbox up --env {environment}")

    project.run(f"iot-dr deploy {command}")
    assert_deployed()
    assert unchanged in project.run(f"iot-dr deploy {command}")
    project.run(f"iot-dr destroy {command} --confirm {environment}")
    assert full(project, environment) == {
        node.name for node in nodes if node.what in KEPT_BY_DESTROY
    }
    project.run(f"iot-dr deploy {command}")
    assert_deployed()
