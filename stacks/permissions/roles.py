"""What each role of a pipeline is granted, by scope."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from modules.watcher_calls import READ_ALARM, alarm_arn
from stacks.graph import StackNode
from stacks.permissions import states
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import (
    Grant,
    force_destroy_grants,
    person_grants,
    read_grants,
    write_grants,
)
from stacks.permissions.names import merged_across_regions, merged_for_reading, merged_in_region
from stacks.permissions.policy import Statement, deny
from stacks.permissions.resource import PolicyResource
from stacks.policy_names import PATH
from stacks.rollout import GLOBAL, PIPELINE
from stacks.wave_alarms import all_alarms

# All actions that change a role or a policy.
_CHANGE_ROLE: Final = (
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole*", "iam:DetachRolePolicy"),
    *("iam:PutRole*", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"),
    "iam:UpdateRole*",
)
_CHANGE_POLICY: Final = (
    *("iam:CreatePolicy*", "iam:DeletePolicy*", "iam:SetDefaultPolicyVersion", "iam:TagPolicy"),
    "iam:UntagPolicy",
)
_LAMBDA: Final = "lambda.amazonaws.com"
# The stacks of device data, whose permissions are in managed policies.
_ATTACHED: Final = frozenset(("data", "telemetry", "device-registry"))
_FUNCTIONS: Final = "registry-functions"
_DASHBOARDS: Final = "arn:aws:cloudwatch::"
"""What the ARNs of dashboards begin with, which have no region."""
_PROVISIONING: Final = "provisioning"

_Kind = Callable[[PipelineEnvironment, PolicyResource, tuple[str, ...]], Iterator[Grant]]


@dataclass(frozen=True)
class RoleGrants:
    """What a role may do with stacks' resources and states.

    `attached` are grants in managed policies, by name, since one inline policy with all of them
    would exceed IAM's quota.
    """

    inline: Sequence[Grant] = ()
    attached: Mapping[str, Sequence[Grant]] = field(default_factory=dict[str, Sequence[Grant]])

    def all(self) -> Iterator[Grant]:
        """Return all grants."""
        return chain(self.inline, *self.attached.values())


def role_grants(environment: PipelineEnvironment) -> dict[str, RoleGrants]:
    """Return the grants of a pipeline's roles on stacks, by purpose.

    Purposes without such grants, `pipeline` and `synth`, are missing.
    """
    pipelines = {"plan": plan, "verify": verify, "apply-pipeline": apply_pipeline}
    return {
        **{what: RoleGrants(list(grants(environment))) for what, grants in pipelines.items()},
        f"apply-{GLOBAL}": apply_global(environment),
        **{f"apply-{region}": apply_region(environment, region) for region in environment.regions},
    }


def apply_region(environment: PipelineEnvironment, region: str) -> RoleGrants:
    """Return the grants that change the stacks of one region, and nothing in another region."""
    inline: list[Grant] = list(states.preflight_grants(environment))
    attached: dict[str, list[Grant]] = {}
    for node in environment.stacks_in_scope(region):
        is_attached = node.what in _ATTACHED
        own = attached.setdefault(node.what, []) if is_attached else inline
        own += states.write_grants(environment, [node])
        own += states.lease_grants(environment, node)
        for resource in merged_in_region(environment, environment.resources[node.name]):
            name = _policy(node.what, resource)
            policy = attached.setdefault(name, []) if is_attached else inline
            policy += _all(
                environment, [resource], (region,), read_grants, write_grants, force_destroy_grants
            )
    return RoleGrants(inline, attached)


def apply_global(environment: PipelineEnvironment) -> RoleGrants:
    """Return what changes the global stacks, in all regions, and reads all states."""
    nodes = list(environment.stacks_in_scope(GLOBAL))
    attached = {
        node.what: list(_changing(environment, [node])) for node in nodes if node.what in _ATTACHED
    }
    others = list(_changing(environment, (node for node in nodes if node.what not in _ATTACHED)))
    if "data" in attached:
        # There is room for it: the inline policy of an environment with data is nearly full.
        attached["data"] += filter(_is_of_dashboards, others)
        others = [grant for grant in others if not _is_of_dashboards(grant)]
    return RoleGrants(
        [*others, *states.read_all_grants(environment), *states.write_grants(environment, nodes)],
        attached,
    )


def _is_of_dashboards(grant: Grant) -> bool:
    return all(resource.startswith(_DASHBOARDS) for resource in grant.resources)


def deployer(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what a person needs who deploys and destroys all stacks, with or without a pipeline."""
    nodes = environment.nodes
    resources = merged_across_regions(
        environment, _resources(environment, (node.name for node in nodes))
    )
    kinds = (read_grants, write_grants, force_destroy_grants, person_grants)
    yield from _all(environment, resources, environment.all_regions, *kinds)
    if environment.settings.pipeline:
        yield from _passing_connections(environment)
    yield from states.read_all_grants(environment)
    yield from states.write_grants(environment, nodes)
    for node in nodes:
        yield from states.lease_grants(environment, node)


