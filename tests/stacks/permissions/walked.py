"""The roles of a small environment's pipelines, as they are synthesized."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.settings import Settings
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant, read_grants, write_grants
from stacks.permissions.names import merged_across_regions, merged_in_region
from stacks.permissions.permissions import Permissions
from stacks.rollout import scope
from stacks.stack_context import stack_context
from tests.stacks.permissions.examples import ACCOUNT, calls_for
from tests.support.iam import Call, Role, Statement, document, roles
from tests.support.pipeline import PIPELINE
from tests.support.settings import JUST_IN_TIME, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

HERE, OTHER, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
SETTINGS = settings(regions=[HERE, OTHER, NORTH], pipeline=PIPELINE)
WITH_DATA = settings(
    regions=[HERE, OTHER, NORTH], pipeline=PIPELINE, data={"provisioning": JUST_IN_TIME}
)


def stacks_of(platform: Settings) -> dict[str, Template]:
    with TemporaryDirectory() as folder:
        return Synthesis(Path(folder))(platform)


@cache
def stacks() -> dict[str, Template]:
    return stacks_of(SETTINGS)


@cache
def stacks_with_data() -> dict[str, Template]:
    return stacks_of(WITH_DATA)


def with_arns(stack: Template, region: str) -> Template:
    """Return a pipeline's stack with ARNs as long as AWS's in the place of references."""
    bucket = stack.resources("aws_s3_bucket")["artifacts"]["bucket"]
    topic = stack.resources("aws_sns_topic")["pipeline"]["name"]
    place = f"{region}:{ACCOUNT}"
    text = json.dumps(stack.document)
    for reference, arn in {
        "aws_s3_bucket.artifacts": f"arn:aws:s3:::{bucket}",
        "aws_kms_key.pipeline": f"arn:aws:kms:{place}:key/00000000-0000-4000-8000-000000000000",
        "aws_sns_topic.pipeline": f"arn:aws:sns:{place}:{topic}",
    }.items():
        text = text.replace(f"${{{reference}.arn}}", arn)
    return Template(stack.name, json.loads(text))


def synthesized(region: str = HERE) -> Template:
    return with_arns(stacks()[f"iot-dev-pipeline-{region}"], region)


def synthesized_with_data(region: str = HERE) -> Template:
    return with_arns(stacks_with_data()[f"iot-dev-pipeline-{region}"], region)


@cache
def walked() -> dict[str, Role]:
    return roles_of(synthesized())


@cache
def walked_with_data() -> dict[str, Role]:
    return roles_of(synthesized_with_data())


def roles_of(stack: Template) -> dict[str, Role]:
    return {name.replace("_", "-"): role for name, role in roles(stack).items()}


def function_boundary(state: Template) -> list[Statement]:
    return document(state.resources("aws_iam_policy")["function_boundary"]["policy"])


@cache
def permissions() -> Permissions:
    return permissions_of(SETTINGS, stacks())


@cache
def permissions_with_data() -> Permissions:
    return permissions_of(WITH_DATA, stacks_with_data())


def permissions_of(platform: Settings, made: dict[str, Template]) -> Permissions:
    documents = [(name, stack.document) for name, stack in made.items()]
    return Permissions(platform, stack_context(platform, platform.home_region), documents)


def calls_on(
    environment: PipelineEnvironment, name: str, *stack_kinds: str, write: bool
) -> Iterator[Call]:
    """Return what is called on the resources of a scope's stacks, of some kinds or of all."""
    kind = write_grants if write else read_grants
    is_wide = name in {"global", "pipeline"}
    regions = {"global": environment.all_regions, "pipeline": (HERE, OTHER)}.get(name, (name,))

    def grants() -> Iterator[Grant]:
        for node in environment.nodes:
            if scope(node) == name and (not stack_kinds or node.what in stack_kinds):
                joined = (merged_across_regions if is_wide else merged_in_region)(
                    environment, environment.resources[node.name]
                )
                for resource in joined:
                    yield from kind(environment, resource, regions)

    return calls_for(grants())
