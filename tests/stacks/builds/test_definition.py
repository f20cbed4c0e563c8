"""The buildspecs and the definition of the pipeline: both name the same things."""

import json
import re
from typing import Any

import pytest

from environments.loader import load
from environments.selection import load_all
from iot_dr.delivery.pipeline.activation import pipeline_name
from stacks.pipeline_stack import BUILDS, buildspec
from tests.stacks.builds.codebuild import Buildspec
from tests.support.synthesis import Synthesis
from tests.support.template import Template

ROLLED_OUT = [each.environment for each in load_all("all", {}) if each.pipeline]
# What CodeBuild sets: docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
GIVEN = {"AWS_REGION", "CODEBUILD_BUILD_URL"}


def pipelines(synthesis: Synthesis, environment: str) -> dict[str, Template]:
    """Return the stacks of an environment's pipelines by region."""
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
    """Return the variables in capitals that a buildspec reads and does not make."""
    return set(re.findall(r"\$([A-Z][A-Z_0-9]+)", spec))


def run_by(project: dict[str, Any]) -> str:
    """Return the buildspec of a project, as Terraform hands it on."""
    text: str = project["source"]["buildspec"]
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", text)
    return text.replace("$${", "${").replace("%%{", "%{")


@pytest.mark.parametrize("environment", ROLLED_OUT)
def test_each_project_holds_the_buildspec_of_its_verb_and_each_buildspec_is_run(
    synthesis: Synthesis, environment: str
) -> None:
    for stack in pipelines(synthesis, environment).values():
        projects = stack.resources("aws_codebuild_project")
        verbs = {id_: id_.partition("_")[0] for id_ in projects}
        for id_, project in projects.items():
            assert run_by(project) == buildspec(verbs[id_])
        assert set(verbs.values()) == {file.stem for file in BUILDS.glob("*.yml")}


def test_what_a_buildspec_reads_its_project_or_its_action_says(synthesis: Synthesis) -> None:
    for stack in pipelines(synthesis, "staging").values():
        projects = stack.resources("aws_codebuild_project")
        for action in actions(stack):
            result = action["configuration"]
            if action["provider"] != "CodeBuild":
                continue
            project = projects[result["ProjectName"].split(".")[1]]
            said = {each["name"] for each in project["environment"]["environment_variable"]}
            said |= {each["name"] for each in json.loads(result.get("EnvironmentVariables", "[]"))}
            assert {"ENV", "PROVIDER"} <= said
            spec = run_by(project)
            made = set(Buildspec.parse(spec).exported)
            assert words(spec) <= said | GIVEN | made, spec


@pytest.mark.parametrize(("verb", "namespace"), [("plan", r"Wave\d+"), ("synth", "Synth")])
def test_what_the_stages_ask_of_a_build_it_exports(
    synthesis: Synthesis, verb: str, namespace: str
) -> None:
    exported = set(Buildspec.parse(buildspec(verb)).exported)
    for stack in pipelines(synthesis, "staging").values():
        asked = set(re.findall(rf"#\{{{namespace}\.(\w+)\}}", json.dumps(stack.document)))
        assert asked == exported


@pytest.mark.parametrize("environment", ROLLED_OUT)
def test_activate_starts_the_pipeline_by_its_name(synthesis: Synthesis, environment: str) -> None:
    chosen = load(environment, {})
    for region, stack in pipelines(synthesis, environment).items():
        (pipeline,) = stack.resources("aws_codepipeline").values()
        assert pipeline["name"] == pipeline_name(chosen, region)
