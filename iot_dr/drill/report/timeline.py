"""What happened, in order."""

from collections.abc import Iterator

from iot_dr.drill.recording import Moment, Recording
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.seconds import told


def timeline(recording: Recording, measured: Figures) -> tuple[Moment, ...]:
    """Give the moments of a recording, and what the figures add to them; the earliest is first."""
    noted = {each.kind for each in recording.moments}
    added = (each for each in _measured(recording, measured) if each.kind not in noted)
    return tuple(sorted((*recording.moments, *added), key=lambda each: each.at))


def _measured(recording: Recording, measured: Figures) -> Iterator[Moment]:
    yield Moment(at=0.0, kind="outage", what=f"{recording.outage} in {recording.region} begins")
    if recording.restored is not None:
        yield Moment(at=recording.restored, kind="outage", what=f"{recording.outage} is undone")
    if measured.detection:
        what = f"{measured.detection.what} turns unhealthy"
        yield Moment(at=measured.detection.at, kind="detection", what=what)
    for move in measured.moves:
        yield Moment(at=move.at, kind="flip", what=f"the answer is now {move.what}")
    yield from _devices(measured)


def _devices(measured: Figures) -> Iterator[Moment]:
    recovery = measured.recovery
    if recovery.first is None or recovery.last is None:
        return
    gap = (
        f"; until then no message for {told(measured.message_gap)}" if measured.message_gap else ""
    )
    yield Moment(at=recovery.first, kind="device", what=f"the first device is back{gap}")
    for part, at in (("half", recovery.p50), ("99 %", recovery.p99)):
        if at is not None:
            yield Moment(
                at=at, kind="device", what=f"{part} of the {measured.lost:,} devices are back"
            )
    missing = f"; {measured.never_back:,} never were" if measured.never_back else ""
    yield Moment(at=recovery.last, kind="device", what=f"the last device is back{missing}")
