"""Where the tests of switches take place: an environment with three regions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from environments.settings import Settings
from functions.contract import SWITCH_METRIC, switch_namespace
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import Faults
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.probe import ProbeError
from iot_dr.observe.switch.switching import Switching, SwitchResult
from tests.support.applied_world import AppliedWorld
from tests.support.settings import REGIONS, settings

SETTINGS = settings(regions=list(REGIONS[:3]))
WEST, CENTRAL, NORTH = SETTINGS.regions


def used(switching: Switching, who: str, reason: str, *, forced: bool) -> SwitchResult:
    """Use a switch without the wait of a switch back."""
    switching.register(who, reason, forced=forced)
    return switching.set()


@dataclass
class Place:
    """The environment, and what can fail before it; TLS works to the regions in `reachable`."""

    world: AppliedWorld
    faults: Faults
    reachable: Iterable[str] = ()
    settings: Settings = SETTINGS

    def probe(self, name: str) -> None:
        """Stand in for a connect to a regional name."""
        if name not in map(self.settings.regional_name, self.reachable):
            raise ProbeError("no answer on port 8883: unreachable")

    def switching(self, region: str, action: Action = "away") -> Switching:
        """Begin to use a switch."""
        return Switching(self.settings, region, action, self.probe)

    def client(self, service: str, region: str) -> Any:
        """Return a client that no fault stands before."""
        return client(service, region, self.world.endpoint)

    def values_put(self, region: str) -> list[float]:
        """Return the values that reached the alarm regions of a region's switch, in order."""
        dimensions = [
            {"Name": "Environment", "Value": self.settings.environment},
            {"Name": "Region", "Value": region},
        ]
        sent = [
            json.loads(request.body)
            for request in self.faults.seen
            if request.headers.get("X-Amz-Target", "").endswith(".PutMetricData")
            and request.region in self.settings.alarm_regions(region)
            and self.faults.failure_of(request) is None
        ]
        return [
            point["Value"]
            for request in sent
            for point in request["MetricData"]
            if (request["Namespace"], point["MetricName"])
            == (switch_namespace("dev"), SWITCH_METRIC)
            and point["Dimensions"] == dimensions
        ]
