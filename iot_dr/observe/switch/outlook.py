"""The regions that devices are directed to before and after a switch is set."""

from collections.abc import Mapping
from dataclasses import dataclass

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.switch.health import HealthObservation
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.check import AlarmState
from iot_dr.route53.evaluation import Answer
from iot_dr.route53.failover_config import answers


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Health and switches of the regions, and the consequences of switching one of them.

    `switches` are the states of the switches' alarms, or why one is unknown. An unknown state may
    be either, so there may be several answers.
    """

    settings: Settings
    region: str
    action: Action
    health: Mapping[str, HealthObservation]
    switches: Mapping[str, AlarmState | UserError]

    def is_away(self, region: str) -> bool | None:
        """Whether a region is switched away; None if the state of its alarm is unknown."""
        state = self.switches[region]
        return None if isinstance(state, UserError) else state == "ALARM"

    @property
    def is_last(self) -> bool:
        """Whether the region is last in failover order, so that no record evaluates its switch."""
        return self.region == failover_config(self.settings).last

    @property
    def now(self) -> tuple[str, ...]:
        """The regions that the device name may lead to now, in failover order."""
        return self._led(self._away)

    @property
    def afterwards(self) -> tuple[str, ...]:
        """The regions that it may lead to once the switch is set, in failover order."""
        return self._led({**self._away, self.region: self.action == "away"})

    @property
    def _away(self) -> Mapping[str, bool | None]:
        return {region: self.is_away(region) for region in self.settings.regions}

    @property
    def leaves_none_healthy(self) -> bool:
        """Whether switching away leaves no region that is healthy and not switched away.

        False for a switch back, for the last region and for one that is already away. Unknown
        health counts as unhealthy. A standby whose switch is unknown counts as not switched away,
        as the first region, which keeps the other regions' switches, may be unavailable. A primary
        whose switch is unknown counts as switched away, as the watcher may have set its switch.
        """
        if self.action == "back" or self.is_last or self.is_away(self.region):
            return False
        healthy = {region: bool(seen.is_healthy) for region, seen in self.health.items()}
        away = {region: self._may_be_away(region) for region in healthy}
        # Nothing is left unknown, so that there is exactly one answer.
        then = {**away, self.region: True}
        (answer,) = self._answers(healthy, then)
        # The last record of the order leads to a standby that is switched away, if need be.
        is_last = answer.leads_to == failover_config(self.settings).last
        return answer.is_fallback or (then[answer.leads_to] and not is_last)

    def _may_be_away(self, region: str) -> bool:
        known = self.is_away(region)
        return region == self.settings.primary_region if known is None else known

    @property
    def is_undone_by_watcher(self) -> bool:
        """Whether the watcher would undo a switch back, because the region is unhealthy.

        A standby is watched if another one follows, and switched away only while no region before
        it is the answer.
        """
        latched = self.settings.recovery.fail_back == "latched"
        fails = self.health[self.region].is_healthy is False
        order = self.settings.failover_order
        earlier = order[: order.index(self.region)]
        is_watched = not self.is_last and not {*self.afterwards} & {*earlier}
        return self.action == "back" and latched and fails and is_watched

    def _led(self, away: Mapping[str, bool | None]) -> tuple[str, ...]:
        """Return the regions that may be the answer, in failover order."""
        healthy = {region: seen.is_healthy for region, seen in self.health.items()}
        regions = {answer.leads_to for answer in self._answers(healthy, away)}
        return tuple(region for region in self.settings.failover_order if region in regions)

    def _answers(
        self, healthy: Mapping[str, bool | None], away: Mapping[str, bool | None]
    ) -> tuple[Answer, ...]:
        chain = failover_config(self.settings)
        switches = {region: None if each is None else not each for region, each in away.items()}
        states = {
            (region, kind): switches[region] if kind == "switch" else healthy[region]
            for region, kind in chain.check_keys
        }
        return answers(chain, states)
