"""Lambda handler for the requests of Route 53's health checkers.

Its variables are those of CanaryVariable. A wrong one fails the initialization of the function.
"""

import os
from collections.abc import Mapping

from functions.canary.canary import Canary, Response
from functions.contract import CANARY_NAMESPACE, INTERVALS, CanaryVariable
from functions.probe.clock import Clock
from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.variables import Variables


def _canary(environ: Mapping[str, str]) -> Canary:
    variables = Variables(environ)
    topic = PublishTarget(
        host=variables.text(CanaryVariable.HOST),
        region=variables.text("AWS_REGION"),
        topic=variables.text(CanaryVariable.TOPIC),
    )
    interval = int(variables.choice(CanaryVariable.INTERVAL, [*map(str, INTERVALS)]) or 0)
    metrics = Metrics(CANARY_NAMESPACE, variables.text(CanaryVariable.ENVIRONMENT))
    variables.raise_if_invalid()
    return Canary(Prober(Publisher(topic)), interval, Clock().now, metrics)


_CANARY = _canary(os.environ)


def handle(_event: object, _context: object) -> Response:
    """Respond to a request. The event is neither read nor logged, because its path is a secret."""
    return _CANARY.respond()
