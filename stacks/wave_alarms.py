"""The alarms that are watched after a wave."""

from environments.settings import Settings
from modules.canary import canary_alarm_name
from modules.context import Context
from modules.pipeline_condition import WatchedAlarm
from stacks.region_checks import ROUTE53_REGION, check_name
from stacks.rollout import Wave


def wave_alarms(settings: Settings, context: Context, wave: Wave) -> tuple[WatchedAlarm, ...]:
    """Give the alarms that must keep quiet after a wave, none where it changes nothing of theirs.

    After a region that is its canary's, after the entry point those of every region. Where health
    is shallow there is no canary, and the entry point's own TCP alarms are watched (ADR 0020).
    """
    is_entry_point = any(node.what == "entry-point" for node in wave.nodes)
    if settings.health.mode == "deep":
        regions = settings.failover_order if is_entry_point else wave.serving
        return tuple(_canary(context, region) for region in regions)
    if is_entry_point:
        return tuple(_tcp(context, region) for region in settings.failover_order)
    return ()


def _canary(context: Context, region: str) -> WatchedAlarm:
    name = canary_alarm_name(context, region)
    return WatchedAlarm(about=f"canary-{region}", name=name, region=region)


def _tcp(context: Context, region: str) -> WatchedAlarm:
    name = check_name(context, "tcp", region)
    return WatchedAlarm(about=f"tcp-{region}", name=name, region=ROUTE53_REGION)
