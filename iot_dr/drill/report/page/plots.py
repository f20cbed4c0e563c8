"""Drawings over time: DNS answers, links and connects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from iot_dr.common.html import Element
from iot_dr.drill.recording import Recording
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page.canvas import (
    BOTTOM,
    LINE,
    Scale,
    across,
    area,
    box,
    count_axis,
    line,
    path,
    stepped,
    svg,
    text,
    text_width,
    time_axis,
)
from iot_dr.drill.report.seconds import duration

_BAR: Final = 22
_FLEET_HEIGHT: Final = 210
_HEADROOM: Final = 1.12
_CONNECTS_HEIGHT: Final = 124
_TOP: Final = 20

_BEFORE: Final = 0.06
"""Time shown before the outage, as a share of the time after it."""

_GAP: Final = 10


@dataclass(frozen=True, slots=True)
class _Mark:
    """A time with a vertical line through all drawings, and its name."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class _Span:
    """The range of shown seconds and its marks."""

    begin: float
    end: float
    marks: tuple[_Mark, ...]

    @classmethod
    def of(cls, outage: OutageReport) -> Self:
        """Return the range from shortly before the outage to the end."""
        recording = outage.recording
        end = max(recording.ended, 1.0)
        return cls(-_BEFORE * end, end, tuple(_marks(recording, outage)))


@dataclass(frozen=True, slots=True)
class _Name:
    """The label of a mark: its left end, and its row from below."""

    mark: _Mark
    begin: float
    row: int


def answers(outage: OutageReport, colours: Mapping[str, str], width: int) -> Element:
    """Draw a bar of the answered regions, each in its colour."""
    span = _Span.of(outage)
    x = across(width, span.begin, span.end)
    names = _placed_names(span, x)
    height = _names_height(names) + _BAR + 2
    return svg(
        width, height, _answers_label(outage), _drawn_answers(outage, colours, span, names, x)
    )


def _drawn_answers(
    outage: OutageReport,
    colours: Mapping[str, str],
    span: _Span,
    names: Sequence[_Name],
    x: Scale,
) -> Iterator[Element]:
    top = _names_height(names)
    for begin, end, region in _answer_parts(outage, span):
        left, right = x(begin), x(end)
        yield box(left, top, right - left, _BAR, f"bar {colours.get(region, 'other')}")
        if text_width(region) + 12 < right - left:
            yield text(left + 6, top + _BAR - 7, region, "in-bar")
    yield from _written_names(names, x)
    yield from _mark_lines(span, x, top, top + _BAR + 2)


def _answer_parts(outage: OutageReport, span: _Span) -> Iterator[tuple[float, float, str]]:
    """Yield the start, end and region of each answer within the shown range."""
    changes = [*outage.recording.answers, (span.end, "")]
    for (begin, region), (end, _) in pairwise(changes):
        left, right = max(begin, span.begin), min(end, span.end)
        if right > left:
            yield left, right, region


def _answers_label(outage: OutageReport) -> str:
    moves = "".join(f", to {each.name} after {duration(each.at)}" for each in outage.figures.moves)
    return f"DNS answers over time: {outage.figures.before}{moves or ' without a change'}."


def fleet(outage: OutageReport, colours: Mapping[str, str], width: int) -> Element:
    """Draw a line for each region, labelled with its name and last count."""
    return svg(width, _FLEET_HEIGHT, _fleet_label(outage), _drawn_fleet(outage, colours, width))


