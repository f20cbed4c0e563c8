"""Lambda handler for the requests of Route 53's health checkers.

Variables: CANARY_HOST (the regional name), CANARY_TOPIC, CANARY_ENVIRONMENT and CANARY_INTERVAL
(the health check's, 10 or 30 seconds). A wrong one fails the initialization of the function.
"""

import os
from collections.abc import Mapping

from functions.canary.canary import Canary, Response
from functions.probe.clock import Clock
from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.variables import Variables


def _canary(environ: Mapping[str, str]) -> Canary:
    variables = Variables(environ)
    topic = PublishTarget(
        host=variables.text("CANARY_HOST"),
        region=variables.text("AWS_REGION"),
        topic=variables.text("CANARY_TOPIC"),
    )
    interval = int(variables.choice("CANARY_INTERVAL", ["10", "30"]) or 0)
    metrics = Metrics("IotDr/Canary", variables.text("CANARY_ENVIRONMENT"))
    variables.raise_if_invalid()
    return Canary(Prober(Publisher(topic)), interval, Clock().now, metrics)


_CANARY = _canary(os.environ)


def handle(_event: object, _context: object) -> Response:
    """Respond to a request. The event is neither read nor logged, because its path is a secret."""
    return _CANARY.respond()
