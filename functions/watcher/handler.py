"""Lambda handler that runs every minute, in the region that takes over from the watched one.

Its variables are those of WatcherVariable, and of WatchedRegionVariable for each region. A wrong
one fails the initialization of the function.
"""

import os
from typing import Protocol

from functions.contract import PROBE_SECONDS, WATCHER_NAMESPACE
from functions.probe.connection import TcpProbe, TlsProbe
from functions.probe.metrics import Metrics
from functions.probe.prober import Probe, Prober
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.result import Outcome
from functions.register import RegisterNames
from functions.watcher.device_name import DeviceNameProbe
from functions.watcher.history import History
from functions.watcher.registers import AwayRegisters
from functions.watcher.settings import WatcherSettings, watcher_settings
from functions.watcher.switch import EarlierSwitches, Switch, SwitchAlarm
from functions.watcher.watcher import Watcher


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the function."""
        ...


def _prober(probe: Probe) -> Prober:
    return Prober(probe, limit=PROBE_SECONDS)


def _watcher(settings: WatcherSettings) -> Watcher:
    primary, earlier = settings.primary, settings.earlier
    metrics = Metrics(WATCHER_NAMESPACE, settings.environment)
    device_name = DeviceNameProbe(
        settings.device_name,
        watched=primary,
        earlier=earlier,
        regions={watched.name: region for region, watched in settings.regions.items()},
    )
    answer = _prober(device_name)
    alarm = SwitchAlarm(
        name=settings.alarm_name,
        alarm_region=settings.primary_alarm_regions[0],
        ttl=settings.ttl,
        metrics=metrics,
    )
    return Watcher(
        primary=_prober(_primary_probe(settings)),
        # A prober of its own: a probe of the history's may still hang in a DNS lookup.
        own=_prober(TlsProbe(settings.regions[settings.own_region].name)),
        answer=answer,
        is_used=lambda: (
            not earlier or answer().outcome is Outcome.FAILED or device_name.leads_to == primary
        ),
        is_settled=lambda: device_name.has_led_here and alarm.is_settled(),
        switch=_switch(settings, metrics),
        history=_history(settings, metrics),
        metrics=metrics,
        interval=settings.interval,
        threshold=settings.threshold,
    )


def _primary_probe(settings: WatcherSettings) -> Probe:
    name = settings.regions[settings.primary].name
    if settings.is_deep:
        return Publisher(PublishTarget(host=name, region=settings.primary, topic=settings.topic))
    return TcpProbe(name)


def _switch(settings: WatcherSettings, metrics: Metrics) -> Switch:
    # A switch's alarm is named after its region.
    prefix = settings.alarm_name.removesuffix(settings.primary)
    register = settings.project and AwayRegisters(
        names=RegisterNames(settings.project, settings.environment),
        who=f"watcher in {settings.own_region}",
        metrics=metrics,
    )
    return Switch(
        environment=settings.environment,
        alarm_regions=settings.alarm_regions,
        register=register or None,
        earlier=EarlierSwitches(
            alarms={region: f"{prefix}{region}" for region in settings.earlier},
            ttl=settings.ttl,
            metrics=metrics,
        ),
    )


def _history(settings: WatcherSettings, metrics: Metrics) -> History:
    # A TLS handshake, no message: after a failover the whole fleet connects to the standby's broker
    # at once. TCP would not do, since the standby's certificate may not be served for up to an hour
    # after the first deployment:
    # docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html
    probes = {
        region: _prober(TlsProbe(watched.name))
        for region, watched in settings.regions.items()
        # A standby that is watched is probed by TCP, which is not enough to record it.
        if region != settings.primary or settings.earlier
    }
    return History(
        environment=settings.environment,
        primary=settings.primary,
        regions=tuple(settings.regions.values()),
        probes=probes,
        metrics=metrics,
    )


_WATCHER = _watcher(watcher_settings(os.environ))


def handle(_event: object, context: Context) -> dict[str, str]:
    """Watch once.

    Raises SwitchError if the switch cannot be put, which Lambda counts as an error.
    """
    decision = _WATCHER.watch(lambda: context.get_remaining_time_in_millis() / 1000)
    return {"decision": decision}
