"""The function that reconciles the table's rows with a region's registry."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.lambda_function_recursion_config import LambdaFunctionRecursionConfig
from constructs import Construct

from functions.contract import OVERRUN, WITHHELD, RegistryVariable
from modules.alarm import Alarm
from modules.function import FunctionOutputs
from modules.module import Module
from modules.number import Number, with_unit
from modules.policy_document import allow
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.queue_limits import RECONCILE
from modules.registry_function import (
    RegistryFunction,
    RegistryFunctionInputs,
    RegistryInputs,
    count_alarm,
)
from modules.registry_statements import count_deletions
from modules.schedule import Schedule, ScheduleInputs

# Two is the smallest maximum concurrency of a queue; the third is for a scheduled or manual start:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
_READERS, _CONCURRENCY = 2, 3
_SLOT = "registry_reconcile"


@dataclass(frozen=True, kw_only=True)
class RegistryReconcileInputs:
    """The registry, and the interval of reconciliations in hours.

    `rate` is how many things, and as many certificates, one reads in a second.
    """

    registry: RegistryInputs
    interval_hours: Number
    rate: Number


class RegistryReconcile(Module):
    """A function that starts on a schedule or by hand, and continues by messages to itself.

    It can list and read the registry and all rows, and write only rows.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryReconcileInputs) -> None:
        super().__init__(scope, id_)
        registry = inputs.registry
        self.outputs = RegistryFunction(self, "function", _function(registry, inputs.rate)).outputs
        # The function sends to its own queue, which Lambda's loop detection would stop after about
        # 16 invocations: docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html.
        self.flat(
            LambdaFunctionRecursionConfig(
                self,
                "recursion",
                provider=registry.provider,
                function_name=self.outputs.name,
                recursive_loop="Allow",
            ),
            _SLOT,
        )
        QueueConsumer(
            self,
            "rest",
            QueueConsumerInputs(
                provider=registry.provider,
                slot=_SLOT,
                queue=registry.queues.reconcile,
                function=self.outputs,
                batch_size=RECONCILE.batch_size,
                batching_window=RECONCILE.window,
                maximum_concurrency=_READERS,
                reports_batch_item_failures=False,
            ),
        )
        self._schedule(inputs.interval_hours, registry, self.outputs)
        self._alarms(registry)

    def _schedule(self, hours: Number, registry: RegistryInputs, function: FunctionOutputs) -> None:
        schedule = ScheduleInputs(
            provider=registry.provider,
            slot=_SLOT,
            name=registry.context.name("registry-reconcile"),
            description="Compares this region's device registry with what is written down of it",
            expression=f"rate({with_unit(hours, 'hour')})",
            function=function,
            target_id="reconcile",
        )
        Schedule(self, "schedule", schedule)

    def _alarms(self, registry: RegistryInputs) -> None:
        region = registry.context.region
        description = f"A comparison was due in {region} while the one before was still running."
        Alarm(self, "overrun", count_alarm(registry, "overrun", OVERRUN, description))
        description = f"So much is gone in {region} that nothing is taken for deleted."
        Alarm(self, "withheld", count_alarm(registry, "withheld", WITHHELD, description))


def _function(registry: RegistryInputs, rate: Number) -> RegistryFunctionInputs:
    queue = registry.queues.reconcile
    scan = allow("ReadAllRows", "dynamodb:Scan", registry.table_arn)
    continue_later = allow("GoOnLater", "sqs:SendMessage", queue.arn)
    return RegistryFunctionInputs(
        registry=registry,
        kind="reconcile",
        # prose: allow mends - it is stored in AWS
        description="Mends what events have missed in this region's device registry",
        timeout=RECONCILE.timeout,
        reserved_concurrency=_CONCURRENCY,
        queues=[queue],
        statements=[
            *registry.statements.listing(),
            scan,
            continue_later,
            count_deletions(registry.table_arn),
        ],
        variables={RegistryVariable.RECONCILE_QUEUE: queue.url, RegistryVariable.RATE: str(rate)},
    )
