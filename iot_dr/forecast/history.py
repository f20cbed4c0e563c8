"""What one event after another does: the watcher's switch, the answer of the device name, pages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from iot_dr.route53.chain import WELL, Chain, Health, RegionHealth, answer
from iot_dr.route53.evaluation import Answer


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
    away: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How things stand after an event: the regions switched away, the answer, who is paged."""

    switches: frozenset[str]
    answer: Answer
    pages: tuple[Page, ...]

    def warns_first(self, chain: Chain) -> bool:
        """Whether somebody is paged while the devices are, and stay, with the primary."""
        stays = self.answer.leads_to == chain.primary and not self.answer.is_fallback
        return stays and bool(self.pages)


def history(
    chain: Chain, events: Iterable[Event], switches: frozenset[str] = frozenset()
) -> Iterator[Moment]:
    """Yield how things stand after each event: the operator acts, then the watcher, then DNS."""
    for event in events:
        switches = latch(chain, event.health, (switches | event.away) - event.back)
        yield Moment(
            switches=switches,
            answer=answer(chain, event.health, switches),
            pages=pages(chain, event.health, switches),
        )


def latch(chain: Chain, health: Health, switches: frozenset[str]) -> frozenset[str]:
    """Return the switches after the watcher had its say; with fail-back `auto` there is none.

    `health` is what held during all probes of one run. The primary's own check must have failed,
    and TCP to the keeper's own name must be well: where both fail, the trouble may be near the
    watcher. It does not publish there, since the fleet that has just moved storms that broker. It
    never clears a switch. The watcher publishes by itself, so a canary that is broken alone moves
    the devices and sets no switch: here `deep` is the publish, and both see the same.
    """
    if chain.fail_back == "auto":
        return switches
    primary_fails = not health.get(chain.primary, WELL).own(chain.mode)
    sees_well = health.get(chain.keeper, WELL).tcp
    return switches | {chain.primary} if primary_fails and sees_well else switches


def pages(chain: Chain, health: Health, switches: frozenset[str]) -> tuple[Page, ...]:
    """Return the alarms that are raised, in failover order.

    Every region's checks are watched, also those that no record asks. So the deep check of a
    standby pages while its TCP is well, before any device would be moved there.
    """
    return tuple(
        Page(region, alarm)
        for region in chain.order
        for alarm in _raised(chain, region, health, switches)
    )


def _raised(chain: Chain, region: str, health: Health, switches: frozenset[str]) -> Iterator[Alarm]:
    state = health.get(region, WELL)
    if chain.mode == "deep" and not state.deep:
        yield Alarm.DEEP
        # With its TCP gone the region may be too, and then its own alarm reaches nobody.
        if state.tcp:
            yield Alarm.CANARY
    if not state.tcp:
        yield Alarm.TCP
    is_watched = region == chain.primary and chain.fail_back == "latched"
    if is_watched and not state.own(chain.mode) and health.get(chain.keeper, WELL).tcp:
        yield Alarm.WATCHER
    if region in switches:
        yield Alarm.SWITCH
