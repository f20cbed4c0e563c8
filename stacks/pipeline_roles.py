"""The roles of the pipeline of one region, and the boundaries that cap them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from environments.settings import Settings
from modules.build_role import BuildRole, BuildRoleInputs
from modules.permissions_boundary import PermissionsBoundary, PermissionsBoundaryInputs
from stacks.base_stack import BaseStack
from stacks.permissions.boundary import Kind, boundaries, boundary_of
from stacks.permissions.environment import Environment
from stacks.permissions.grant import Grant
from stacks.permissions.permissions import Permissions
from stacks.permissions.policy import Statement, allow
from stacks.permissions.policy_names import PATH, POLICY_NAME_LIMIT
from stacks.permissions.roles import RoleGrants, attached_names, kept_from_pipelines
from stacks.permissions.running import Runtime, building, running, using_source
from stacks.rollout import GLOBAL, PIPELINE


@dataclass(frozen=True, kw_only=True)
class PipelineRoleInputs:
    """What the pipeline of `region` works with.

    `pipeline_name` is that of the pipeline and of its topic; its projects are named as their roles
    are.
    """

    region: str
    pipeline_name: str
    artifact_bucket_arn: str
    key_arn: str
    connection_arn: str
    topic_arn: str


class PipelineRoles:
    """One role for the pipeline, one for each project: no permission that its part does not need.

    `roles` has them by what they are for: `pipeline`, `synth`, `plan`, `verify`,
    `apply-{scope}`. Their policies are empty until `grant` is called, for they follow from the
    resources of all stacks, this one included.
    """

    def __init__(self, stack: BaseStack, inputs: PipelineRoleInputs) -> None:
        self._stack, self._inputs = stack, inputs
        self._environment = Environment(stack.settings, stack.context)
        purposes = (PIPELINE, *builds(stack.settings))
        kinds = dict.fromkeys(boundary_of(self._environment, what) for what in purposes)
        self._boundaries = {kind: self._boundary(kind) for kind in kinds}
        self.roles = {what: self._role(what) for what in purposes}

    def grant(self, permissions: Permissions) -> None:
        """Write policies and boundaries; raises InputError for more than IAM takes."""
        runtime, with_arns = self._runtime(), self._with_arns()
        capped: dict[str, list[Grant]] = {}
        for what, role in self.roles.items():
            granted = permissions.grants.get(what, RoleGrants())
            inline = allow([*self._running(what, runtime), *granted.inline])
            attached = {name: allow(each) for name, each in granted.attached.items()}
            role.grant([*inline, *denied(self._environment, what)], attached, self._resolved())
            capped[what] = [*self._running(what, with_arns), *granted.all()]
        for kind, statements in boundaries(self._environment, capped).items():
            self._boundaries[kind].write(statements)

    def _running(self, what: str, runtime: Runtime) -> Iterator[Grant]:
        if what == PIPELINE:
            projects = (
                self._environment.role_name(each, self._inputs.region)
                for each in builds(self._stack.settings)
            )
            yield from running(self._environment, runtime, projects)
            return
        yield from building(self._environment, runtime, what)
        if what == "synth":
            yield from using_source(runtime)

    def _boundary(self, kind: Kind) -> PermissionsBoundary:
        # They are known by the beginning of their names, in whatever region (`boundary_arn`).
        what = "pipeline-boundary" if kind == PIPELINE else f"pipeline-boundary-{kind}"
        region = self._inputs.region
        inputs = PermissionsBoundaryInputs(
            provider=self._stack.provider(region),
            name=self._environment.context.name(f"{what}-{region}", POLICY_NAME_LIMIT),
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
        boundary = self._boundaries[boundary_of(self._environment, what)]
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

    def _runtime(self) -> Runtime:
        inputs = self._inputs
        return Runtime(
            region=inputs.region,
            artifact_bucket_arn=inputs.artifact_bucket_arn,
            key_arn=inputs.key_arn,
            connection_arn=inputs.connection_arn,
            topic_arn=inputs.topic_arn,
        )

    def _with_arns(self) -> Runtime:
        """Return what the references stand for; a key's id is 36 characters."""
        region = self._inputs.region
        place = f"{region}:{self._environment.account_id}"
        return Runtime(
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


def builds(settings: Settings) -> tuple[str, ...]:
    """Name what is built: `synth`, `plan`, `verify`, and `apply-{scope}` for a wave's scope."""
    scopes = (GLOBAL, PIPELINE, *settings.regions, *settings.leaving_regions)
    return ("synth", "plan", "verify", *(f"apply-{scope}" for scope in scopes))


def denied(environment: Environment, what: str) -> list[Statement]:
    """Return what the role that changes pipelines must not do: it could make itself stronger."""
    return kept_from_pipelines(environment) if what == f"apply-{PIPELINE}" else []
