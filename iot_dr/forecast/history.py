"""What one event after another does: the watcher's switch, the answer of the device name, pages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from iot_dr.route53.evaluation import Answer
from iot_dr.route53.failover_config import HEALTHY, FailoverConfig, Health, RegionHealth, answer


class Alarm(Enum):
    """The alarms of a region.

    `deep` and `tcp` are on its health checks, in us-east-1, where Route 53 puts their metrics:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html. `canary` is
    in the region itself, `switch` in the one that keeps its switch; `watcher` is the primary's, in
    its keeper, where fail-back is latched.
    """

    DEEP = "deep"
    CANARY = "canary"
    TCP = "tcp"
    WATCHER = "watcher"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Page:
    """Somebody is paged: by which alarm, about which region."""

    region: str
    alarm: Alarm


def _all_well() -> Mapping[str, RegionHealth]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens: the health of the regions from now on, and what an operator switches."""

    health: Health = field(default_factory=_all_well)
    switched_away: frozenset[str] = frozenset()
    switched_back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverState:
    """How things stand after an event: the regions switched away, the answer, who is paged."""

    switches: frozenset[str]
    answer: Answer
    pages: tuple[Page, ...]

    def pages_before_failover(self, config: FailoverConfig) -> bool:
        """Whether somebody is paged while the devices are, and stay, with the primary."""
        stays = self.answer.leads_to == config.primary and not self.answer.is_fallback
        return stays and bool(self.pages)


def history(
    config: FailoverConfig, events: Iterable[Event], switches: frozenset[str] = frozenset()
) -> Iterator[FailoverState]:
    """Yield how things stand after each event: the operator acts, then the watcher, then DNS."""
    for event in events:
        switched = (switches | event.switched_away) - event.switched_back
        switches = latch(config, event.health, switched)
        yield FailoverState(
            switches=switches,
            answer=answer(config, event.health, switches),
            pages=pages(config, event.health, switches),
        )


def latch(config: FailoverConfig, health: Health, switches: frozenset[str]) -> frozenset[str]:
    """Return the switches after the watcher had its say; with fail-back `auto` there is none.

    `health` is what held during all probes of one run. The primary's own check must have failed,
    and TCP to the keeper's own name must be well: where both fail, the trouble may be near the
    watcher. It does not publish there, since the fleet that has just moved storms that broker. It
    never clears a switch. A failed check moves the answer and with it the watcher, whether the
    watcher's own message fails too or only the canary (ADR 0035).
    """
    if config.fail_back == "auto":
        return switches
    primary_fails = not health.get(config.primary, HEALTHY).is_healthy(config.mode)
    sees_well = health.get(config.keeper, HEALTHY).tcp
    return switches | {config.primary} if primary_fails and sees_well else switches


def pages(config: FailoverConfig, health: Health, switches: frozenset[str]) -> tuple[Page, ...]:
    """Return the alarms that are raised, in failover order.

    Every region's checks are watched, also those that no record asks. So the deep check of a
    standby pages while its TCP is well, before any device would be moved there.
    """
    return tuple(
        Page(region, alarm)
        for region in config.order
        for alarm in _raised(config, region, health, switches)
    )


def _raised(
    config: FailoverConfig, region: str, health: Health, switches: frozenset[str]
) -> Iterator[Alarm]:
    state = health.get(region, HEALTHY)
    if config.mode == "deep" and not state.deep:
        yield Alarm.DEEP
        # With its TCP gone the region may be too, and then its own alarm reaches nobody.
        if state.tcp:
            yield Alarm.CANARY
    if not state.tcp:
        yield Alarm.TCP
    is_watched = region == config.primary and config.fail_back == "latched"
    if is_watched and not state.is_healthy(config.mode) and health.get(config.keeper, HEALTHY).tcp:
        yield Alarm.WATCHER
    if region in switches:
        yield Alarm.SWITCH
