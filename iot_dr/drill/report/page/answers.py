"""What DNS answered over time, and the names of the marks above it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from iot_dr.common.html import Element
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page import span as spans
from iot_dr.drill.report.page.canvas import across, box, svg, text, text_width
from iot_dr.drill.report.page.scale import Scale
from iot_dr.drill.report.page.span import Name, Span
from iot_dr.drill.report.seconds import told

_BAR: Final = 22


def answers(outage: OutageReport, colours: Mapping[str, str], width: int) -> Element:
    """Draw a bar of the regions that the device name led to, each in its colour."""
    span = Span.of(outage)
    x = across(width, span.begin, span.end)
    names = spans.placed(span, x)
    height = spans.height(names) + _BAR + 2
    return svg(width, height, _label(outage), _drawn(outage, colours, span, names, x))


def _drawn(
    outage: OutageReport,
    colours: Mapping[str, str],
    span: Span,
    names: Sequence[Name],
    x: Scale,
) -> Iterator[Element]:
    top = spans.height(names)
    for begin, end, region in _parts(outage, span):
        left, right = x(begin), x(end)
        yield box(left, top, right - left, _BAR, f"bar {colours.get(region, 'other')}")
        if text_width(region) + 12 < right - left:
            yield text(left + 6, top + _BAR - 7, region, "in-bar")
    yield from spans.written(names, x)
    yield from spans.lines(span, x, top, top + _BAR + 2)


def _parts(outage: OutageReport, span: Span) -> Iterator[tuple[float, float, str]]:
    """Give from when to when each answer was told, within what is shown."""
    told_ = [*outage.recording.answers, (span.end, "")]
    for (begin, region), (end, _) in pairwise(told_):
        left, right = max(begin, span.begin), min(end, span.end)
        if right > left:
            yield left, right, region


def _label(outage: OutageReport) -> str:
    moves = "".join(f", to {each.what} after {told(each.at)}" for each in outage.figures.moves)
    return f"DNS answers over time: it led to {outage.figures.before}{moves or ' all the time'}."
