"""Conditions before an outage without which its rehearsal shows nothing about failover."""

from collections.abc import Iterator
from typing import Final

from iot_dr.drill.recording import MAX_LAG, Recording
from iot_dr.drill.report.figures import Figures

_BUSY: Final = MAX_LAG / 4
"""Rehearsed seconds of delay from which on a probe with a limit of 2 s may fail by it."""

_LESS: Final = "Use a less busy machine, a lower speed or fewer devices."


def unmet_preconditions(recording: Recording, measured: Figures) -> Iterator[str]:
    """Yield a sentence for each: the primary serves all devices, and every standby would.

    The primary is that of the settings.
    """
    primary, devices = measured.primary, recording.devices
    if why := recording.unserved.get(primary):
        yield f"Before the outage {primary}, the primary, did not serve all devices: {why}."
    elif measured.served < devices:
        yield (
            f"Before the outage {primary}, the primary, served {measured.served:,} of"
            f" {devices:,} devices{_others(measured)}."
        )
    if measured.was_elsewhere and not recording.unserved.get(primary):
        yield f"The answer was {measured.before} before the outage began, not the primary."
    for region, why in recording.unserved.items():
        if region != primary:
            yield (
                f"Before the outage {region} did not serve a device that connects to it under the"
                f" device name: {why}."
            )


def overloads(recording: Recording) -> Iterator[str]:
    """Yield a sentence for each sign that not the design but the machine fails before the outage.

    Nothing changes until then: a design passes each probe of a check, or none.
    """
    for check, (passed, number) in recording.probes.items():
        if 0 < passed < number:
            yield (
                f"{check} passed {passed:,} of {number:,} probes before the outage, though nothing"
                f" had changed: the machine was too busy, or a limit is reached. {_LESS}"
            )
    lag = recording.machine.lag if recording.machine else 0.0
    if lag > _BUSY:
        yield (
            f"The 99th percentile of the drill's delay was {lag:.1f} rehearsed seconds, so the"
            f" machine may be the reason. {_LESS}"
        )


def _others(measured: Figures) -> str:
    elsewhere = measured.linked - measured.served
    parts = [
        f"{elsewhere:,} had a link to another region" if elsewhere else "",
        f"{measured.unconnected:,} never had a connection" if measured.unconnected else "",
    ]
    known = "; ".join(filter(None, parts))
    return f"; {known}" if known else ""
