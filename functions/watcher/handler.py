"""What Lambda calls each minute in the region that takes over from the primary.

Variables: WATCHER_MODE (deep or shallow), WATCHER_REGIONS (all of them, in the order of the
settings), WATCHER_NAME_1 and WATCHER_CHECK_1 (regional name and id of the TCP health check of the
first of them) and so on, WATCHER_PRIMARY (a region), WATCHER_TOPIC, WATCHER_ENVIRONMENT,
WATCHER_INTERVAL (seconds) and WATCHER_THRESHOLD. A wrong one stops the function before its first
watch.
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
from functions.watcher.history import History, WatchedRegion
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
    regions = {
        region: WatchedRegion(
            region,
            name=variables.text(f"WATCHER_NAME_{place}"),
            check_id=variables.text(f"WATCHER_CHECK_{place}"),
        )
        for place, region in enumerate(variables.names("WATCHER_REGIONS"), 1)
    }
    own_region = variables.choice("AWS_REGION", list(regions))
    primary = variables.choice("WATCHER_PRIMARY", [each for each in regions if each != own_region])
    topic = variables.text("WATCHER_TOPIC")
    environment = variables.text("WATCHER_ENVIRONMENT")
    interval = int(variables.choice("WATCHER_INTERVAL", ["10", "30"]) or 0)
    threshold = variables.number("WATCHER_THRESHOLD")
    variables.refuse_mistakes()
    name, metrics = regions[primary].name, Metrics("IotDr/Watcher", environment)
    # No message: the fleet that has just moved to a standby storms its broker. But its certificate
    # has to be served, which takes an hour after the first deploy.
    standbys = {
        region: Prober(TlsProbe(each.name), limit=PROBE_SECONDS)
        for region, each in regions.items()
        if region != primary
    }
    message = Topic(host=name, region=primary, topic=topic)
    return Watcher(
        primary=Prober(Publisher(message) if deep else TcpProbe(name), limit=PROBE_SECONDS),
        # Not that of the history, whose lookups may still hang.
        own=Prober(TlsProbe(regions[own_region].name), limit=PROBE_SECONDS),
        switch=Switch(environment=environment, region=primary, keeper=own_region),
        history=History(
            environment=environment,
            primary=primary,
            regions=tuple(regions.values()),
            probes=standbys,
            metrics=metrics,
        ),
        metrics=metrics,
        interval=interval,
        threshold=threshold,
    )


_WATCHER = _watcher(os.environ)


def handle(_event: object, context: Context) -> dict[str, str]:
    """Watch once; raises when the switch cannot be put, which Lambda counts as an error."""
    decision = _WATCHER.watch(lambda: context.get_remaining_time_in_millis() / 1000)
    return {"decision": decision}
