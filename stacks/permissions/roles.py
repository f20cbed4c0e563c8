"""What each role of a pipeline may do, by its scope."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from stacks.graph import StackNode
from stacks.permissions import states
from stacks.permissions.environment import Environment
from stacks.permissions.grant import Grant, disposing, reading, writing
from stacks.permissions.names import in_all_regions, in_one_region, of_all_stacks
from stacks.permissions.policy import Statement, deny
from stacks.permissions.policy_names import PATH
from stacks.permissions.resource import Resource
from stacks.rollout import GLOBAL, PIPELINE
from stacks.wave_alarms import every_alarm

# Everything by which a role becomes another one, or a policy says something else.
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
# Stacks with the data of devices.
_ATTACHED: Final = frozenset(("data", "telemetry", "device-registry"))
_FUNCTIONS: Final = "registry-functions"
_PROVISIONING: Final = "provisioning"

_Kind = Callable[[Environment, Resource, tuple[str, ...]], Iterator[Grant]]


@dataclass(frozen=True)
class RoleGrants:
    """What a role may do with the resources of stacks, and with their states.

    What is attached, by what it is for, is in policies of their own: in one with the rest they
    would be longer than IAM takes.
    """

    inline: Sequence[Grant] = ()
    attached: Mapping[str, Sequence[Grant]] = field(default_factory=dict[str, Sequence[Grant]])

    def all(self) -> Iterator[Grant]:
        """Return all of them."""
        return chain(self.inline, *self.attached.values())


def role_grants(environment: Environment) -> dict[str, RoleGrants]:
    """Return what each role of a pipeline may do, by what it is for."""
    pipelines = {"plan": plan, "verify": verify, "apply-pipeline": apply_pipeline}
    return {
        **{what: RoleGrants(list(grants(environment))) for what, grants in pipelines.items()},
        f"apply-{GLOBAL}": apply_global(environment),
        **{f"apply-{region}": apply_region(environment, region) for region in environment.regions},
    }


def apply_region(environment: Environment, region: str) -> RoleGrants:
    """Change the stacks of one region and nothing else; no other region may be reached."""
    inline: list[Grant] = list(states.finding(environment))
    attached: dict[str, list[Grant]] = {}
    for node in environment.of_scope(region):
        is_attached = node.what in _ATTACHED
        own = attached.setdefault(node.what, []) if is_attached else inline
        own += states.keeping(environment, [node])
        own += states.leasing(environment, node)
        for each in in_one_region(environment, environment.resources[node.name]):
            policy = attached.setdefault(_policy(node.what, each), []) if is_attached else inline
            policy += _all(environment, [each], (region,), reading, writing, disposing)
    return RoleGrants(inline, attached)


def apply_global(environment: Environment) -> RoleGrants:
    """Change the stacks of all regions, and read what regions hand over."""
    nodes = list(environment.of_scope(GLOBAL))
    return RoleGrants(
        [
            *_changing(environment, (node for node in nodes if node.what not in _ATTACHED)),
            *states.reading_all(environment),
            *states.keeping(environment, nodes),
        ],
        {
            node.what: list(_changing(environment, [node]))
            for node in nodes
            if node.what in _ATTACHED
        },
    )


def _changing(environment: Environment, nodes: Iterable[StackNode]) -> Iterator[Grant]:
    found = _resources(environment, (node.name for node in nodes))
    resources = in_all_regions(environment, found)
    return _all(environment, resources, environment.all_regions, reading, writing, disposing)


def attached_names(environment: Environment, what: str) -> Iterator[str]:
    """Name the policies that are attached to a role, for which the settings are enough."""
    _, _, scope = what.partition("-")
    found = [node.what for node in environment.of_scope(scope) if node.what in _ATTACHED]
    yield from found
    if "device-registry" in found:
        yield _FUNCTIONS
        data = environment.settings.data
        if data and data.provisioning:
            yield _PROVISIONING


def _policy(what: str, resource: Resource) -> str:
    """Name the policy for a resource of a region's stack: one has no room for all the registry."""
    if resource.type in {"aws_iot_ca_certificate", "aws_iot_provisioning_template"}:
        return _PROVISIONING
    is_function = resource.type.startswith(("aws_lambda_", "aws_cloudwatch_log_group"))
    is_split = what == "device-registry" and (is_function or _LAMBDA in resource.kinds)
    return _FUNCTIONS if is_split else what


def apply_pipeline(environment: Environment) -> Iterator[Grant]:
    """Change the pipelines, as far as `kept_from_pipelines` lets it.

    A role with a boundary can be no stronger than that, and only roles with it are created, changed
    and passed on here. So it is the boundaries and its own role that must not change. Nothing
    removes a pipeline, whose artifacts therefore stay.
    """
    nodes = list(environment.of_scope(PIPELINE))
    found = in_all_regions(environment, _resources(environment, (node.name for node in nodes)))
    regions = tuple(node.region for node in nodes)
    yield from _all(environment, found, regions, reading, writing)
    yield from _passing_connections(environment)
    yield from states.finding(environment)
    yield from states.keeping(environment, nodes)


def kept_from_pipelines(environment: Environment) -> list[Statement]:
    """What no role of a pipeline may do: change a boundary, or a role that changes pipelines."""
    account, own = environment.account_id, environment.context.name("apply-pipeline")
    return [
        deny(_CHANGE_POLICY, [f"arn:aws:iam::{account}:policy{PATH}*"]),
        deny(_CHANGE_ROLE, [f"arn:aws:iam::{account}:role{PATH}{own}-*"]),
    ]


def plan(environment: Environment) -> Iterator[Grant]:
    """Read the resources of all stacks, and their states; write nothing but locks of states."""
    found = _resources(environment, environment.resources)
    resources = of_all_stacks(environment, found)
    yield from _all(environment, resources, environment.all_regions, reading)
    yield from states.reading_all(environment)
    yield from states.locking_all(environment)


def verify(environment: Environment) -> Iterator[Grant]:
    """Read the states, and the alarms that are watched after a wave."""
    yield from states.reading_all(environment)
    account = environment.account_id
    alarms = (
        f"arn:aws:cloudwatch:{each.region}:{account}:alarm:{each.name}"
        for each in every_alarm(environment.settings)
    )
    yield Grant(("cloudwatch:DescribeAlarms",), tuple(alarms), {})


def _resources(environment: Environment, stacks: Iterable[str]) -> Iterator[Resource]:
    return (each for stack in stacks for each in environment.resources[stack])


def _all(
    environment: Environment,
    resources: Iterable[Resource],
    regions: tuple[str, ...],
    *kinds: _Kind,
) -> Iterator[Grant]:
    return (
        grant for each in resources for kind in kinds for grant in kind(environment, each, regions)
    )


def _passing_connections(environment: Environment) -> Iterator[Grant]:
    # Needed to put a connection into a pipeline: docs.aws.amazon.com/dtconsole/latest/userguide,
    # security-iam.html.
    for service in ("codeconnections", "codestar-connections"):
        yield Grant(
            (f"{service}:PassConnection",),
            tuple(environment.pipeline.connections.values()),
            {"StringEquals": {f"{service}:PassedToService": "codepipeline.amazonaws.com"}},
        )
