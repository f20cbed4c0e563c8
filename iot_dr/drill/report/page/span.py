"""What the drawings of one outage have in common: the time that they show, and its marks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from iot_dr.common.html import Element
from iot_dr.drill.recording import Recording
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.page.canvas import LINE, line, text, text_width
from iot_dr.drill.report.page.scale import Scale
from iot_dr.drill.report.seconds import told

_BEFORE: Final = 0.06
"""The part of the time after the outage that is shown before it."""

_GAP: Final = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """A time worth a line through all drawings, and its name."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """The seconds that are shown, and the marks in them."""

    begin: float
    end: float
    marks: tuple[Mark, ...]

    @classmethod
    def of(cls, outage: OutageReport) -> Self:
        """Show some time before the outage, and all that follows."""
        recording = outage.recording
        end = max(recording.ended, 1.0)
        return cls(-_BEFORE * end, end, tuple(_marks(recording, outage)))


def lines(span: Span, x: Scale, top: float, bottom: float) -> Iterator[Element]:
    """Draw the marks through a drawing."""
    for mark in span.marks:
        yield line(x(mark.at), top, x(mark.at), bottom, "mark-line")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a mark: where it begins, and its row counted from the lowest."""

    mark: Mark
    begin: float
    row: int


def placed(span: Span, x: Scale) -> tuple[Name, ...]:
    """Put the names of the marks into rows, so that none stands on another or on its line down."""
    names: list[Name] = []
    # From the right: the line from a name down to its time passes left of the names below it.
    for mark in reversed(span.marks):
        width = text_width(mark.name)
        begin = min(max(x(mark.at) - 2, 0), x.end - width)
        above = [each.row for each in names if each.begin < begin + width + _GAP]
        names.append(Name(mark, begin, max(above, default=-1) + 1))
    return tuple(names)


def height(names: Iterable[Name]) -> int:
    """Give the pixels that names take."""
    return (max((each.row for each in names), default=-1) + 1) * LINE


def written(names: Sequence[Name], x: Scale) -> Iterator[Element]:
    """Write the names, each with a line down to its time."""
    bottom = height(names)
    for each in names:
        foot = bottom - each.row * LINE - 4
        yield text(each.begin, foot, each.mark.name, "mark-name")
        yield line(x(each.mark.at), foot + 3, x(each.mark.at), bottom, "mark-line")


def _marks(recording: Recording, outage: OutageReport) -> Iterator[Mark]:
    yield Mark(0.0, "outage begins")
    if found := outage.figures.detection:
        yield Mark(found.at, f"detected {told(found.at)}")
    if flip := outage.figures.flip:
        yield Mark(flip.at, f"answer moves {told(flip.at)}")
    if recording.restored is not None:
        yield Mark(recording.restored, f"undone {told(recording.restored)}")
