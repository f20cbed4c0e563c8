"""A drill as one static page: nothing is loaded, nothing runs."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from iot_dr.common.html import Node, document, element, head, streamed, style
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.page.overview import Outages, overview, worst
from iot_dr.drill.report.page.phrase import phrase
from iot_dr.drill.report.page.section import section


def page(environment: str, outages: Outages) -> str:
    """Give the page; all text in it is escaped."""
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
