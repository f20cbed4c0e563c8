"""The function that writes down what changes in a region's registry."""

from constructs import Construct

from modules.module import Module
from modules.number import Number
from modules.queue import QueueOutputs
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.registry_function import RegistryFunction, RegistryFunctionInputs, RegistryInputs
from modules.registry_queues import CAPTURE_TIMEOUT, CAPTURE_WINDOW

# IoT Core answers about a hundred descriptions a second, of which each change takes some; of
# shadows it answers more: docs.aws.amazon.com/general/latest/gr/iot-core.html.
_OF_CHANGES, _BATCH = 10, 10
# Times the batches of a shard that are applied at once: apply has four shards at first, and makes
# three calls for each one of capture's.
_OF_SHADOWS = 5


class RegistryCapture(Module):
    """Reads what may have changed from two queues; it may read the registry, and write nothing.

    Each queue has runs of its own, which the other one cannot take: however many shadows change,
    a certificate that is revoked does not wait for them.
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
            batch=_BATCH,
            window=CAPTURE_WINDOW,
            concurrency=concurrency,
            tells_failures=True,
        )
        QueueConsumer(self, id_, inputs)


def _of_shadows(registry: RegistryInputs) -> Number:
    return registry.parallelization_factor * _OF_SHADOWS


def _function(registry: RegistryInputs) -> RegistryFunctionInputs:
    queues = registry.queues
    # What calls itself sixteen times in a row Lambda takes for an endless loop; here it is nine
    # times at the most: a thing, groups that are seven deep, and a policy of the last one's.
    ask = {
        "Sid": "AskForWhatIsNamed",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": queues.changes.arn,
    }
    return RegistryFunctionInputs(
        registry=registry,
        what="capture",
        description="Writes down what has changed in this region's device registry",
        timeout=CAPTURE_TIMEOUT,
        concurrency=_of_shadows(registry) + _OF_CHANGES,
        reads=[queues.changes, queues.shadows],
        statements=[ask],
        variables={"REGISTRY_CHANGES_QUEUE": queues.changes.url},
    )
