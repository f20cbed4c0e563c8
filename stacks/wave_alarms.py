"""The alarms that a rollout watches after each wave."""

from collections.abc import Iterator
from dataclasses import dataclass

from environments.settings import Settings
from modules.global_region import GLOBAL_REGION
from modules.monitoring_names import canary_alarm_name, check_name
from stacks.rollout import Wave
from stacks.stack_context import stack_context


@dataclass(frozen=True, kw_only=True)
class WatchedAlarm:
    """The name and region of an alarm that must not go off."""

    name: str
    region: str

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"


def wave_alarms(settings: Settings, wave: Wave) -> tuple[WatchedAlarm, ...]:
    """Return the alarms that must not go off after a wave.

    After a region's wave they are that region's canary alarm, after the entry point's those of all
    regions. In shallow mode there are no canaries: only the entry point's wave has alarms, of its
    TCP checks (ADR 0020).
    """
    is_entry_point = any(node.what == "entry-point" for node in wave.nodes)
    if settings.health.mode == "deep":
        regions = settings.failover_order if is_entry_point else wave.serving
        return tuple(_canary(settings, region) for region in regions)
    if is_entry_point:
        return tuple(_tcp(settings, region) for region in settings.failover_order)
    return ()


def all_alarms(settings: Settings) -> Iterator[WatchedAlarm]:
    """Yield all alarms that a rollout could watch, in either mode of the health checks."""
    for region in settings.state_buckets:
        yield _canary(settings, region)
        yield _tcp(settings, region)


def _canary(settings: Settings, region: str) -> WatchedAlarm:
    name = canary_alarm_name(stack_context(settings, region), region)
    return WatchedAlarm(name=name, region=region)


def _tcp(settings: Settings, region: str) -> WatchedAlarm:
    name = check_name(stack_context(settings, region), "tcp", region)
    return WatchedAlarm(name=name, region=GLOBAL_REGION)
