"""Where devices are led before and after a switch is put."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.alarms import AlarmState
from iot_dr.observe.switch.health import Seen
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.answer import answer
from iot_dr.route53.chain import chain_of
from iot_dr.route53.region_health import Health, RegionHealth


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is known of the regions, and what follows from it for one that is switched.

    `switches` are the states of the switches' alarms, or why one is not known. What is not known
    may be either: so there may be several answers.
    """

    settings: Settings
    region: str
    action: Action
    health: Mapping[str, Seen]
    switches: Mapping[str, AlarmState | UserError]

    def is_away(self, region: str) -> bool | None:
        """Tell whether a region is switched away, None when its keeper does not tell."""
        state = self.switches[region]
        return None if isinstance(state, UserError) else state == "ALARM"

    @property
    def is_last(self) -> bool:
        """Tell whether the region is the last of the chain, whose switch no record asks."""
        return self.region == chain_of(self.settings).last

    @property
    def now(self) -> tuple[str, ...]:
        """The regions that the device name may lead to now, in failover order."""
        return self._ordered(set(self._answers(put=False)))

    @property
    def then(self) -> tuple[str, ...]:
        """The regions that it may lead to once the switch is put."""
        return self._ordered(set(self._answers(put=True)))

    @property
    def takes_last_healthy(self) -> bool:
        """Tell whether this would leave no region that is known to be healthy and to take devices.

        What is not known counts as not healthy. A standby whose switch is not known counts as not
        switched away: when the first region is gone, nobody tells the other regions' switches.
        The primary counts as switched away then, for the watcher may have put its switch.
        """
        if self.action == "back" or self.is_last or self.is_away(self.region):
            return False
        healthy = {region: bool(seen.is_healthy) for region, seen in self.health.items()}
        away = frozenset(region for region in healthy if self._may_be_away(region))
        return answer(
            chain_of(self.settings), _health(healthy), self._put(away, put=True)
        ).is_fallback

    def _may_be_away(self, region: str) -> bool:
        known = self.is_away(region)
        return region == self.settings.primary_region if known is None else known

    @property
    def is_put_again_by_watcher(self) -> bool:
        """Tell whether the watcher undoes a switch back, because the primary fails."""
        latched = self.settings.recovery.fail_back == "latched"
        is_primary = self.region == self.settings.primary_region
        fails = self.health[self.region].is_healthy is False
        return self.action == "back" and latched and is_primary and fails

    def _answers(self, *, put: bool) -> Iterator[str]:
        """Give the answer for each way in which the unknown may be."""
        regions = self.settings.regions
        healths = [_choices(self.health[region].is_healthy) for region in regions]
        aways = [_choices(self.is_away(region)) for region in regions]
        for health in product(*healths):
            for away in product(*aways):
                switched = {
                    region for region, is_away in zip(regions, away, strict=True) if is_away
                }
                yield answer(
                    chain_of(self.settings),
                    _health(dict(zip(regions, health, strict=True))),
                    self._put(frozenset(switched), put=put),
                ).region

    def _put(self, away: frozenset[str], *, put: bool) -> frozenset[str]:
        if not put:
            return away
        return away | {self.region} if self.action == "away" else away - {self.region}

    def _ordered(self, regions: set[str]) -> tuple[str, ...]:
        return tuple(region for region in self.settings.failover_order if region in regions)


def _choices(known: bool | None) -> tuple[bool, ...]:
    return (True, False) if known is None else (known,)


def _health(healthy: Mapping[str, bool]) -> Health:
    return {region: RegionHealth(deep=each, tcp=each) for region, each in healthy.items()}
