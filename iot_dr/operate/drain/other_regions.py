"""Checks whether another region can serve the devices while one is rotated or drained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.endpoint import EndpointProbe, Handshake
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.audit import AuditRecord
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import Switching

_AGAIN: Final = 2


class NoOtherRegionError(UserError):
    """No other region is known to serve the devices."""


@dataclass(frozen=True, kw_only=True)
class OtherRegions:
    """Health and switches of all regions, and what each other region serves for the device name.

    Route 53's check of a standby is TCP only, which a region without a valid certificate passes
    too.
    """

    outlook: Outlook
    served: Mapping[str, Handshake | UnknownValue]

    def problem(self, *, is_forced: bool = False) -> str | None:
        """Return why no other region is known to serve devices; None if one is.

        With `is_forced`, a healthy region counts even if what it serves is unknown.
        """
        if any(self._takes(region, is_forced=is_forced) for region in self.served):
            return None
        states = ", ".join(map(self._about, self.served))
        region = self.outlook.region
        force = (
            "; --force continues"
            if any(self._takes(each, is_forced=True) for each in self.served)
            else ""
        )
        return f"no region but {region} is known to be healthy and to take devices: {states}{force}"

    def problem_of(self, region: str) -> str:
        """Return why one region is not known to serve devices; "" if it is."""
        return "" if self._takes(region, is_forced=False) else self._about(region)

    def _takes(self, region: str, *, is_forced: bool) -> bool:
        seen = self.served[region]
        is_served = is_forced if isinstance(seen, UnknownValue) else not seen.problem
        healthy = self.outlook.health[region].is_healthy
        return bool(healthy) and self.outlook.is_away(region) is False and is_served

    def _about(self, region: str) -> str:
        health, is_away = self.outlook.health[region], self.outlook.is_away(region)
        if is_away:
            return f"{region} is switched away"
        if is_away is None:
            return (
                f"{region} is {health.word}, its switch unknown ({self.outlook.switches[region]})"
            )
        if not health.is_healthy:
            return f"{region} is {health.word}"
        return self._serves(region)

    def _serves(self, region: str) -> str:
        name, seen = self.outlook.settings.device_name, self.served[region]
        if isinstance(seen, UnknownValue):
            return f"whether {region} serves {name} is unknown ({seen.reason})"
        return f"{region} does not serve {name} ({seen.problem})"


def served_elsewhere(
    settings: Settings, region: str, network: Network
) -> dict[str, Handshake | UnknownValue]:
    """Return what every other region serves for the device name, at its regional name's address."""
    probe = EndpointProbe(network=network, tls_policy=settings.endpoint.tls_policy)
    works: dict[str, Callable[[], Handshake]] = {
        other: partial(probe, settings.device_name, settings.regional_name(other))
        for other in settings.failover_order
        if other != region
    }
    return query_all(works, network.limits.total)


def complete_situation(switching: Switching) -> SwitchSituation:
    """Observe a switch, and up to twice more until everything is known.

    A switch must be fast and accepts a missing answer; a rotation or a drain does not. Raises what
    `Switching.observe` raises.
    """
    for _ in range(_AGAIN):
        situation = switching.observe()
        if _is_complete(situation):
            return situation
    return switching.observe()


def _is_complete(situation: SwitchSituation) -> bool:
    """Whether the health and the switch of every region, and the record, are known."""
    outlook = situation.outlook
    known = (
        outlook.health[region].is_healthy is not None and outlook.is_away(region) is not None
        for region in outlook.settings.regions
    )
    return all(known) and isinstance(situation.kept, AuditRecord)
