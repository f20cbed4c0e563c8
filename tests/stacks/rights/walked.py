"""The roles of a small environment's pipeline, as they are synthesized."""

from dataclasses import replace
from functools import cache

import cdktf

from environments.settings import Settings
from modules.context import Context
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.pipeline_estate import pipeline_estate
from stacks.pipeline_roles import PipelineRoleInputs, PipelineRoles
from stacks.platform_graph import platform_graph
from stacks.rights.estate import Estate
from tests.stacks.rights.examples import ACCOUNT
from tests.support.iam import Role, roles
from tests.support.pipeline import PIPELINE
from tests.support.settings import JUST_IN_TIME, settings
from tests.support.synthesis import template
from tests.support.template import Template

HERE, OTHER, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
SETTINGS = settings(regions=[HERE, OTHER, NORTH], pipeline=PIPELINE)
WITH_DATA = settings(
    regions=[HERE, OTHER, NORTH], pipeline=PIPELINE, data={"provisioning": JUST_IN_TIME}
)


def stack_of(platform: Settings, region: str = HERE, **inputs: str) -> Template:
    app: cdktf.App = cdktf.Testing.app()
    node = node_of(platform, region)
    stack = BaseStack(app, node, platform, [region])
    usual = PipelineRoleInputs(
        region=region,
        pipeline_name=f"example-dev-pipeline-{region}",
        artifact_bucket_arn=f"arn:aws:s3:::example-iot-dev-{region}-pipeline",
        key_arn=f"arn:aws:kms:{region}:{ACCOUNT}:key/artifacts",
        connection_arn=PIPELINE["connections"][region],
        topic_arn=f"arn:aws:sns:{region}:{ACCOUNT}:example-dev-pipeline-{region}",
    )
    PipelineRoles(stack, replace(usual, **inputs))
    return template(stack)


def node_of(platform: Settings, region: str) -> StackNode:
    return next(
        node
        for node in platform_graph(platform).nodes
        if node.what == "pipeline" and node.region == region
    )


@cache
def synthesized() -> Template:
    return stack_of(SETTINGS)


@cache
def synthesized_with_data() -> Template:
    return stack_of(WITH_DATA)


@cache
def walked() -> dict[str, Role]:
    return roles_of(synthesized())


@cache
def walked_with_data() -> dict[str, Role]:
    return roles_of(synthesized_with_data())


def roles_of(stack: Template) -> dict[str, Role]:
    return {name.replace("_", "-"): role for name, role in roles(stack).items()}


@cache
def own() -> Estate:
    return estate_of(SETTINGS)


@cache
def own_with_data() -> Estate:
    return estate_of(WITH_DATA)


def estate_of(platform: Settings) -> Estate:
    context = Context(project="example", environment="dev", region=HERE, extra_tags={})
    return pipeline_estate(platform, context)