def _drawn_fleet(outage: OutageReport, colours: Mapping[str, str], width: int) -> Iterator[Element]:
    span = _Span.of(outage)
    x = across(width, span.begin, span.end)
    y = Scale(0, (outage.figures.devices or 1) * _HEADROOM, _FLEET_HEIGHT - BOTTOM, 4)
    devices = outage.figures.devices
    yield from count_axis(x, y, (0, devices // 2, devices))
    yield from _mark_lines(span, x, 4, y.begin)
    ends: list[tuple[float, str, str]] = []
    for region, steps in outage.figures.fleet.items():
        colour = colours.get(region, "other")
        shown = [place for place, at in enumerate(steps.times) if span.begin < at <= span.end]
        times = [span.begin, *(float(steps.times[place]) for place in shown)]
        counts = [steps.at(span.begin), *(int(steps.counts[place]) for place in shown)]
        yield path(stepped(times, counts, x, y, span.end), f"curve {colour}")
        ends.append((y(counts[-1]), f"{region} {counts[-1]:,}", colour))
    yield from _region_names(ends, x.end)
    yield from time_axis(x, y.begin)


def _region_names(ends: list[tuple[float, str, str]], right: float) -> Iterator[Element]:
    """Draw the name above the end of each line, without overlap."""
    free = float(_FLEET_HEIGHT)
    for height, name, colour in sorted(ends, reverse=True):
        free = min(height - 5, free - LINE)
        yield text(right, free, name, f"name {colour}", "end")


def _fleet_label(outage: OutageReport) -> str:
    at_last = ", ".join(
        f"{region} {steps.at(0.0):,} when the outage begins and"
        f" {steps.at(outage.recording.ended):,} at the end"
        for region, steps in outage.figures.fleet.items()
    )
    return f"Devices with a link by region over time: {at_last}."


def connects(outage: OutageReport, width: int) -> Element:
    """Draw the accepted connects per second, with the maximum labelled."""
    figures = outage.figures
    label = (
        f"Accepted connects per second over time: at most {figures.peak_accepted:,};"
        f" at most {figures.peak_attempts:,} were attempted."
    )
    return svg(width, _CONNECTS_HEIGHT, label, _drawn_connects(outage, width))


def _drawn_connects(outage: OutageReport, width: int) -> Iterator[Element]:
    span, accepted = _Span.of(outage), outage.figures.accepted
    x = across(width, span.begin, span.end)
    most = outage.figures.peak_accepted
    y = Scale(0, most or 1, _CONNECTS_HEIGHT - BOTTOM, _TOP)
    yield from count_axis(x, y, y.count_ticks(44))
    yield from _mark_lines(span, x, _TOP, y.begin)
    if most:
        first, last = min(accepted), max(accepted)
        times = list(range(first, last + 2))
        counts = [accepted.get(second, 0) for second in times]
        outline = stepped([first, *times], [0, *counts], x, y, min(last + 1, span.end))
        yield path(area(outline, x(first), y.begin), "spread")
        peak = next(second for second in times if accepted.get(second) == most)
        yield _named(f"{most:,} in second {peak:,}", x(peak), x)
    yield from time_axis(x, y.begin)


def _named(label: str, at: float, x: Scale) -> Element:
    is_late = at > (x.begin + x.end) / 2
    return text(at, _TOP - 7, label, "name", "end" if is_late else "start")


def _mark_lines(span: _Span, x: Scale, top: float, bottom: float) -> Iterator[Element]:
    """Draw the lines of the marks."""
    for mark in span.marks:
        yield line(x(mark.at), top, x(mark.at), bottom, "mark-line")


def _placed_names(span: _Span, x: Scale) -> tuple[_Name, ...]:
    """Return the labels in rows, without overlaps of labels or their lines."""
    names: list[_Name] = []
    # From the right, so that a label's line is to the left of the labels below it.
    for mark in reversed(span.marks):
        width = text_width(mark.name)
        begin = min(max(x(mark.at) - 2, 0), x.end - width)
        above = [each.row for each in names if each.begin < begin + width + _GAP]
        names.append(_Name(mark, begin, max(above, default=-1) + 1))
    return tuple(names)


def _names_height(names: Iterable[_Name]) -> int:
    """Return the height of all labels in pixels."""
    return (max((each.row for each in names), default=-1) + 1) * LINE


def _written_names(names: Sequence[_Name], x: Scale) -> Iterator[Element]:
    """Draw the labels, each with a line down to its time."""
    bottom = _names_height(names)
    for name in names:
        foot = bottom - name.row * LINE - 4
        yield text(name.begin, foot, name.mark.name, "mark-name")
        yield line(x(name.mark.at), foot + 3, x(name.mark.at), bottom, "mark-line")


def _marks(recording: Recording, outage: OutageReport) -> Iterator[_Mark]:
    yield _Mark(0.0, "outage begins")
    if detection := outage.figures.detection:
        yield _Mark(detection.at, f"detected {duration(detection.at)}")
    if failover := outage.figures.failover:
        yield _Mark(failover.at, f"answer moves {duration(failover.at)}")
    if recording.restored is not None:
        yield _Mark(recording.restored, f"undone {duration(recording.restored)}")
