"""All that was seen of an environment at one moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from environments.settings import Settings
from iot_dr.observe.state.status import Status
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.name_sight import NameAnswer, NameSight
from iot_dr.observe.status.route import Route, route
from iot_dr.observe.status.subscriptions import AlarmTopic, Subscriptions
from iot_dr.observe.status.unknown import Unknown
from iot_dr.observe.switch.audit import Entry
from iot_dr.observe.switch.check_sight import CheckSight
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.route53.chain import Ask, chain_of
from iot_dr.route53.check import AlarmState


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionReport:
    """What was seen of one region; checks go by deep, tcp and switch, quotas by their name.

    `audit` is what was noted when its switch was last put, None when it never was; `rotation` is
    the one that is under way, if any.
    """

    region: str
    checks: Mapping[str, CheckSight | Unknown]
    endpoint: Endpoint | Unknown
    switch: AlarmState | Unknown
    audit: Entry | Unknown | None
    quotas: Mapping[str, float | Unknown]
    rotation: Rotation | Unknown | None = None

    def healthy(self, what: str) -> bool | None:
        """Tell whether a check is healthy, None when that is not known.

        Where Route 53 does not tell of a switch's check, its alarm does.
        """
        seen = self.checks.get(what)
        if isinstance(seen, CheckSight):
            return seen.healthy
        if what == "switch" and not isinstance(self.switch, Unknown):
            return self.switch != "ALARM"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was seen, by Route 53, by DNS, by handshakes, and of switches, states and quotas.

    `subscriptions` are those of the topics of alarms.
    """

    settings: Settings
    taken: datetime
    regions: tuple[RegionReport, ...]
    names: tuple[NameSight, ...]
    states: Status | Unknown
    subscriptions: Mapping[AlarmTopic, Subscriptions | Unknown]

    @property
    def route(self) -> Route:
        """Where the checks lead the device name."""
        return route(chain_of(self.settings), dict(self._known()))

    @property
    def answers(self) -> tuple[NameAnswer, ...]:
        """What name servers answered, without those that did not."""
        return tuple(each.answer for each in self.names if isinstance(each.answer, NameAnswer))

    @property
    def region_by_dns(self) -> str | None:
        """The region that the zone's own servers answer, else all others; None without one."""
        own = {each.answer for each in self.names if each.kind == "authoritative"}
        seen = {each for each in own if isinstance(each, NameAnswer)} or set(self.answers)
        regions = {each.region for each in seen}
        return regions.pop() if len(regions) == 1 else None

    @property
    def is_blind(self) -> bool:
        """Whether nothing at all was seen."""
        return not any(True for _ in self._seen())

    def _known(self) -> Iterator[tuple[Ask, bool]]:
        for each in self.regions:
            for kind in ("deep", "tcp", "switch"):
                healthy = each.healthy(kind)
                if healthy is not None:
                    yield (each.region, kind), healthy

    def _seen(self) -> Iterator[object]:
        states = () if isinstance(self.states, Unknown) else self.states.seen
        yield from self.answers
        yield from (each for each in states if not each.problem)
        yield from (each for each in self.subscriptions.values() if not isinstance(each, Unknown))
        for region in self.regions:
            sights = (region.endpoint, region.switch, region.audit, *region.checks.values())
            yield from (
                each for each in (*sights, *region.quotas.values()) if not isinstance(each, Unknown)
            )
