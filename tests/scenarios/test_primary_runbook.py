"""The runbook that changes the primary, as an operator follows it."""

from pathlib import Path

import pytest

from environments.loader import load
from stacks.platform_graph import platform_graph
from tests.scenarios.support.observed import observed
from tests.support.applied_world import applied_world
from tests.support.project import Project
from tests.support.runbook import Walk
from tests.support.sandbox_run import apply_once, changes, sandbox_run

pytestmark = pytest.mark.usefixtures("lent")

WEST, CENTRAL = "eu-west-1", "eu-central-1"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.copy(tmp_path / "project")


def leading(primary: str, secondary: str) -> dict[str, str]:
    name = load("dev", {}).regional_name
    return {"PRIMARY": name(primary), "SECONDARY": name(secondary)}


@pytest.mark.exhaustive
@pytest.mark.runbook("primary.md", "Preview", "Change it", "Rollback")
def test_the_runbook_changes_the_primary_and_changes_it_back(
    walk: Walk, project: Project, tmp_path: Path
) -> None:
    apply_once(project.sandbox, **project.settings.model_dump())
    assert project.leads() == leading(WEST, CENTRAL)

    walk.step(project.run, f"PRIMARY_REGION={CENTRAL} iot-dr review")
    project.edit(
        "environments/dev.yaml", f"\nprimary_region: {WEST}", f"\nprimary_region: {CENTRAL}"
    )
    walk.step(project.here, "iot-dr plan")
    project.cdktf(walk.next("ENV=dev node_modules/.bin/cdktf deploy").text)
    assert project.leads() == leading(CENTRAL, WEST)
    with sandbox_run(project.sandbox, tmp_path, **project.settings.model_dump()) as run:
        again = run.plan()
    assert {name: changes(each) for name, each in again.items()} == dict.fromkeys(
        (node.name for node in platform_graph(project.settings).nodes), ()
    )

    project.commit()
    walk.step(project.run, f"PRIMARY_REGION={WEST} iot-dr review")
    project.edit(
        "environments/dev.yaml", f"\nprimary_region: {CENTRAL}", f"\nprimary_region: {WEST}"
    )
    deployed = project.here(walk.next("iot-dr deploy").text)
    assert (
        "iot-dev-entry-point (eu-west-1, global): 8 to create, 2 to update, 8 to destroy"
        in deployed
    )
    assert project.leads() == leading(WEST, CENTRAL)


@pytest.mark.exhaustive
@pytest.mark.runbook("primary.md", "Verify")
def test_the_runbook_s_status_shows_the_new_primary(walk: Walk, tmp_path: Path) -> None:
    settings = load("dev", {"PRIMARY_REGION": CENTRAL})
    with applied_world(settings, tmp_path) as made, observed(*made, tmp_path) as then:
        walk.step(then.run, "iot-dr status")
