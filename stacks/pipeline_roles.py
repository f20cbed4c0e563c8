"""The IAM roles of one region's pipeline, and their permissions boundaries."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from environments.settings import Settings
from modules.build_role import BuildRole, BuildRoleInputs
from modules.name_limits import IAM_POLICY_NAME_LIMIT
from modules.permissions_boundary import PermissionsBoundary, PermissionsBoundaryInputs
from stacks.base_stack import BaseStack
from stacks.permissions.boundary import Kind, boundaries, boundary_kind
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.permissions import Permissions
from stacks.permissions.policy import Statement, allow
from stacks.permissions.roles import RoleGrants, attached_names, pipeline_denials
from stacks.permissions.running import (
    RuntimeResources,
    build_grants,
    pipeline_grants,
    source_grants,
)
from stacks.policy_names import PATH
from stacks.rollout import GLOBAL, PIPELINE


@dataclass(frozen=True, kw_only=True)
class PipelineRoleInputs:
    """The resources that the pipeline of `region` uses.

    `pipeline_name` is also the topic's name; projects have the names of their roles.
    """

    region: str
    pipeline_name: str
    artifact_bucket_arn: str
    key_arn: str
    connection_arn: str
    topic_arn: str


class PipelineRoles:
    """A role for the pipeline and one for each project, each with only the permissions it needs.

    `roles` are keyed by purpose: `pipeline`, `synth`, `plan`, `verify`, `apply-{scope}`. Their
    policies are empty until `grant` is called, since they are computed from the resources of all
    stacks.
    """

    def __init__(self, stack: BaseStack, inputs: PipelineRoleInputs) -> None:
        self._stack, self._inputs = stack, inputs
        self._environment = PipelineEnvironment(stack.settings, stack.context)
        purposes = (PIPELINE, *project_names(stack.settings))
        kinds = dict.fromkeys(boundary_kind(self._environment, what) for what in purposes)
        self._boundaries = {kind: self._boundary(kind) for kind in kinds}
        self.roles = {what: self._role(what) for what in purposes}

    def grant(self, permissions: Permissions) -> None:
        """Set the policies and boundaries; raises InputError if one exceeds IAM's quota."""
        runtime, with_arns = self._runtime(), self._with_arns()
        capped: dict[str, list[Grant]] = {}
        for what, role in self.roles.items():
            granted = permissions.grants.get(what, RoleGrants())
            inline = allow([*self._running(what, runtime), *granted.inline])
            attached = {name: allow(grants) for name, grants in granted.attached.items()}
            role.grant(
                [*inline, *role_denials(self._environment, what)], attached, self._resolved()
            )
            capped[what] = [*self._running(what, with_arns), *granted.all()]
        for kind, statements in boundaries(self._environment, capped).items():
            self._boundaries[kind].write(statements)

    def _running(self, what: str, runtime: RuntimeResources) -> Iterator[Grant]:
        if what == PIPELINE:
            projects = (
                self._environment.role_name(project, self._inputs.region)
                for project in project_names(self._stack.settings)
            )
            yield from pipeline_grants(self._environment, runtime, projects)
            return
        yield from build_grants(self._environment, runtime, what)
        if what == "synth":
            yield from source_grants(runtime)

    def _boundary(self, kind: Kind) -> PermissionsBoundary:
        # The names have a common prefix in all regions: see `boundary_arn`.
        what = "pipeline-boundary" if kind == PIPELINE else f"pipeline-boundary-{kind}"
        region = self._inputs.region
        inputs = PermissionsBoundaryInputs(
            provider=self._stack.provider(region),
            name=self._environment.context.name(f"{what}-{region}", IAM_POLICY_NAME_LIMIT),
            path=PATH,
            slot=what.replace("-", "_"),
            description="What a pipeline can do at the most",
        )
        return PermissionsBoundary(self._stack, what, inputs)

    def _role(self, what: str) -> BuildRole:
        region, account = self._inputs.region, self._environment.account_id
        place, name = f"{region}:{account}", self._environment.role_name(what, region)
        is_build = what != PIPELINE
        source = (
            f"arn:aws:codebuild:{place}:project/{name}"
            if is_build
            else f"arn:aws:codepipeline:{place}:{self._inputs.pipeline_name}"
        )
        boundary = self._boundaries[boundary_kind(self._environment, what)]
        inputs = BuildRoleInputs(
            provider=self._stack.provider(region),
            name=name,
            path=PATH,
            slot=what.replace("-", "_"),
            description=f"{what} of {self._environment.context.environment}",
            service="codebuild" if is_build else "codepipeline",
            account_id=account,
            source_arn=source,
            boundary_arn=boundary.outputs.arn,
            attached=tuple(attached_names(self._environment, what)),
        )
        return BuildRole(self._stack, f"role_{what}", inputs)

    def _runtime(self) -> RuntimeResources:
        inputs = self._inputs
        return RuntimeResources(
            region=inputs.region,
            artifact_bucket_arn=inputs.artifact_bucket_arn,
            key_arn=inputs.key_arn,
            connection_arn=inputs.connection_arn,
            topic_arn=inputs.topic_arn,
        )

    def _with_arns(self) -> RuntimeResources:
        """Return ARNs as long as those of the references; a key id has 36 characters."""
        region = self._inputs.region
        place = f"{region}:{self._environment.account_id}"
        return RuntimeResources(
            region=region,
            artifact_bucket_arn=f"arn:aws:s3:::{self._environment.artifact_bucket(region)}",
            key_arn=f"arn:aws:kms:{place}:key/{UUID(int=0)}",
            connection_arn=self._inputs.connection_arn,
            topic_arn=f"arn:aws:sns:{place}:{self._inputs.pipeline_name}",
        )

    def _resolved(self) -> dict[str, str]:
        reference, arn = self._runtime(), self._with_arns()
        return {
            reference.artifact_bucket_arn: arn.artifact_bucket_arn,
            reference.key_arn: arn.key_arn,
            reference.topic_arn: arn.topic_arn,
        }


def project_names(settings: Settings) -> tuple[str, ...]:
    """Return the CodeBuild projects: `synth`, `plan`, `verify`, `apply-{scope}` per scope."""
    scopes = (GLOBAL, PIPELINE, *settings.regions, *settings.leaving_regions)
    return ("synth", "plan", "verify", *(f"apply-{scope}" for scope in scopes))


def role_denials(environment: PipelineEnvironment, what: str) -> list[Statement]:
    """Return the denials of the role that applies pipelines, which could extend its permissions."""
    return pipeline_denials(environment) if what == f"apply-{PIPELINE}" else []
