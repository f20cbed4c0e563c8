"""The result of one observation of an environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from environments.settings import Settings
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.state.states_overview import StatesOverview
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.metrics import CheckHistory, Devices
from iot_dr.observe.status.name_answers import NameAnswer, NameServerAnswer
from iot_dr.observe.status.registry_ages import RegistryAges
from iot_dr.observe.status.route import Route, route
from iot_dr.observe.status.subscriptions import AlarmTopicName, Subscriptions
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.alarm_copies import AlarmCopy
from iot_dr.observe.switch.alarms import switch_state
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.registers import Register
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.route53.check import AlarmState
from iot_dr.route53.failover_config import CheckKey

SECOND_SWITCH: Final = "switch_second"
"""The kind of the check of a switch's second alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionReport:
    """Observations of one region; checks are keyed by deep, tcp, switch and switch_second.

    `alarms` and `registers` of its switch are keyed by alarm region, `quotas` by name.

    `audit` is the record of the last use of its switch, None if there was none; `rotation` is the
    unfinished one, if any. `histories` are those of the deep and the TCP check, as far as known.
    """

    region: str
    checks: Mapping[str, CheckReports | UnknownValue]
    endpoint: Handshake | UnknownValue
    alarms: Mapping[str, AlarmState | UnknownValue]
    audit: AuditEntry | UnknownValue | None
    quotas: Mapping[str, float | UnknownValue]
    devices: Devices | UnknownValue
    rotation: Rotation | UnknownValue | None = None
    histories: Mapping[str, CheckHistory] = field(default_factory=dict[str, CheckHistory])
    registers: Mapping[str, Register | UnknownValue] = field(default_factory=dict[str, "Register"])

    @property
    def switch(self) -> AlarmState | UnknownValue:
        """The state of its switch, from those of its alarms."""
        return switch_state(self.alarms)

    @property
    def has_different_alarms(self) -> bool:
        """Whether one alarm of its switch is in ALARM and another is not."""
        known = [alarm for alarm in self.alarms.values() if not isinstance(alarm, UnknownValue)]
        return len({alarm == "ALARM" for alarm in known}) > 1

    def healthy(self, what: str) -> bool | None:
        """Whether a check is healthy, for `switch` all of its checks; None if unknown.

        If Route 53 does not report on a switch's checks, the switch's alarms decide.
        """
        kinds = [kind for kind in (what, f"{what}_second") if kind in self.checks]
        seen = [self.checks[kind] for kind in kinds]
        known = [check.healthy for check in seen if isinstance(check, CheckReports)]
        if not all(known):
            return False
        if known and len(known) == len(seen):
            return True
        if what == "switch" and not isinstance(self.switch, UnknownValue):
            return self.switch != "ALARM"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """Observations of Route 53, DNS, TLS handshakes, switches, states and quotas.

    `subscriptions` are those of the alarms' topics, `copies` Route 53's of the switches' alarms;
    `firing` are the environment's alarms in ALARM by region. `registry_ages` are the recovery
    points of the registry with the block `data`: by the region that has the changes of another one,
    and by that one.
    """

    settings: Settings
    taken: datetime
    regions: tuple[RegionReport, ...]
    names: tuple[NameServerAnswer, ...]
    states: StatesOverview | UnknownValue
    subscriptions: Mapping[AlarmTopicName, Subscriptions | UnknownValue]
    copies: tuple[AlarmCopy, ...] | UnknownValue = ()
    firing: Mapping[str, tuple[str, ...] | UnknownValue] = field(
        default_factory=dict[str, tuple[str, ...] | UnknownValue]
    )
    registry_ages: Mapping[str, Mapping[str, RegistryAges] | UnknownValue] = field(
        default_factory=dict[str, Mapping[str, RegistryAges] | UnknownValue]
    )

    @property
    def known_copies(self) -> tuple[AlarmCopy, ...]:
        """The copies, none if they are unknown."""
        return () if isinstance(self.copies, UnknownValue) else self.copies

    @property
    def route(self) -> Route:
        """The regions that the health checks direct the device name to."""
        return route(failover_config(self.settings), dict(self._known()))

    @property
    def answers(self) -> tuple[NameAnswer, ...]:
        """The answers of name servers, without failed queries."""
        return tuple(each.answer for each in self.names if isinstance(each.answer, NameAnswer))

    @property
    def answered_region(self) -> str | None:
        """The region that the zone's own servers, else all others, agree on; else None."""
        own = {each.answer for each in self.names if each.kind == "authoritative"}
        seen = {each for each in own if isinstance(each, NameAnswer)} or set(self.answers)
        regions = {each.region for each in seen}
        return regions.pop() if len(regions) == 1 else None

    @property
    def serving(self) -> str | None:
        """The region that answers: by DNS, else by the checks."""
        return self.answered_region or self.route.region

    @property
    def is_empty(self) -> bool:
        """Whether every query failed, or found that there is no device name."""
        return not any(True for _ in self._seen())

    def _known(self) -> Iterator[tuple[CheckKey, bool]]:
        for region in self.regions:
            for kind in ("deep", "tcp", "switch"):
                healthy = region.healthy(kind)
                if healthy is not None:
                    yield (region.region, kind), healthy

    def _seen(self) -> Iterator[object]:
        states = () if isinstance(self.states, UnknownValue) else self.states.states
        yield from (answer for answer in self.answers if answer.target)
        yield from (value for value in states if not value.problem)
        yield from (
            value for value in self.subscriptions.values() if not isinstance(value, UnknownValue)
        )
        for region in self.regions:
            values = (region.endpoint, region.switch, region.audit, *region.checks.values())
            yield from (
                value
                for value in (*values, *region.quotas.values())
                if not isinstance(value, UnknownValue)
            )
