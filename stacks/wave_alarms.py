"""The alarms that are watched after a wave."""

from collections.abc import Iterator
from dataclasses import dataclass

from environments.settings import Settings
from modules.canary import canary_alarm_name
from modules.region_checks import ROUTE53_REGION, check_name
from stacks.rollout import Wave
from stacks.stack_context import stack_context


@dataclass(frozen=True, kw_only=True)
class WatchedAlarm:
    """An alarm that must keep quiet: its name, and the region that it stands in."""

    name: str
    region: str

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"


def wave_alarms(settings: Settings, wave: Wave) -> tuple[WatchedAlarm, ...]:
    """Give the alarms that must keep quiet after a wave, none where it changes nothing of theirs.

    After a region that is its canary's, after the entry point those of every region. Where health
    is shallow there is no canary, and the entry point's own TCP alarms are watched (ADR 0020).
    """
    is_entry_point = any(node.what == "entry-point" for node in wave.nodes)
    if settings.health.mode == "deep":
        regions = settings.failover_order if is_entry_point else wave.serving
        return tuple(_canary(settings, region) for region in regions)
    if is_entry_point:
        return tuple(_tcp(settings, region) for region in settings.failover_order)
    return ()


def every_alarm(settings: Settings) -> Iterator[WatchedAlarm]:
    """Return the alarms of every region that may be watched, whatever the mode of its health."""
    for region in settings.state_buckets:
        yield _canary(settings, region)
        yield _tcp(settings, region)


def _canary(settings: Settings, region: str) -> WatchedAlarm:
    name = canary_alarm_name(stack_context(settings, region), region)
    return WatchedAlarm(name=name, region=region)


def _tcp(settings: Settings, region: str) -> WatchedAlarm:
    name = check_name(stack_context(settings, region), "tcp", region)
    return WatchedAlarm(name=name, region=ROUTE53_REGION)
