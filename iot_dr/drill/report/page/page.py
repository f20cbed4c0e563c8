"""A drill as one static page: nothing is loaded, nothing runs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from iot_dr.common.html import Element, Node, document, element, head, streamed, style
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.page.section import colour, mark, phrase, section, word
from iot_dr.drill.report.page.tables import Cell, table
from iot_dr.drill.report.seconds import told

Outages = Sequence[OutageReport | NotRehearsed]

_HEADERS: Final = (
    *("Outage", "Verdict", "p50", "predicted p50", "p99", "predicted p99", "last", "target"),
    *("never back", "lost messages"),
)
_WORST: Final = ("missed", "invalid", "partial", "warn", "passed", "not rehearsed")


def page(environment: str, outages: Outages) -> str:
    """Return the page; all text in it is escaped."""
    own = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    top = head(f"{worst(outages)}: failover drill of {environment}", style() + own)
    body = element("body", streamed("main", _main(environment, outages)))
    return "".join(document(element("html", top, body, lang="en")))


def _main(environment: str, outages: Outages) -> Iterator[Node]:
    yield from overview(environment, outages)
    for number, each in enumerate(outages, 1):
        if isinstance(each, OutageReport):
            yield section(number, each)
    yield from _unproven(outages)


def _unproven(outages: Outages) -> Iterator[Node]:
    """Say what the drill rests on, and what it leaves out."""
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    assumed = {name: what for each in recordings for name, what in each.assumptions.items()}
    if assumed:
        yield element("h2", "Assumptions")
        yield element("p", "AWS documents none of these; the rehearsal rests on them.")
        yield _list(
            (element("strong", name), ": ", *phrase(what)) for name, what in assumed.items()
        )
    skipped = [
        phrase(f"{each.outage} in {each.region}: {each.title}. {each.reason}.")
        for each in outages
        if isinstance(each, NotRehearsed)
    ]
    left = dict.fromkeys(each for made in recordings for each in made.unrehearsed)
    if skipped or left:
        yield element("h2", "Not rehearsed")
        yield _list((*skipped, *map(phrase, left)))


def _list(items: Iterable[tuple[Node, ...]]) -> Node:
    return element("ul", *(element("li", *each) for each in items))


def worst(outages: Outages) -> str:
    """Return the word of the worst verdict."""
    words = {word(each) for each in outages}
    return next((each for each in _WORST if each in words), "nothing rehearsed")


def overview(environment: str, outages: Outages) -> Iterator[Element]:
    """Return the title, the counts of verdicts, how it was rehearsed, and the table."""
    yield element("h1", f"Failover drill of {environment}: {worst(outages)}")
    counts = Counter(word(each) for each in outages)
    told_ = ", ".join(f"{counts[each]} {each}" for each in _WORST if counts[each])
    first = next((each for each in outages if word(each) == worst(outages)), None)
    outage = "outage" if len(outages) == 1 else "outages"
    shade = colour(first) if first else "void"
    yield element("p", f"{len(outages)} {outage}: {told_ or 'none'}.", class_=f"verdict {shade}")
    for each in _speeds(outages):
        yield element("p", each, class_="lead")
    if outages:
        rows = (_row(number, each) for number, each in enumerate(outages, 1))
        yield table("Outages", _HEADERS, rows, words=2)
        yield element(
            "p",
            "p50, p99 and last: seconds from the outage until half, 99 % and all of the devices"
            " that lost their link had one again. Predicted: by ",
            element("code", "iot-dr rto"),
            ", for as many devices.",
            class_="muted",
        )


def _speeds(outages: Outages) -> Iterator[str]:
    """Say how fast the clock ran."""
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    speeds = sorted({each.speed for each in recordings})
    faster = " and ".join(f"{speed:g}" for speed in speeds if speed != 1)
    if faster:
        yield (
            f"The clock ran {faster} times faster (--speed): intervals, TTLs and back-offs were"
            " divided by that. All times here are rehearsed seconds, as they would pass at true"
            " speed; TLS and TCP's retransmission do not scale."
        )
    elif speeds:
        yield "The clock ran at true speed: a second here is a second of the machine."


def _row(number: int, outage: OutageReport | NotRehearsed) -> tuple[Cell, ...]:
    if isinstance(outage, NotRehearsed):
        name: Node = f"{outage.outage} in {outage.region}"
        return (name, mark(outage), *[""] * (len(_HEADERS) - 2))
    compared, figures = outage.prediction, outage.figures
    never = outage.nothing
    predicted = compared if figures.lost else None
    return (
        element("a", outage.name, href=f"#outage-{number}"),
        mark(outage),
        told(compared.p50.measured, never),
        told(predicted.p50.predicted if predicted else None, ""),
        told(compared.p99.measured, never),
        told(predicted.p99.predicted if predicted else None, ""),
        told(compared.last.measured, never),
        told(outage.rto),
        f"{figures.never_back:,}",
        f"{outage.recording.messages.lost:,}",
    )
