"""The buildspecs beside the definition of the pipeline: both name the same things."""

import json
import re
from typing import Any

import pytest

from environments.loader import load, names
from iot_dr.pipeline.activation import pipeline_name
from tests.buildspecs.execution import BUILDSPECS
from tests.support.codebuild import Buildspec
from tests.support.synthesis import Synthesis
from tests.support.template import Template

# What CodeBuild sets: docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
GIVEN = {"AWS_REGION", "CODEBUILD_BUILD_URL"}


def pipelines(synthesis: Synthesis, environment: str) -> dict[str, Template]:
    """Give the stacks of an environment's pipelines by region."""
    chosen = load(environment, {})
    pipeline = chosen.pipeline
    assert pipeline
    stacks = synthesis(chosen)
    return {
        region: stacks[f"iot-{environment}-pipeline-{region}"] for region in pipeline.connections
    }


def actions(stack: Template) -> list[dict[str, Any]]:
    (pipeline,) = stack.resources("aws_codepipeline").values()
    return [action for stage in pipeline["stage"] for action in stage["action"]]


def words(spec: str) -> set[str]:
    """Give the variables in capitals that a buildspec reads and does not make."""
    text = (BUILDSPECS / spec).read_text(encoding="utf-8")
    return set(re.findall(r"\$([A-Z][A-Z_]+)", text))


@pytest.mark.parametrize("environment", names())
def test_each_project_runs_a_buildspec_that_is_there_and_each_buildspec_is_run(
    synthesis: Synthesis, environment: str
) -> None:
    for stack in pipelines(synthesis, environment).values():
        projects = stack.resources("aws_codebuild_project").values()
        run = {project["source"]["buildspec"] for project in projects}
        assert run == {f"buildspecs/{file.name}" for file in BUILDSPECS.iterdir()}


def test_what_a_buildspec_reads_its_project_or_its_action_says(synthesis: Synthesis) -> None:
    for stack in pipelines(synthesis, "dev").values():
        projects = stack.resources("aws_codebuild_project")
        for action in actions(stack):
            told = action["configuration"]
            if action["provider"] != "CodeBuild":
                continue
            project = projects[told["ProjectName"].split(".")[1]]
            said = {each["name"] for each in project["environment"]["environment_variable"]}
            said |= {each["name"] for each in json.loads(told.get("EnvironmentVariables", "[]"))}
            assert {"ENV", "PROVIDER"} <= said
            spec = project["source"]["buildspec"].removeprefix("buildspecs/")
            assert words(spec) <= said | GIVEN, spec


def test_what_the_stages_ask_of_a_plan_it_exports(synthesis: Synthesis) -> None:
    exported = set(Buildspec.read(BUILDSPECS / "plan.yml").exported)
    for stack in pipelines(synthesis, "dev").values():
        asked = set(re.findall(r"#\{Wave\d+\.(\w+)\}", json.dumps(stack.document)))
        assert asked == exported


@pytest.mark.parametrize("environment", names())
def test_activate_starts_the_pipeline_by_its_name(synthesis: Synthesis, environment: str) -> None:
    chosen = load(environment, {})
    for region, stack in pipelines(synthesis, environment).items():
        (pipeline,) = stack.resources("aws_codepipeline").values()
        assert pipeline["name"] == pipeline_name(chosen, region)
