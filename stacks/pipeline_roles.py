"""The roles of the pipeline of one region, and the boundary that caps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from environments.settings import Settings
from modules.build_role import BuildRole, BuildRoleInputs, BuildRoleOutputs
from modules.permissions_boundary import PermissionsBoundary, PermissionsBoundaryInputs
from stacks.base_stack import BaseStack
from stacks.pipeline_estate import pipeline_estate
from stacks.rights.boundaries import Kind, boundaries, boundary_of
from stacks.rights.estate import PATH, POLICY_NAME_LIMIT, Estate
from stacks.rights.means import Means, building, running, using_source
from stacks.rights.policy import Statement, allow
from stacks.rights.scopes import (
    apply_global,
    apply_pipeline,
    apply_region,
    attached,
    kept_from_pipelines,
    plan,
    verify,
)
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
    """One role for the pipeline, one for each project: no more rights than each one's part needs.

    `roles` has them by what they are for: `pipeline`, `synth`, `plan`, `verify`,
    `apply-{scope}`.
    """

    def __init__(self, stack: BaseStack, inputs: PipelineRoleInputs) -> None:
        self._stack, self._inputs = stack, inputs
        self._estate = pipeline_estate(stack.settings, stack.context)
        self._means = Means(
            region=inputs.region,
            artifact_bucket_arn=inputs.artifact_bucket_arn,
            key_arn=inputs.key_arn,
            connection_arn=inputs.connection_arn,
            topic_arn=inputs.topic_arn,
        )
        self._boundaries = {
            kind: self._boundary(kind, statements)
            for kind, statements in boundaries(self._estate).items()
        }
        self.roles: Mapping[str, BuildRoleOutputs] = {
            what: self._role(what, statements) for what, statements in self._statements().items()
        }

    def _statements(self) -> dict[str, list[Statement]]:
        own, means = self._estate, self._means
        projects = [
            own.role_name(what, self._inputs.region) for what in builds(self._stack.settings)
        ]
        return {
            "pipeline": allow(running(own, means, projects)),
            **{what: statements_of(own, means, what) for what in builds(self._stack.settings)},
        }

    def _boundary(self, kind: Kind, statements: Sequence[Statement]) -> str:
        # They are known by the beginning of their names, wherever they stand (`boundary_arn`).
        what = "pipeline-boundary" if kind == PIPELINE else f"pipeline-boundary-{kind}"
        region = self._inputs.region
        inputs = PermissionsBoundaryInputs(
            provider=self._stack.provider(region),
            name=self._estate.context.name(f"{what}-{region}", POLICY_NAME_LIMIT),
            path=PATH,
            slot=what.replace("-", "_"),
            description="What a pipeline can do at the most",
            statements=statements,
        )
        return PermissionsBoundary(self._stack, what, inputs).outputs.arn

    def _role(self, what: str, statements: Sequence[Statement]) -> BuildRoleOutputs:
        region, account = self._inputs.region, self._estate.account_id
        place, name = f"{region}:{account}", self._estate.role_name(what, region)
        is_build = what != PIPELINE
        source = (
            f"arn:aws:codebuild:{place}:project/{name}"
            if is_build
            else f"arn:aws:codepipeline:{place}:{self._inputs.pipeline_name}"
        )
        inputs = BuildRoleInputs(
            provider=self._stack.provider(region),
            name=name,
            path=PATH,
            slot=what.replace("-", "_"),
            description=f"{what} of {self._estate.context.environment}",
            service="codebuild" if is_build else "codepipeline",
            account_id=account,
            source_arn=source,
            statements=statements,
            boundary_arn=self._boundaries[boundary_of(self._estate, what)],
            attached=attached_statements(self._estate, what),
            resolved=self._resolved(),
        )
        return BuildRole(self._stack, f"role_{what}", inputs).outputs

    def _resolved(self) -> dict[str, str]:
        """Return what the references in statements stand for; a key's id is 36 characters."""
        inputs = self._inputs
        place = f"{inputs.region}:{self._estate.account_id}"
        return {
            inputs.artifact_bucket_arn: f"arn:aws:s3:::{self._estate.pipelines[inputs.region]}",
            inputs.key_arn: f"arn:aws:kms:{place}:key/{UUID(int=0)}",
            inputs.topic_arn: f"arn:aws:sns:{place}:{inputs.pipeline_name}",
        }


def builds(settings: Settings) -> tuple[str, ...]:
    """Name what is built: `synth`, `plan`, `verify`, and `apply-{scope}` for a wave's scope."""
    scopes = (GLOBAL, PIPELINE, *settings.regions, *settings.leaving)
    return ("synth", "plan", "verify", *(f"apply-{scope}" for scope in scopes))


def statements_of(own: Estate, means: Means, what: str) -> list[Statement]:
    """Write what the role of a project may do; raises KeyError for a scope that no wave has."""
    grants = list(building(own, means, what))
    _, _, scope = what.partition("-")
    if what == "synth":
        return allow([*grants, *using_source(means)])
    if what == "plan":
        return allow([*grants, *plan(own)])
    if what == "verify":
        return allow([*grants, *verify(own)])
    if scope == GLOBAL:
        return allow([*grants, *apply_global(own)])
    if scope == PIPELINE:
        return [*allow([*grants, *apply_pipeline(own)]), *kept_from_pipelines(own)]
    return allow([*grants, *apply_region(own, scope)])


def attached_statements(own: Estate, what: str) -> dict[str, list[Statement]]:
    """Write what the role of a project may do besides, by what it is for."""
    verb, _, scope = what.partition("-")
    if verb != "apply":
        return {}
    return {kind: allow(grants) for kind, grants in attached(own, scope).items()}
