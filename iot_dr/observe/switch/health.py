"""Health of the regions, from Route 53 or from a probe."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.switch.route53 import route53_health

_SECONDS: Final = 2.5
_ROUTE53: Final = "Route 53"
_PROBE: Final = "TLS from here"


@dataclass(frozen=True, slots=True)
class HealthObservation:
    """The health of a region and its source; None and "" if it is unknown.

    `route53` and `probe` say why these sources gave no result; "" for one that was not needed.
    """

    is_healthy: bool | None
    source: str
    route53: str = ""
    probe: str = ""

    @property
    def word(self) -> str:
        """The health in one word."""
        return {True: "healthy", False: "unhealthy", None: "unknown"}[self.is_healthy]


def region_health(
    settings: Settings, clients: Clients, probe: Callable[[str], None]
) -> dict[str, HealthObservation]:
    """Return the health of every region within 2.5 s: by Route 53, else by a probe from here.

    Both are queried at once. `probe` gets a regional name and raises UserError if it does not
    answer; a failed probe proves nothing, since this machine may be the one that is cut off.
    """
    probes = regions_prober(settings, probe)
    gathered = gather(
        {_ROUTE53: partial(route53_health, settings, clients, _SECONDS), _PROBE: probes}, _SECONDS
    )
    checked, probed = gathered[_ROUTE53], gathered[_PROBE]
    return {region: _seen(region, checked, probed) for region in settings.regions}


def regions_prober(
    settings: Settings, probe: Callable[[str], None]
) -> Callable[[], dict[str, bool | UserError]]:
    """Return a function that probes all regional names at once: True, or why the probe failed."""

    def answers(name: str) -> bool:
        probe(name)
        return True

    names = {region: settings.regional_name(region) for region in settings.regions}
    calls = {region: partial(answers, name) for region, name in names.items()}
    return lambda: gather(calls, _SECONDS)


def _seen(
    region: str,
    checked: dict[str, bool | UserError] | UserError,
    probed: dict[str, bool | UserError] | UserError,
) -> HealthObservation:
    by_route53 = checked if isinstance(checked, UserError) else checked[region]
    if isinstance(by_route53, bool):
        return HealthObservation(by_route53, _ROUTE53)
    by_probe = probed if isinstance(probed, UserError) else probed[region]
    if isinstance(by_probe, bool):
        return HealthObservation(by_probe, _PROBE, str(by_route53))
    return HealthObservation(None, "", str(by_route53), str(by_probe))
