"""What the functions of the registry have alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.function import Function, FunctionInputs
from modules.function_alarms import FunctionAlarms, FunctionAlarmsInputs
from modules.module import Module
from modules.number import Number
from modules.queue import QueueOutputs
from modules.registry_queues import RegistryQueuesOutputs
from modules.registry_statements import RegistryStatements

_MEMORY = 512


@dataclass(frozen=True, kw_only=True)
class RegistryInputs:
    """A region's registry: the table of what the regions hold, the queues, and whom to tell.

    `regions` are the environment's, of which rows count; `table_arn` is that of the region's own
    replica; `parallelization_factor` is how many batches of a shard of it are taken over at a time;
    `excluded_policies` are those that are not copied, by name, one at the least, and
    `excluded_ca_certificates` those by id. `copy_reported` is whether reported halves of shadows
    are copied, or an expression for it.
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
    topic_arn: str

    @property
    def statements(self) -> RegistryStatements:
        """The statements for the registry of the region."""
        return RegistryStatements(self.context.region, self.account_id)


@dataclass(frozen=True, kw_only=True)
class RegistryFunctionInputs:
    """What a function of the registry is for, and what it may do besides what all may.

    `reads` are the queues that it is given. `timeout` is in seconds.
    """

    registry: RegistryInputs
    what: Literal["capture", "apply", "reconcile"]
    description: str
    timeout: int
    concurrency: Number
    reads: Sequence[QueueOutputs]
    statements: Sequence[Mapping[str, Any]] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


class RegistryFunction(Module):
    """A function with what functions/registry/services.py needs, and its alarms.

    Lambda reads the queues by its role too:
    docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryFunctionInputs) -> None:
        super().__init__(scope, id_)
        registry, what = inputs.registry, inputs.what
        context = registry.context
        slot = f"registry_{what}"
        self.outputs = Function(
            self,
            "function",
            FunctionInputs(
                provider=registry.provider,
                context=context,
                what=slot,
                slot=slot,
                name=context.name(f"registry-{what}"),
                role_name=context.name(f"registry-{what}-{context.region}"),
                description=inputs.description,
                variables={**_variables(registry), **inputs.variables},
                statements=[*_statements(registry, inputs.reads), *inputs.statements],
                timeout=inputs.timeout,
                memory=_MEMORY,
                concurrency=inputs.concurrency,
            ),
        ).outputs
        FunctionAlarms(
            self,
            "alarms",
            FunctionAlarmsInputs(
                provider=registry.provider,
                context=context,
                slot=slot,
                thing=f"registry-{what}",
                function=self.outputs,
                topic_arn=registry.topic_arn,
            ),
        )


def _variables(registry: RegistryInputs) -> dict[str, str]:
    copy_reported = registry.copy_reported
    left_out = copy_reported if isinstance(copy_reported, str) else "false"
    return {
        "REGISTRY_TABLE": registry.table,
        "REGISTRY_ACCOUNT": registry.account_id,
        "REGISTRY_ENVIRONMENT": registry.context.environment,
        "REGISTRY_REGIONS": ",".join(registry.regions),
        "REGISTRY_RETRY_QUEUE": registry.queues.retry.url,
        "REGISTRY_PARKED_QUEUE": registry.queues.parked.url,
        "REGISTRY_EXCLUDED_POLICIES": ",".join(registry.excluded_policies),
        "REGISTRY_EXCLUDED_CA_CERTIFICATES": ",".join(registry.excluded_ca_certificates),
        **({} if copy_reported is True else {"REGISTRY_COPY_REPORTED": left_out}),
    }


def _statements(registry: RegistryInputs, reads: Sequence[QueueOutputs]) -> list[Mapping[str, Any]]:
    return [
        *registry.statements.reading(),
        {
            "Sid": "ReadAndWriteRows",
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:Query"],
            "Resource": registry.table_arn,
        },
        {
            "Sid": "ReadTheQueues",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            "Resource": [queue.arn for queue in reads],
        },
        {
            "Sid": "AskAgainOrGiveUp",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": [registry.queues.retry.arn, registry.queues.parked.arn],
        },
    ]
