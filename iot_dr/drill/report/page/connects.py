"""How many connects were accepted in each second."""

from collections.abc import Iterator
from typing import Final

from iot_dr.common.html import Element
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page import span as spans
from iot_dr.drill.report.page.canvas import across, count_axis, path, svg, text, time_axis
from iot_dr.drill.report.page.curve import area, stepped
from iot_dr.drill.report.page.scale import Scale
from iot_dr.drill.report.page.span import Span

_HEIGHT: Final = 124
_BOTTOM: Final = 24
_TOP: Final = 20


def connects(outage: OutageReport, width: int) -> Element:
    """Draw the accepted connects a second, with the most of them named."""
    figures = outage.figures
    label = (
        f"Connects accepted a second over time: at most {figures.peak_accepted:,};"
        f" at most {figures.peak_tried:,} were tried."
    )
    return svg(width, _HEIGHT, label, _drawn(outage, width))


def _drawn(outage: OutageReport, width: int) -> Iterator[Element]:
    span, accepted = Span.of(outage), outage.figures.accepted
    x = across(width, span.begin, span.end)
    most = outage.figures.peak_accepted
    y = Scale(0, most or 1, _HEIGHT - _BOTTOM, _TOP)
    yield from count_axis(x, y, y.counts(44))
    yield from spans.lines(span, x, _TOP, y.begin)
    if most:
        first, last = min(accepted), max(accepted)
        times = list(range(first, last + 2))
        counts = [accepted.get(second, 0) for second in times]
        way = stepped([first, *times], [0, *counts], x, y, min(last + 1, span.end))
        yield path(area(way, x(first), y.begin), "spread")
        peak = next(second for second in times if accepted.get(second) == most)
        yield _named(f"{most:,} in second {peak:,}", x(peak), x)
    yield from time_axis(x, y.begin)


def _named(what: str, at: float, x: Scale) -> Element:
    is_late = at > (x.begin + x.end) / 2
    return text(at, _TOP - 7, what, "name", "end" if is_late else "start")
