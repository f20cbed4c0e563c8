"""What Lambda calls for each request of a health checker.

Variables: CANARY_HOST (the regional name), CANARY_TOPIC, CANARY_ENVIRONMENT and CANARY_INTERVAL
(the health check's, in seconds). A wrong one stops the function before its first request.
"""

import os
from collections.abc import Mapping

from functions.canary.canary import Answer, Canary
from functions.probe.clock import Clock
from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import Topic
from functions.probe.variables import Variables


def _canary(environ: Mapping[str, str]) -> Canary:
    variables = Variables(environ)
    topic = Topic(
        host=variables.text("CANARY_HOST"),
        region=variables.text("AWS_REGION"),
        topic=variables.text("CANARY_TOPIC"),
    )
    interval = int(variables.choice("CANARY_INTERVAL", ["10", "30"]) or 0)
    metrics = Metrics("IotDr/Canary", variables.text("CANARY_ENVIRONMENT"))
    variables.refuse_mistakes()
    return Canary(Prober(Publisher(topic)), interval, Clock().now, metrics)


_CANARY = _canary(os.environ)


def handle(_event: object, _context: object) -> Answer:
    """Answer a request, whose path is a secret: nothing of it is read or logged."""
    return _CANARY.answer()