def _changing(environment: PipelineEnvironment, nodes: Iterable[StackNode]) -> Iterator[Grant]:
    names = (node.name for node in nodes)
    resources = merged_across_regions(environment, _resources(environment, names))
    return _all(
        environment,
        resources,
        environment.all_regions,
        read_grants,
        write_grants,
        force_destroy_grants,
    )


def attached_names(environment: PipelineEnvironment, what: str) -> Iterator[str]:
    """Yield the names of a role's managed policies, which depend only on the settings."""
    _, _, scope = what.partition("-")
    stacks = [node.what for node in environment.stacks_in_scope(scope) if node.what in _ATTACHED]
    yield from stacks
    if "device-registry" in stacks:
        yield _FUNCTIONS
        data = environment.settings.data
        if data and data.provisioning:
            yield _PROVISIONING


def _policy(what: str, resource: PolicyResource) -> str:
    """Return the managed policy for a resource; the registry's resources need more than one."""
    if resource.type in {"aws_iot_ca_certificate", "aws_iot_provisioning_template"}:
        return _PROVISIONING
    is_function = resource.type.startswith(("aws_lambda_", "aws_cloudwatch_log_group"))
    is_split = what == "device-registry" and (is_function or _LAMBDA in resource.kinds)
    return _FUNCTIONS if is_split else what


def apply_pipeline(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what changes the pipelines, within the denials of `pipeline_denials`.

    Roles that it creates, changes or passes must have the boundary, so they cannot exceed it. The
    denials keep it from changing a boundary, or its own role. Pipelines are never removed, so it
    cannot delete their artifacts.
    """
    nodes = list(environment.stacks_in_scope(PIPELINE))
    names = (node.name for node in nodes)
    resources = merged_across_regions(environment, _resources(environment, names))
    regions = tuple(node.region for node in nodes)
    yield from _all(environment, resources, regions, read_grants, write_grants)
    yield from _passing_connections(environment)
    yield from states.preflight_grants(environment)
    yield from states.write_grants(environment, nodes)


def pipeline_denials(environment: PipelineEnvironment) -> list[Statement]:
    """Return denials to change a boundary, or the role that applies pipelines."""
    account, own = environment.account_id, environment.context.name("apply-pipeline")
    return [
        deny(_CHANGE_POLICY, [f"arn:aws:iam::{account}:policy{PATH}*"]),
        deny(_CHANGE_ROLE, [f"arn:aws:iam::{account}:role{PATH}{own}-*"]),
    ]


def plan(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what reads all resources and states, and locks states."""
    resources = merged_for_reading(environment, _resources(environment, environment.resources))
    yield from _all(environment, resources, environment.all_regions, read_grants)
    yield from states.read_all_grants(environment)
    yield from states.lock_all_grants(environment)


def verify(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what reads the states, and the alarms that are watched after a wave."""
    yield from states.read_all_grants(environment)
    account = environment.account_id
    alarms = (
        alarm_arn(alarm.region, account, alarm.name) for alarm in all_alarms(environment.settings)
    )
    yield Grant((READ_ALARM,), tuple(alarms), {})


def _resources(environment: PipelineEnvironment, stacks: Iterable[str]) -> Iterator[PolicyResource]:
    return (resource for stack in stacks for resource in environment.resources[stack])


def _all(
    environment: PipelineEnvironment,
    resources: Iterable[PolicyResource],
    regions: tuple[str, ...],
    *kinds: _Kind,
) -> Iterator[Grant]:
    return (
        grant
        for resource in resources
        for kind in kinds
        for grant in kind(environment, resource, regions)
    )


def _passing_connections(environment: PipelineEnvironment) -> Iterator[Grant]:
    # CreatePipeline and UpdatePipeline need it for the source's connection:
    # docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html
    for service in ("codeconnections", "codestar-connections"):
        yield Grant(
            (f"{service}:PassConnection",),
            tuple(environment.pipeline.connections.values()),
            {"StringEquals": {f"{service}:PassedToService": "codepipeline.amazonaws.com"}},
        )
