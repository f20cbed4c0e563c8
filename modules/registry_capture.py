"""The function that records changes of a region's registry in the table."""

from constructs import Construct

from functions.contract import RegistryVariable
from modules.module import Module
from modules.number import Number
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.queue_limits import CAPTURE
from modules.registry_function import RegistryFunction, RegistryFunctionInputs, RegistryInputs
from modules.registry_queues import SHADOW_RUNS

# IoT Core's quota is about 100 Describe calls a second, of which a change needs several; the quota
# for shadows is higher: docs.aws.amazon.com/general/latest/gr/iot-core.html.
_OF_CHANGES = 10


class RegistryCapture(Module):
    """A function that consumes the queues of changes and of shadows; it can only read the registry.

    Each queue has its own maximum concurrency, so a revoked certificate never waits for shadows,
    however many of them change.
    """

    def __init__(self, scope: Construct, id_: str, registry: RegistryInputs) -> None:
        super().__init__(scope, id_)
        self._registry = registry
        queues = registry.queues
        self.outputs = RegistryFunction(self, "function", _function(registry)).outputs
        self._read("changes", "registry_capture", queues.changes, _OF_CHANGES)
        self._read("shadows", "registry_capture_shadows", queues.shadows, _of_shadows(registry))

    def _read(self, id_: str, slot: str, queue: QueueOutputs, concurrency: Number) -> None:
        inputs = QueueConsumerInputs(
            provider=self._registry.provider,
            slot=slot,
            queue=queue,
            function=self.outputs,
            batch_size=CAPTURE.batch_size,
            batching_window=CAPTURE.window,
            maximum_concurrency=concurrency,
            reports_batch_item_failures=True,
        )
        QueueConsumer(self, id_, inputs)


def _of_shadows(registry: RegistryInputs) -> Number:
    return registry.parallelization_factor * SHADOW_RUNS


def _function(registry: RegistryInputs) -> RegistryFunctionInputs:
    queues = registry.queues
    # The function sends to its own queue at most nine times in a row (a thing, groups seven deep,
    # and a policy of the last). Lambda stops a recursive loop at about 16:
    # docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    request_references = allow("AskForWhatIsNamed", "sqs:SendMessage", queues.changes.arn)
    back_off = allow("TryAgainLater", "sqs:ChangeMessageVisibility", queues.changes.arn)
    return RegistryFunctionInputs(
        registry=registry,
        kind="capture",
        description="Writes down what has changed in this region's device registry",
        timeout=CAPTURE.timeout,
        reserved_concurrency=_of_shadows(registry) + _OF_CHANGES,
        queues=[queues.changes, queues.shadows],
        statements=[request_references, back_off],
        variables={RegistryVariable.CHANGES_QUEUE: queues.changes.url},
    )
