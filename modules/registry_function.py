"""The common part of the registry's functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import REGISTRY_NAMESPACE, RegistryVariable
from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.function import Function, FunctionInputs, FunctionOutputs
from modules.module import Module
from modules.number import Number
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.registry_queues import RegistryQueuesOutputs
from modules.registry_statements import RegistryStatements

# A single throttled invocation is retried; a quarter of an hour of them is not transient.
_THROTTLED_PERIODS = 3


@dataclass(frozen=True, kw_only=True)
class _FunctionAlarmsInputs:
    """The function, the topic, and the first part of alarm names (`subject`) and ids (`slot`)."""

    provider: AwsProvider
    context: Context
    slot: str
    subject: str
    function: FunctionOutputs
    topic_arn: str


class _FunctionAlarms(Module):
    """Alarms on any error in 5 minutes, and on throttles in each of three 5-minute periods.

    docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (Errors include timeouts)
    """

    def __init__(self, scope: Construct, id_: str, inputs: _FunctionAlarmsInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self._alarm("Errors", 1, "has failed or timed out: look into its log")
        problem = "is throttled: its concurrency limit is reached"
        self._alarm("Throttles", _THROTTLED_PERIODS, problem)

    def _alarm(self, metric: str, periods: int, problem: str) -> None:
        inputs, word = self._inputs, metric.lower()
        region = inputs.context.region
        Alarm(
            self,
            word,
            AlarmInputs(
                provider=inputs.provider,
                slot=f"{inputs.slot}_{word}",
                name=alarm_name(inputs.context, f"{inputs.subject}-{word}"),
                description=f"{inputs.subject} in {region} {problem}.",
                namespace="AWS/Lambda",
                metric=metric,
                dimensions={"FunctionName": inputs.function.name},
                statistic="Sum",
                threshold=1,
                period=300,
                evaluation_periods=periods,
                treat_missing_data="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )


_MEMORY = 512
_COUNT_PERIOD: Final = 300


@dataclass(frozen=True, kw_only=True)
class RegistryInputs:
    """A region's registry: the global table of its entities, the queues, and the alarm topic.

    `regions` are the environment's regions, whose rows count. `table_arn` is the ARN of this
    region's replica. `parallelization_factor` is how many batches of a shard are applied
    concurrently. `excluded_policies` (names, at least one) and `excluded_ca_certificates` (ids) are
    not copied. `deletion_percent` of its entities are deleted in an hour. `copy_reported` is
    whether the reported state of shadows is copied: a boolean or a Terraform expression.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    regions: Sequence[str]
    table: str
    table_arn: str
    queues: RegistryQueuesOutputs
    parallelization_factor: Number
    excluded_policies: Sequence[str]
    excluded_ca_certificates: Sequence[str]
    copy_reported: bool | str
    deletion_percent: Number
    topic_arn: str

    @property
    def statements(self) -> RegistryStatements:
        """IAM policy statements for the region's registry."""
        return RegistryStatements(self.context.region, self.account_id)


@dataclass(frozen=True, kw_only=True)
class RegistryFunctionInputs:
    """A function of the registry, and its permissions in addition to those that all functions have.

    `queues` are those that it consumes; `timeout` is in seconds.
    """

    registry: RegistryInputs
    kind: Literal["capture", "apply", "reconcile"]
    description: str
    timeout: int
    reserved_concurrency: Number
    queues: Sequence[QueueOutputs]
    statements: Sequence[Mapping[str, Any]] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


class RegistryFunction(Module):
    """A function with the variables that all of the registry's have, and its alarms.

    Its role may read the queues, since Lambda polls them with it:
    docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryFunctionInputs) -> None:
        super().__init__(scope, id_)
        registry, kind = inputs.registry, inputs.kind
        context = registry.context
        slot = f"registry_{kind}"
        self.outputs = Function(
            self,
            "function",
            FunctionInputs(
                provider=registry.provider,
                context=context,
                package=slot,
                slot=slot,
                name=context.name(f"registry-{kind}"),
                role_name=context.name(f"registry-{kind}-{context.region}"),
                description=inputs.description,
                variables={**_variables(registry), **inputs.variables},
                statements=[*_statements(registry, inputs.queues), *inputs.statements],
                timeout=inputs.timeout,
                memory=_MEMORY,
                reserved_concurrency=inputs.reserved_concurrency,
            ),
        ).outputs
        _FunctionAlarms(
            self,
            "alarms",
            _FunctionAlarmsInputs(
                provider=registry.provider,
                context=context,
                slot=slot,
                subject=f"registry-{kind}",
                function=self.outputs,
                topic_arn=registry.topic_arn,
            ),
        )


def count_alarm(
    registry: RegistryInputs, subject: str, metric: str, description: str
) -> AlarmInputs:
    """Return the alarm `registry-{subject}` on a count that a function reports above 0 at times."""
    return AlarmInputs(
        provider=registry.provider,
        slot=f"registry_{subject.replace('-', '_')}",
        name=alarm_name(registry.context, f"registry-{subject}"),
        description=description,
        namespace=REGISTRY_NAMESPACE,
        metric=metric,
        dimensions={"Environment": registry.context.environment},
        statistic="Maximum",
        threshold=1,
        period=_COUNT_PERIOD,
        evaluation_periods=1,
        # There is a data point only for each report.
        treat_missing_data="notBreaching",
        topic_arn=registry.topic_arn,
    )


def _variables(registry: RegistryInputs) -> dict[str, str]:
    copy_reported = registry.copy_reported
    value = copy_reported if isinstance(copy_reported, str) else "false"
    return {
        RegistryVariable.TABLE: registry.table,
        RegistryVariable.ACCOUNT: registry.account_id,
        RegistryVariable.ENVIRONMENT: registry.context.environment,
        RegistryVariable.REGIONS: ",".join(registry.regions),
        RegistryVariable.RETRY_QUEUE: registry.queues.retry.url,
        RegistryVariable.DEAD_LETTER_QUEUE: registry.queues.dead_letters.url,
        RegistryVariable.EXCLUDED_POLICIES: ",".join(registry.excluded_policies),
        RegistryVariable.EXCLUDED_CA_CERTIFICATES: ",".join(registry.excluded_ca_certificates),
        RegistryVariable.DELETION_PERCENT: str(registry.deletion_percent),
        **({} if copy_reported is True else {RegistryVariable.COPY_REPORTED: value}),
    }


def _statements(
    registry: RegistryInputs, queues: Sequence[QueueOutputs]
) -> list[Mapping[str, Any]]:
    return [
        *registry.statements.reading(),
        allow("ReadAndWriteRows", ["dynamodb:PutItem", "dynamodb:Query"], registry.table_arn),
        allow(
            "ReadTheQueues",
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            [queue.arn for queue in queues],
        ),
        allow(
            "AskAgainOrGiveUp",
            "sqs:SendMessage",
            [registry.queues.retry.arn, registry.queues.dead_letters.arn],
        ),
    ]
