"""Drawing of the share of devices that are back over time, with prediction and target."""

from collections.abc import Iterator
from typing import Final

from iot_dr.common.html import Element, element
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page.canvas import (
    BOTTOM,
    LEFT,
    LINE,
    RIGHT,
    Scale,
    count_axis,
    line,
    path,
    stepped,
    svg,
    text,
    text_width,
    time_axis,
)
from iot_dr.drill.report.prediction import Compared
from iot_dr.drill.report.seconds import duration

_HEIGHT: Final = 260
_TOP: Final = 12
_FAR: Final = 3.0
"""The target is outside of the drawing if it is more than so many times the other times."""

_MARGIN: Final = 1.08
_GAP: Final = 12
_NAMES: Final = 150
"""Width in pixels of the labels to the right of a point."""


def recovery(outage: OutageReport, width: int) -> Element:
    """Draw the share of devices that are back, with measured and predicted p50 and p99."""
    return svg(width, _HEIGHT, _label(outage), _drawn(outage, width))


def _drawn(outage: OutageReport, width: int) -> Iterator[Element]:
    high, shows_target = _high(outage, width - LEFT - RIGHT)
    x = Scale(0, high, LEFT, width - RIGHT)
    y = Scale(0, 100, _HEIGHT - BOTTOM, _TOP)
    yield from count_axis(x, y, range(0, 101, 25), " %")
    yield from _target(outage, x, y, is_shown=shows_target)
    yield from _undone(outage, x, y)
    sample = outage.figures.recovery
    shares = [100 * place / len(sample) for place in range(1, len(sample.seconds) + 1)]
    curve = stepped([0.0, *map(float, sample.seconds)], [0.0, *shares], x, y, x.high)
    yield path(curve, "curve measured")
    yield from _point(outage.prediction.p50, "p50", x, y(50))
    yield from _point(outage.prediction.p99, "p99", x, y(99))
    if sample.missing:
        share = shares[-1] if shares else 0.0
        label = f"{sample.missing:,} of {len(sample):,} never back"
        yield text(x.end, y(share) - 6, label, "name bad", "end")
    yield from time_axis(x, y.begin)


def _high(outage: OutageReport, room: int) -> tuple[float, bool]:
    """Return the last second of the axis, and whether it includes the target."""
    p99 = outage.prediction.p99
    last = max(outage.figures.recovery.last or 0.0, p99.predicted)
    is_near = outage.rto <= _FAR * last
    named = max(p99.measured or 0.0, p99.predicted) / (1 - _NAMES / room)
    return max(last * _MARGIN, named, outage.rto * _MARGIN if is_near else 0.0), is_near


def _undone(outage: OutageReport, x: Scale, y: Scale) -> Iterator[Element]:
    """Draw when the outage was undone: later recoveries may not be due to failover."""
    restored = outage.recording.restored
    if restored is not None and restored < x.high:
        at, name = x(restored), f"undone {duration(restored)}"
        yield line(at, y.end, at, y.begin, "mark-line")
        height = y.begin - 8 - LINE
        if at + 6 + text_width(name) < x.end:
            yield text(at + 6, height, name, "tick")
        else:
            yield text(at - 6, height, name, "tick", "end")


def _target(outage: OutageReport, x: Scale, y: Scale, *, is_shown: bool) -> Iterator[Element]:
    bottom = y.begin - 8
    if not is_shown:
        yield text(
            x.end,
            bottom,
            f"target {duration(outage.rto)}, outside to the right",
            "name target",
            "end",
        )
        return
    at = x(outage.rto)
    yield line(at, y.end, at, y.begin, "target-line")
    name = f"target {duration(outage.rto)}"
    if at - text_width(name) - 6 > x.begin:
        yield text(at - 6, bottom, name, "name target", "end")
    else:
        yield text(at + 6, bottom, name, "name target")


def _point(compared: Compared, name: str, x: Scale, height: float) -> Iterator[Element]:
    """Draw a dot for the measured and a diamond for the predicted value, with labels."""
    predicted = x(compared.predicted)
    places = [predicted]
    yield path(f"M{predicted:.1f} {height - 8:.1f}l8 8l-8 8l-8 -8Z", "diamond")
    if compared.measured is not None:
        at = x(compared.measured)
        places.append(at)
        yield element("circle", cx=f"{at:.1f}", cy=f"{height:.1f}", r="4", class_="dot")
    lines = (
        f"{name} {duration(compared.measured, 'never')}",
        f"◇ predicted {duration(compared.predicted)}",
    )
    begin = max(places) + _GAP
    yield text(begin, height + LINE, lines[0], "name measured")
    yield text(begin, height + 2 * LINE, lines[1], "tick")


def _label(outage: OutageReport) -> str:
    sample, prediction = outage.figures.recovery, outage.prediction
    return (
        f"Share of the {len(sample):,} devices that lost their link and are back, over time: half"
        f" after {duration(sample.p50, 'never')}, predicted {duration(prediction.p50.predicted)};"
        f" 99 % after {duration(sample.p99, 'never')}, predicted"
        f" {duration(prediction.p99.predicted)}; the last after {duration(sample.last, 'never')};"
        f" {sample.missing:,} never. The target is {duration(outage.rto)}."
    )
