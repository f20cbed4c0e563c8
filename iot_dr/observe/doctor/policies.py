"""The IAM policies of commands: from the stacks' resources (ADR 0032), and for observing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from environments.rules import FEWEST_REGIONS
from environments.settings import Settings
from functions.contract import parameter_name, switch_namespace
from iot_dr.generate.gate import Documents
from iot_dr.observe.doctor.catalogue import CHECKS
from modules.device_table_names import registry_table
from modules.permissions_boundary import MAX_MANAGED_POLICY_LENGTH
from modules.policy_document import VERSION, policy_length
from modules.watcher_calls import (
    NAMESPACE,
    PUT_METRIC,
    READ_ALARM,
    READ_METRIC,
    alarm_arn,
    parameter_arn,
)
from stacks.permissions import roles, states
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.permissions import Permissions
from stacks.permissions.policy import Statement, allow

_ANY: Final = ("*",)

Grants = Callable[[PipelineEnvironment], Iterable[Grant]]


def policies(settings: Settings, design: Documents) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the policy documents of each command, none longer than a managed policy may be."""
    environment = Permissions.of(settings, design.items()).environment
    return {
        command: [
            {"Version": VERSION, "Statement": statements}
            for statements in _packed(allow(grants(environment)))
        ]
        for command, grants in _COMMANDS.items()
    }


def doctor_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what the checks call, and the states that they compare with."""
    actions = sorted({action for check in CHECKS for action in check.actions})
    yield Grant(tuple(actions), _ANY, {})
    yield from states.read_all_grants(environment)
    yield from states.abandoned_grants(environment)


def status_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what `iot-dr status` reads."""
    actions = (
        READ_ALARM,
        "cloudwatch:GetMetricData",
        "route53:GetHealthCheckStatus",
        "route53:ListHealthChecks",
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:GetServiceQuota",
    )
    yield Grant(actions, _ANY, {})
    kept = tuple(_parameters(environment, what) for what in ("switch", "rotation"))
    yield Grant(("ssm:GetParameter",), kept, {})
    account = environment.account_id
    topics = f"arn:aws:sns:*:{account}:{environment.prefix}*"
    yield Grant(("sns:ListSubscriptionsByTopic",), (topics,), {})
    buckets = f"arn:aws:s3:::{environment.any_bucket}"
    yield Grant(("s3:GetObject", "s3:ListBucket"), (buckets, f"{buckets}/*"), {})


def switch_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what `iot-dr switch` reads and sets."""
    namespace = switch_namespace(environment.settings.environment)
    only = {"StringEquals": {NAMESPACE: namespace}}
    yield Grant((PUT_METRIC,), _ANY, only)
    yield Grant((READ_ALARM,), (alarm_arn("*", environment.account_id, "*"),), {})
    record = (_parameters(environment, "switch"),)
    yield Grant(("ssm:GetParameter", "ssm:PutParameter"), record, {})
    yield Grant(("ssm:GetParameter",), (_parameters(environment, "rotation"),), {})
    yield Grant(("route53:ListHealthChecks", "route53:GetHealthCheckStatus"), _ANY, {})
    if len(environment.settings.regions) > FEWEST_REGIONS:
        # `switch back --without`; with two regions a switch has one alarm region.
        yield Grant(("route53:UpdateHealthCheck",), ("arn:aws:route53:::healthcheck/*",), {})


def drain_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what `--drain` of a switch or a rotation needs in addition."""
    account = environment.account_id
    actions = (
        *("iot:DescribeEndpoint", "iot:GetIndexingConfiguration"),
        *("servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"),
    )
    yield Grant(actions, _ANY, {})
    index = (f"arn:aws:iot:*:{account}:index/AWS_Things",)
    yield Grant(("iot:GetStatistics", "iot:SearchIndex"), index, {})
    yield Grant(("iot:DeleteConnection",), (f"arn:aws:iot:*:{account}:client/*",), {})
    if environment.settings.data:
        table = registry_table(environment.context)
        yield Grant(("dynamodb:Scan",), (f"arn:aws:dynamodb:*:{account}:table/{table}",), {})


def rotation_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what `iot-dr rotate` needs in addition to a switch and a deploy."""
    record = (_parameters(environment, "rotation"),)
    yield Grant(("ssm:GetParameter", "ssm:PutParameter"), record, {})
    certificates = f"arn:aws:acm:*:{environment.account_id}:certificate/*"
    yield Grant(("acm:GetCertificate",), (certificates,), {})
    yield Grant((READ_METRIC,), _ANY, {})


def _parameters(environment: PipelineEnvironment, what: str) -> str:
    settings = environment.settings
    name = parameter_name(settings.project, settings.environment, what, "*")
    return parameter_arn("*", environment.account_id, name)


def _all_of(*parts: Grants) -> Grants:
    return partial(_joined, parts)


def _joined(parts: Iterable[Grants], environment: PipelineEnvironment) -> Iterator[Grant]:
    return (grant for grants in parts for grant in grants(environment))


_COMMANDS: Final[Mapping[str, Grants]] = {
    "doctor": doctor_grants,
    "status": status_grants,
    "plan": _all_of(roles.plan, states.abandoned_grants),
    "deploy": _all_of(roles.deployer, doctor_grants, status_grants),
    "pipeline verify": roles.verify,
    "state status": _all_of(states.read_all_grants, states.abandoned_grants),
    "state unlock": _all_of(states.read_all_grants, states.lock_all_grants),
    "state promote": states.promote_grants,
    "state abandon": states.abandon_grants,
    "switch": switch_grants,
    "switch away --drain": _all_of(switch_grants, drain_grants),
    "rotate": _all_of(roles.deployer, switch_grants, rotation_grants),
}


def _packed(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Return statements in as few lists as fit, in their order, into one policy each."""
    packs: list[list[Statement]] = []
    for statement in (part for each in statements for part in _split(each)):
        if packs and policy_length([*packs[-1], statement]) <= MAX_MANAGED_POLICY_LENGTH:
            packs[-1].append(statement)
        else:
            packs.append([statement])
    return packs


def _split(statement: Statement) -> Iterator[Statement]:
    """Yield a statement in parts that fit into a policy, each with some of its resources."""
    resources = statement["Resource"]
    if policy_length([statement]) <= MAX_MANAGED_POLICY_LENGTH or len(resources) == 1:
        yield statement
        return
    half = len(resources) // 2
    for part in (resources[:half], resources[half:]):
        yield from _split({**statement, "Resource": part})
