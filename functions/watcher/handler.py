"""Lambda handler that runs every minute, in the region that takes over from the watched one.

Its variables are those of WatcherVariable, and of WatchedRegionVariable for each region. A wrong
one fails the initialization of the function.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Protocol

from functions.contract import (
    INTERVALS,
    MODES,
    PROBE_SECONDS,
    WATCHER_NAMESPACE,
    WatchedRegionVariable,
    WatcherVariable,
    watcher_alarm_regions,
)
from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.result import Outcome
from functions.probe.tcp import TcpProbe
from functions.probe.tls import TlsProbe
from functions.probe.variables import Variables
from functions.register import RegisterNames
from functions.watcher.device_name import DeviceNameProbe
from functions.watcher.history import History, WatchedRegion
from functions.watcher.registers import AwayRegisters
from functions.watcher.switch import EarlierSwitches, Switch, SwitchAlarm
from functions.watcher.watcher import Watcher


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the function."""
        ...


def _watcher(environ: Mapping[str, str]) -> Watcher:
    variables = Variables(environ)
    is_deep = variables.choice(WatcherVariable.MODE, MODES) == "deep"
    regions = {
        region: WatchedRegion(
            region,
            name=variables.text(f"{WatchedRegionVariable.NAME}{index}"),
            check_id=variables.text(f"{WatchedRegionVariable.CHECK}{index}"),
        )
        for index, region in enumerate(variables.names(WatcherVariable.REGIONS), 1)
    }
    own_region = variables.choice("AWS_REGION", list(regions))
    others = [each for each in regions if each != own_region]
    primary = variables.choice(WatcherVariable.PRIMARY, others)
    *earlier, _ = variables.text(WatcherVariable.AWAY).split(",")
    own_alarm_regions = variables.text(WatcherVariable.ALARM_REGIONS).split(",")
    device_name = variables.text(WatcherVariable.DEVICE_NAME)
    alarm_name = variables.text(WatcherVariable.SWITCH)
    ttl = variables.number(WatcherVariable.TTL)
    topic = variables.text(WatcherVariable.TOPIC)
    environment = variables.text(WatcherVariable.ENVIRONMENT)
    interval = int(variables.choice(WatcherVariable.INTERVAL, [*map(str, INTERVALS)]) or 0)
    threshold = variables.number(WatcherVariable.THRESHOLD)
    project = environ.get(WatcherVariable.PROJECT)
    variables.raise_if_invalid()
    alarm_regions: dict[str, Sequence[str]] = {
        region: watcher_alarm_regions([*regions], own_region, region) for region in earlier
    }
    alarm_regions[primary] = own_alarm_regions
    name, metrics = regions[primary].name, Metrics(WATCHER_NAMESPACE, environment)
    # A TLS handshake, no message: after a failover the whole fleet connects to the standby's broker
    # at once. TCP would not do, since the standby's certificate may not be served for up to an hour
    # after the first deployment:
    # docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html
    standbys = {
        region: Prober(TlsProbe(watched.name), limit=PROBE_SECONDS)
        for region, watched in regions.items()
        # A standby that is watched is probed by TCP, which is not enough to record it.
        if region != primary or earlier
    }
    message = PublishTarget(host=name, region=primary, topic=topic)
    answer = DeviceNameProbe(
        device_name,
        watched=primary,
        earlier=earlier,
        regions={watched.name: region for region, watched in regions.items()},
    )
    answer_prober = Prober(answer, limit=PROBE_SECONDS)
    alarm = SwitchAlarm(
        name=alarm_name, alarm_region=own_alarm_regions[0], ttl=ttl, metrics=metrics
    )
    return Watcher(
        primary=Prober(Publisher(message) if is_deep else TcpProbe(name), limit=PROBE_SECONDS),
        # A prober of its own: a probe of the history's may still hang in a DNS lookup.
        own=Prober(TlsProbe(regions[own_region].name), limit=PROBE_SECONDS),
        answer=answer_prober,
        is_used=lambda: (
            not earlier or answer_prober().outcome is Outcome.FAILED or answer.leads_to == primary
        ),
        is_settled=lambda: answer.has_led_here and alarm.is_settled(),
        switch=Switch(
            environment=environment,
            alarm_regions=alarm_regions,
            register=AwayRegisters(
                names=RegisterNames(project, environment),
                who=f"watcher in {own_region}",
                metrics=metrics,
            )
            if project
            else None,
            earlier=EarlierSwitches(
                # A switch's alarm is named after its region.
                alarms={each: f"{alarm_name.removesuffix(primary)}{each}" for each in earlier},
                ttl=ttl,
                metrics=metrics,
            ),
        ),
        history=History(
            environment=environment,
            primary=primary,
            regions=tuple(regions.values()),
            probes=standbys,
            metrics=metrics,
        ),
        metrics=metrics,
        interval=interval,
        threshold=threshold,
    )


_WATCHER = _watcher(os.environ)


def handle(_event: object, context: Context) -> dict[str, str]:
    """Watch once.

    Raises SwitchError if the switch cannot be put, which Lambda counts as an error.
    """
    decision = _WATCHER.watch(lambda: context.get_remaining_time_in_millis() / 1000)
    return {"decision": decision}
