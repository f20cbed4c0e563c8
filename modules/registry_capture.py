"""The function that writes down what changes in a region's registry."""

from constructs import Construct

from modules.module import Module
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.registry_function import RegistryFunction, RegistryFunctionInputs, RegistryInputs
from modules.registry_queues import CAPTURE_TIMEOUT, CAPTURE_WINDOW

# IoT Core answers about a hundred descriptions a second, of which each change takes some:
# docs.aws.amazon.com/general/latest/gr/iot-core.html.
_CONCURRENCY, _BATCH = 10, 10


class RegistryCapture(Module):
    """Reads what may have changed from the queue; it may read the registry, and write nothing."""

    def __init__(self, scope: Construct, id_: str, registry: RegistryInputs) -> None:
        super().__init__(scope, id_)
        function = RegistryFunction(
            self,
            "function",
            RegistryFunctionInputs(
                registry=registry,
                what="capture",
                description="Writes down what has changed in this region's device registry",
                timeout=CAPTURE_TIMEOUT,
                concurrency=_CONCURRENCY,
                reads=registry.queues.changes,
            ),
        ).outputs
        QueueConsumer(
            self,
            "changes",
            QueueConsumerInputs(
                provider=registry.provider,
                slot="registry_capture",
                queue=registry.queues.changes,
                function=function,
                batch=_BATCH,
                window=CAPTURE_WINDOW,
                concurrency=_CONCURRENCY,
                tells_failures=True,
            ),
        )
