"""How many devices have a link to each region, over time."""

from collections.abc import Iterator, Mapping
from typing import Final

from iot_dr.common.html import Element
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page import span as spans
from iot_dr.drill.report.page.canvas import LINE, across, count_axis, path, svg, text, time_axis
from iot_dr.drill.report.page.curve import stepped
from iot_dr.drill.report.page.scale import Scale
from iot_dr.drill.report.page.span import Span

_HEIGHT: Final = 210
_BOTTOM: Final = 24
_HEADROOM: Final = 1.12


def fleet(outage: OutageReport, colours: Mapping[str, str], width: int) -> Element:
    """Draw a line for each region, with its name and its last number at its end."""
    return svg(width, _HEIGHT, _label(outage), _drawn(outage, colours, width))


def _drawn(outage: OutageReport, colours: Mapping[str, str], width: int) -> Iterator[Element]:
    span = Span.of(outage)
    x = across(width, span.begin, span.end)
    y = Scale(0, (outage.figures.devices or 1) * _HEADROOM, _HEIGHT - _BOTTOM, 4)
    devices = outage.figures.devices
    yield from count_axis(x, y, (0, devices // 2, devices))
    yield from spans.lines(span, x, 4, y.begin)
    ends: list[tuple[float, str, str]] = []
    for region, steps in outage.figures.fleet.items():
        colour = colours.get(region, "other")
        shown = [place for place, at in enumerate(steps.times) if span.begin < at <= span.end]
        times = [span.begin, *(float(steps.times[place]) for place in shown)]
        counts = [steps.at(span.begin), *(int(steps.counts[place]) for place in shown)]
        yield path(stepped(times, counts, x, y, span.end), f"curve {colour}")
        ends.append((y(counts[-1]), f"{region} {counts[-1]:,}", colour))
    yield from _names(ends, x.end)
    yield from time_axis(x, y.begin)


def _names(ends: list[tuple[float, str, str]], right: float) -> Iterator[Element]:
    """Write each name above the end of its line, from the lowest up, none over another."""
    free = float(_HEIGHT)
    for height, name, colour in sorted(ends, reverse=True):
        free = min(height - 5, free - LINE)
        yield text(right, free, name, f"name {colour}", "end")


def _label(outage: OutageReport) -> str:
    at_last = ", ".join(
        f"{region} {steps.at(0.0):,} when the outage begins and"
        f" {steps.at(outage.recording.ended):,} at the end"
        for region, steps in outage.figures.fleet.items()
    )
    return f"Devices with a link by region over time: {at_last}."
