"""Report as one static HTML page, without scripts or external resources."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from iot_dr.common.assumptions import reference
from iot_dr.common.html import Element, Node, document, element, head, streamed, style
from iot_dr.drill.report.outage_report import OutageReport, assumed_of_aws
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.page.section import badge, colour, section, verdict_name, with_code
from iot_dr.drill.report.page.tables import Cell, table
from iot_dr.drill.report.seconds import duration

Outages = Sequence[OutageReport | NotRehearsed]

_HEADERS: Final = (
    *("Outage", "Verdict", "p50", "predicted p50", "p99", "predicted p99", "last", "target"),
    *("never back", "lost messages"),
)
_WORST: Final = ("missed", "invalid", "partial", "warn", "passed", "not rehearsed")


def page(environment: str, outages: Outages) -> str:
    """Return the page as HTML; all text is escaped."""
    own = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    top = head(f"{worst(outages)}: failover drill of {environment}", style() + own)
    body = element("body", streamed("main", _main(environment, outages)))
    return "".join(document(element("html", top, body, lang="en")))


def _main(environment: str, outages: Outages) -> Iterator[Node]:
    yield from overview(environment, outages)
    for number, outage in enumerate(outages, 1):
        if isinstance(outage, OutageReport):
            yield section(number, outage)
    yield from _assumptions(outages)


def _assumptions(outages: Outages) -> Iterator[Node]:
    """Yield the assumptions, and what was not rehearsed."""
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    assumed = {
        name: assumption for each in recordings for name, assumption in each.assumptions.items()
    }
    if assumed:
        yield element("h2", "Assumptions")
        yield element("p", "AWS does not document these; the rehearsal assumes them.")
        yield _list(
            (element("strong", name), ": ", *with_code(assumption))
            for name, assumption in assumed.items()
        )
    if ids := assumed_of_aws(recordings):
        yield element("p", f"Assumed of AWS: {reference(ids)}.")
    skipped = [
        with_code(f"{outage.outage} in {outage.region}: {outage.title}. {outage.reason}.")
        for outage in outages
        if isinstance(outage, NotRehearsed)
    ]
    left = dict.fromkeys(each for recording in recordings for each in recording.unrehearsed)
    if skipped or left:
        yield element("h2", "Not rehearsed")
        yield _list((*skipped, *map(with_code, left)))


def _list(items: Iterable[tuple[Node, ...]]) -> Node:
    return element("ul", *(element("li", *each) for each in items))


def worst(outages: Outages) -> str:
    """Return the name of the worst verdict."""
    words = {verdict_name(each) for each in outages}
    return next((each for each in _WORST if each in words), "nothing rehearsed")


def overview(environment: str, outages: Outages) -> Iterator[Element]:
    """Yield the title, the counts of verdicts, the speed, and a table of outages."""
    yield element("h1", f"Failover drill of {environment}: {worst(outages)}")
    counts = Counter(verdict_name(each) for each in outages)
    summary = ", ".join(f"{counts[each]} {each}" for each in _WORST if counts[each])
    first = next((each for each in outages if verdict_name(each) == worst(outages)), None)
    outage = "outage" if len(outages) == 1 else "outages"
    shade = colour(first) if first else "void"
    yield element("p", f"{len(outages)} {outage}: {summary or 'none'}.", class_=f"verdict {shade}")
    for sentence in _speeds(outages):
        yield element("p", sentence, class_="lead")
    if outages:
        rows = (_row(number, each) for number, each in enumerate(outages, 1))
        yield table("Outages", _HEADERS, rows, words=2)
        yield element(
            "p",
            "p50, p99 and last: seconds from the outage until half, 99 % and all of the devices"
            " that lost their link had one again. Predicted by ",
            element("code", "iot-dr rto"),
            " for the same number of devices.",
            class_="muted",
        )


def _speeds(outages: Outages) -> Iterator[str]:
    """Yield a sentence about the speed of the clock."""
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    speeds = sorted({each.speed for each in recordings})
    faster = " and ".join(f"{speed:g}" for speed in speeds if speed != 1)
    if faster:
        yield (
            f"The clock ran {faster} times faster than real time (--speed): intervals, TTLs and"
            " back-offs were divided by that. All times are rehearsed seconds, as in real time. TLS"
            " and TCP retransmission do not scale."
        )
    elif speeds:
        yield "The clock ran in real time."


def _row(number: int, outage: OutageReport | NotRehearsed) -> tuple[Cell, ...]:
    if isinstance(outage, NotRehearsed):
        name: Node = f"{outage.outage} in {outage.region}"
        return (name, badge(outage), *[""] * (len(_HEADERS) - 2))
    compared, figures = outage.prediction, outage.figures
    never = outage.nothing
    predicted = compared if figures.lost else None
    return (
        element("a", outage.name, href=f"#outage-{number}"),
        badge(outage),
        duration(compared.p50.measured, never),
        duration(predicted.p50.predicted if predicted else None, ""),
        duration(compared.p99.measured, never),
        duration(predicted.p99.predicted if predicted else None, ""),
        duration(compared.last.measured, never),
        duration(outage.rto),
        f"{figures.never_back:,}",
        f"{outage.recording.messages.lost:,}",
    )
