"""The effects of a sequence of events: switches, the answer for the device name, and alarms."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from iot_dr.route53.evaluation import Answer
from iot_dr.route53.failover_config import FailoverConfig
from tests.support.region_health import HEALTHY, Health, RegionHealth, answer


class Alarm(Enum):
    """The alarms of a region.

    `deep` and `tcp` are on its health checks, in us-east-1, where Route 53 publishes metrics:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html. `canary` is in
    the region itself, `switch` in the regions that have its switch. `watcher` is in the next region
    in the order of failover, if fail-back is latched.
    """

    DEEP = "deep"
    CANARY = "canary"
    TCP = "tcp"
    WATCHER = "watcher"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Page:
    """An alarm about a region that pages somebody."""

    region: str
    alarm: Alarm


def _all_well() -> Mapping[str, RegionHealth]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The health of the regions from now on, and the operator's switches."""

    health: Health = field(default_factory=_all_well)
    switched_away: frozenset[str] = frozenset()
    switched_back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverState:
    """The state after an event: regions switched away, the answer, and the alarms."""

    switches: frozenset[str]
    answer: Answer
    pages: tuple[Page, ...]

    def pages_before_failover(self, config: FailoverConfig) -> bool:
        """Whether an alarm is raised while devices stay with the primary."""
        stays = self.answer.leads_to == config.primary and not self.answer.is_fallback
        return stays and bool(self.pages)


def history(
    config: FailoverConfig, events: Iterable[Event], switches: frozenset[str] = frozenset()
) -> Iterator[FailoverState]:
    """Yield the state after each event: the operator acts first, then the watcher, then DNS."""
    for event in events:
        switched = (switches | event.switched_away) - event.switched_back
        switches = latch(config, event.health, switched)
        yield FailoverState(
            switches=switches,
            answer=answer(config, event.health, switches),
            pages=pages(config, event.health, switches),
        )


def latch(config: FailoverConfig, health: Health, switches: frozenset[str]) -> frozenset[str]:
    """Return the switches after a run of the watchers, which exist unless fail-back is `auto`.

    `health` must hold during all probes of the run. Each standby watches the region before it, and
    sets the switches of that and of all earlier regions if its own check fails while devices use it
    or a later region (ADR 0039) and TCP to the standby works: if both fail, the watcher itself may
    be cut off. It does not publish to its own region, whose broker may be overloaded by the fleet.
    It never clears a switch. A failed check moves the answer and sets the switch, whether the
    watcher's own message fails too or only the canary (ADR 0035).
    """
    leads_to = answer(config, health, switches).leads_to
    for place, (watched, watching) in enumerate(pairwise(config.order)):
        is_used = leads_to not in config.order[:place]
        if is_used and _is_seen_failing(config, watched, watching, health):
            switches |= {*config.order[: place + 1]}
    return switches


def _is_seen_failing(config: FailoverConfig, watched: str, watching: str, health: Health) -> bool:
    """Whether the watcher in `watching` finds that a region fails, and is not itself cut off."""
    mode = "deep" if config.own_check(watched)[1] == "deep" else "shallow"
    fails = not health.get(watched, HEALTHY).is_healthy(mode)
    return config.fail_back == "latched" and fails and health.get(watching, HEALTHY).tcp


def pages(config: FailoverConfig, health: Health, switches: frozenset[str]) -> tuple[Page, ...]:
    """Return the raised alarms, in failover order.

    All checks of every region have alarms, also those that no record uses: a standby's deep check
    raises one before any device is moved there.
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
        # If TCP fails too, the region may be lost, and an alarm in it reaches nobody.
        if state.tcp:
            yield Alarm.CANARY
    if not state.tcp:
        yield Alarm.TCP
    watching = dict(pairwise(config.order))
    if region in watching and _is_seen_failing(config, region, watching[region], health):
        yield Alarm.WATCHER
    if region in switches:
        yield Alarm.SWITCH
