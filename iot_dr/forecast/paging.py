"""Who is paged for what the checks say, whether devices move or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from iot_dr.route53.chain import WELL, Chain, Health


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


def pages(chain: Chain, health: Health, switches: frozenset[str]) -> tuple[Page, ...]:
    """Give the alarms that are raised, in failover order.

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
