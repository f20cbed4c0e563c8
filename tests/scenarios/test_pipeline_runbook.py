"""The runbook of the pipeline, and of its region's removal, with the pages' own commands."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from iot_dr.delivery.pipeline.activation import pipeline_name
from tests.scenarios.support.aws_command import asked
from tests.support.git import IDENTITY
from tests.support.pipeline import standby_region
from tests.support.project import Project
from tests.support.runbook import Walk, unmeasured

pytestmark = pytest.mark.usefixtures("lent")

WEST, CENTRAL = "eu-west-1", "eu-central-1"
ASKING_AWS = tuple(
    f"iot-dr {each}" for each in ("state init", "deploy", "plan", "apply", "pipeline verify")
)


def pushed(folder: Path) -> Project:
    """Copy the project, with a repository `origin` whose only branch is `main`."""
    project = Project.copy(folder / "project", "pipeline")
    project.edit("environments/staging.yaml", "promoted_from: null", "promoted_from: dev")
    project.commit()
    project.run(f"git init --quiet --bare {folder / 'origin'}")
    project.run(f"git remote add origin {folder / 'origin'}")
    project.run("git push --quiet origin HEAD:refs/heads/main")
    return project


def runner(project: Project) -> Callable[[str], str]:
    """Run a line of the page, with the stand-in instead of the real provider.

    A line of the AWS CLI is validated against AWS's model instead.
    """

    def run(line: str) -> str:
        if not line.startswith("aws "):
            here = line.replace(" --provider aws", "")
            assert (here != line) == line.startswith(ASKING_AWS), line
            is_here = here.startswith("iot-dr ") and not here.startswith("iot-dr pipeline ")
            return project.here(here) if is_here else project.run(here, **IDENTITY)
        service, _, options = asked(line)
        region = options["region"]
        if service == "codepipeline":
            name = options.get("name") or options["pipeline-name"]
            assert name == pipeline_name(project.settings, region)
        if service == "sns":
            assert options["topic-arn"].split(":")[3] == region
            assert options["topic-arn"].endswith(f":{pipeline_name(project.settings, region)}")
        return ""

    return run


@pytest.mark.exhaustive
@pytest.mark.runbook(
    "pipeline.md",
    "First setup",
    "Operation",
    "The active pipeline's region is lost",
    "Without any pipeline",
)
@pytest.mark.runbook("remove-region.md", "A region with a pipeline")
def test_a_pipeline_is_set_up_replaced_by_its_copy_done_without_and_destroyed(
    walk: Walk, tmp_path: Path
) -> None:
    project = pushed(tmp_path)
    until(walk, project, "iot-dr graph")
    handover = f"handover_region: {CENTRAL}\n"
    log = project.run("git log -1 --format=%s --name-only origin/main").split("\n")
    assert log[0] == f"Roll dev out from {CENTRAL}"
    assert handover in project.run("git show origin/main:environments/dev.yaml")
    project.edit("environments/dev.yaml", handover, "")
    until(walk, project, "terraform destroy")
    pipeline = project.settings.pipeline
    assert pipeline
    assert (pipeline.active_region, standby_region(pipeline)) == (CENTRAL, WEST)
    assert not (project.folder / "plans").exists()
    stack = f"iot-dev-pipeline-{CENTRAL}"
    (state,) = project.sandbox.rglob(f"{stack}.tfstate")
    assert json.loads(state.read_bytes())["resources"]
    with project.terraform() as shell:
        shell.run("terraform init", stack)
        shell.step(walk, "terraform destroy", "-auto-approve")
    assert not json.loads(state.read_bytes())["resources"]


def until(walk: Walk, project: Project, begins: str) -> None:
    """Run the page's commands up to one."""
    while not walk.left[0].text.startswith(begins):
        walk.step(runner(project))


@pytest.mark.runbook("pipeline.md", "Promote")
def test_a_commit_is_promoted_by_a_push_and_one_of_a_merge_is_fixed(
    walk: Walk, tmp_path: Path
) -> None:
    project = pushed(tmp_path)
    until(walk, project, "git push origin origin/staging")
    walk.step(runner(project))
    commit_on_main(project, "next")
    until(walk, project, "iot-dr pipeline guard")
    walk.step(runner(project))
    assert tip(project, "staging") == tip(project, "main")

    commit_on_main(project, "pulled")
    project.run("git switch --quiet --detach origin/staging")
    project.run("git merge --quiet --no-ff --no-edit origin/main", **IDENTITY)
    project.run("git push --quiet origin HEAD:staging")

    def refused(line: str) -> str:
        done = project.try_(line)
        assert (done.returncode, done.stdout) == (3, "")
        return done.stderr

    def of_any_commit(text: str) -> str:
        return re.sub(r"commit [0-9a-f]{12}", "commit COMMIT", unmeasured(text))

    walk.step(refused, "iot-dr pipeline guard", of_any_commit)
    commit_on_main(project, "concurrent")
    while walk.left:
        walk.step(runner(project))
    assert tip(project, "staging") == tip(project, "main")
    project.run("git switch --quiet --detach origin/staging")
    assert "may roll out this commit" in project.run(
        f"iot-dr pipeline guard --env staging --region {WEST}"
    )


def commit_on_main(project: Project, name: str) -> None:
    """Push another person's commit to `main`."""
    project.run("git fetch --quiet && git switch --quiet --detach origin/main")
    project.run(f"git commit --quiet --allow-empty --message {name}", **IDENTITY)
    project.run("git push --quiet origin HEAD:main && git fetch --quiet")


def tip(project: Project, branch: str) -> str:
    """Return the commit at the end of a branch of `origin`."""
    return project.run(f"git ls-remote origin refs/heads/{branch}").split()[0]
