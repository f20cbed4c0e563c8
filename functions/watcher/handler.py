"""What Lambda calls each minute in the region that takes over from the primary.

Variables: WATCHER_MODE (deep or shallow), WATCHER_PRIMARY_NAME, WATCHER_PRIMARY_REGION,
WATCHER_OWN_NAME (regional names), WATCHER_TOPIC, WATCHER_ENVIRONMENT, WATCHER_INTERVAL (seconds)
and WATCHER_THRESHOLD. A wrong one stops the function before its first watch.
"""

import os
from collections.abc import Mapping
from typing import Protocol

from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import Topic
from functions.probe.tcp import TcpProbe
from functions.probe.tls import TlsProbe
from functions.probe.variables import Variables
from functions.watcher.switch import Switch
from functions.watcher.watcher import PROBE_SECONDS, Watcher


class Context(Protocol):
    """What Lambda tells about a run, as far as it is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Give the milliseconds until the function is ended."""
        ...


def _watcher(environ: Mapping[str, str]) -> Watcher:
    variables = Variables(environ)
    deep = variables.choice("WATCHER_MODE", ["deep", "shallow"]) == "deep"
    primary = Topic(
        host=variables.text("WATCHER_PRIMARY_NAME"),
        region=variables.text("WATCHER_PRIMARY_REGION"),
        topic=variables.text("WATCHER_TOPIC"),
    )
    own_name, own_region = variables.text("WATCHER_OWN_NAME"), variables.text("AWS_REGION")
    environment = variables.text("WATCHER_ENVIRONMENT")
    interval = int(variables.choice("WATCHER_INTERVAL", ["10", "30"]) or 0)
    threshold = variables.number("WATCHER_THRESHOLD")
    variables.refuse_mistakes()
    return Watcher(
        primary=Prober(Publisher(primary) if deep else TcpProbe(primary.host), limit=PROBE_SECONDS),
        # No message: the fleet that has just moved here storms this broker. But its certificate
        # has to be served, which takes an hour after the first deploy.
        own=Prober(TlsProbe(own_name), limit=PROBE_SECONDS),
        switch=Switch(environment=environment, region=primary.region, keeper=own_region),
        metrics=Metrics("IotDr/Watcher", environment),
        interval=interval,
        threshold=threshold,
    )


_WATCHER = _watcher(os.environ)


def handle(_event: object, context: Context) -> dict[str, str]:
    """Watch once; raises when the switch cannot be put, which Lambda counts as an error."""
    decision = _WATCHER.watch(lambda: context.get_remaining_time_in_millis() / 1000)
    return {"decision": decision}
