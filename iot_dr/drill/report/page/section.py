"""The page's section of one outage."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from iot_dr.common.html import Element, Node, element
from iot_dr.drill.report.expected_cause import describe
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.page.canvas import NARROW, WIDE
from iot_dr.drill.report.page.plots import answers, connects, fleet
from iot_dr.drill.report.page.recovery import recovery
from iot_dr.drill.report.page.tables import machine, messages, refusals, terms, timeline
from iot_dr.drill.report.verdict import DrillVerdict

_REGIONS: Final = 5
"""Number of the style's colours for regions."""

_COLOURS: Final = {
    DrillVerdict.PASSED: "ok",
    DrillVerdict.WARN: "warn",
    DrillVerdict.MISSED: "block",
    DrillVerdict.PARTIAL: "void",
    DrillVerdict.INVALID: "void",
}


def section(number: int, outage: OutageReport) -> Element:
    """Return the verdict with its reasons, the diagnosis, drawings and tables."""
    return element("section", *_parts(outage), id=f"outage-{number}")


def _parts(outage: OutageReport) -> Iterator[Node]:
    yield element("h2", outage.name, " ", badge(outage))
    expected = outage.result.expectation
    title = outage.result.title
    expectation = (
        f"{title[:1].upper()}{title[1:]}. Expected: {expected.effect.value}, {expected.why}."
    )
    yield element("p", *with_code(expectation))
    reasons = (element("p", *with_code(each)) for each in outage.judgement.reasons)
    yield element("div", *reasons, class_=f"verdict {colour(outage)}")
    yield from _diagnosis(outage)
    yield from _plots(outage)
    yield from _recovery(outage)
    yield element("h3", "Timeline")
    yield timeline(outage)
    yield element("h3", "Messages")
    yield from messages(outage)
    if outage.recording.refusals:
        yield element("h3", "Failed connects")
        yield refusals(outage)
    yield element("h3", "The rehearsal and its machine")
    yield machine(outage)


def _diagnosis(outage: OutageReport) -> Iterator[Element]:
    if not outage.diagnoses:
        return
    yield element("h3", "Why")
    items = (
        element(
            "li",
            *with_code(diagnosis.problem),
            " ",
            element("strong", *with_code(diagnosis.change)),
        )
        for diagnosis in outage.diagnoses
    )
    yield element("ul", *items)


def _plots(outage: OutageReport) -> Iterator[Element]:
    shades = {region: f"r{at % _REGIONS}" for at, region in enumerate(outage.figures.fleet)}
    yield element("h3", "What happened")
    name = outage.result.world.device_name
    yield _figure(f"Region that DNS answers for {name}", partial(answers, outage, shades))
    yield _figure("Devices with a link, by region", partial(fleet, outage, shades))
    if outage.figures.is_silent:
        yield element(
            "p",
            "Links did not close: a device counts as connected until it detects the loss.",
            class_="muted",
        )
    if outage.figures.accepted:
        yield _figure("Accepted connects per second", partial(connects, outage))
    else:
        yield element("p", "No connect was accepted after the outage began.", class_="muted")


def _recovery(outage: OutageReport) -> Iterator[Element]:
    yield element("h3", "Recovery and its prediction")
    if outage.figures.lost:
        caption = f"Share of the {outage.figures.lost:,} devices that lost their link and are back"
        yield _figure(caption, partial(recovery, outage))
    if outage.cause:
        yield element("p", f"The answer moved because of {describe(outage.cause)}.")
    if outage.figures.lost or outage.figures.failover:
        yield terms(outage)
    for limit in outage.prediction.limits:
        yield element("p", limit, class_="muted")


def _figure(caption: str, draw: Callable[[int], Element]) -> Element:
    """Return a figure in two widths; the style shows the narrow one on phones."""
    return element("figure", element("figcaption", caption), draw(WIDE), draw(NARROW))


def verdict_name(outage: OutageReport | NotRehearsed) -> str:
    """Return the name of the verdict."""
    return "not rehearsed" if isinstance(outage, NotRehearsed) else outage.verdict.value


def colour(outage: OutageReport | NotRehearsed) -> str:
    """Return the CSS class of the verdict's colour."""
    return "void" if isinstance(outage, NotRehearsed) else _COLOURS[outage.verdict]


def badge(outage: OutageReport | NotRehearsed) -> Element:
    """Return the verdict's name as a coloured badge."""
    return element("span", verdict_name(outage), class_=f"mark {colour(outage)}")


def with_code(sentence: str) -> tuple[Node, ...]:
    """Return a sentence with text in backticks as code elements."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        # An unpaired backtick stays text.
        parts[-2:] = ["`".join(parts[-2:])]
    return tuple(element("code", part) if at % 2 else part for at, part in enumerate(parts))
