"""Conditions before an outage without which its rehearsal shows nothing about failover."""

from collections.abc import Iterator

from iot_dr.drill.recording import Recording
from iot_dr.drill.report.figures import Figures


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


def _others(measured: Figures) -> str:
    elsewhere = measured.linked - measured.served
    parts = [
        f"{elsewhere:,} had a link to another region" if elsewhere else "",
        f"{measured.unconnected:,} never had a connection" if measured.unconnected else "",
    ]
    known = "; ".join(filter(None, parts))
    return f"; {known}" if known else ""
