"""The runbook of the pipeline, from the page's own commands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from iot_dr.pipeline.activation import pipeline_name
from tests.support.aws_command import asked
from tests.support.project import Project
from tests.support.runbook import Walk

WEST, CENTRAL = "eu-west-1", "eu-central-1"


def runner(project: Project) -> Callable[[str], str]:
    """Run a line of the page; one of the AWS CLI is held against AWS's model instead."""

    def run(line: str) -> str:
        if not line.startswith("aws "):
            return project.run(line)
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


@pytest.mark.runbook("pipeline.md")
def test_a_pipeline_begins_is_taken_over_by_its_copy_and_done_without(
    walk: Walk, tmp_path: Path
) -> None:
    project = Project.copy(tmp_path / "project", has_pipeline=True)
    while walk.left:
        walk.step(runner(project))
    pipeline = project.settings.pipeline
    assert pipeline
    assert (pipeline.active, pipeline.standing) == (CENTRAL, WEST)
    assert not (project.folder / "plans").exists()
    log = project.run("git log -1 --format=%s --name-only").split("\n")
    assert log[0] == f"Roll dev out from {CENTRAL}"
