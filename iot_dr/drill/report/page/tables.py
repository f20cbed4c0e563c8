"""The tables of one outage."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from iot_dr.common.html import Element, Node, element
from iot_dr.drill.recording import BEARABLE
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.prediction import Prediction
from iot_dr.drill.report.seconds import percent, told

_MOMENTS: Final = 200

Cell = Node | tuple[Node, ...]


def terms(outage: OutageReport) -> Element:
    """Return each part of the recovery time, then the whole, measured beside predicted."""
    prediction = outage.prediction
    rows: list[tuple[Cell, ...]] = [
        (
            term.name,
            term.how,
            told(term.measured),
            told(term.usual),
            "",
            told(term.longest, ""),
            told(term.latest),
        )
        for term in prediction.terms
    ]
    if outage.figures.lost:
        rows += _wholes(prediction)
    headers = ("Term", "From, to", "measured", "predicted", "deviation", "longest", "bound")
    return table("Terms of the recovery time", headers, rows, words=2)


def _wholes(prediction: Prediction) -> Iterator[tuple[Cell, ...]]:
    """Return the rows of half, of 99 % and of all devices."""
    half, most = "half of the devices are back", "99 % of the devices are back"
    for name, how, each in (("p50", half, prediction.p50), ("p99", most, prediction.p99)):
        measured, predicted = told(each.measured), told(each.predicted)
        yield (name, how, measured, predicted, percent(each.deviation), "", "")
    last, bound = told(prediction.last.measured), told(prediction.last.predicted)
    yield ("last", "all devices are back", "", "", "", last, bound)


def timeline(outage: OutageReport) -> Element:
    """Return the moments; of more than 200 the first ones."""
    moments = outage.timeline
    rows: list[tuple[Cell, ...]] = [
        (_at(each.at), each.kind, each.what) for each in moments[:_MOMENTS]
    ]
    if len(moments) > _MOMENTS:
        rows.append(("", "", f"and {len(moments) - _MOMENTS:,} more: report.json has all"))
    return table("Timeline", ("After", "Kind", "What"), rows, words=3)


def messages(outage: OutageReport) -> Iterator[Element]:
    """Return what became of the messages; what a full buffer dropped stands apart."""
    counts, habits = outage.recording.messages, outage.recording.habits
    rows = (
        ("made", "by the devices", f"{counts.made:,}"),
        ("acknowledged", "by a broker", f"{counts.acknowledged:,}"),
        ("received", "by a consumer, each counted once", f"{counts.received:,}"),
        ("lost", "acknowledged, and never received", f"{counts.lost:,}"),
        ("doubled", "received more than once", f"{counts.doubled:,}"),
        ("reordered", "received after a later one", f"{counts.reordered:,}"),
    )
    yield table("Messages", ("Which", "What", "messages"), rows, words=2)
    figures = outage.figures
    if figures.lost:
        gap = [told(each, "no end") for each in (figures.link_gap.p50, figures.link_gap.p99)]
        longest = figures.link_gap.last
        at_most = f", {told(longest)} at most where it ended" if longest is not None else ""
        yield element(
            "p",
            f"Message gap: no message of any device for {told(figures.message_gap, 'good')}."
            f" A device had no link for {gap[0]} (p50), {gap[1]} (p99){at_most}.",
        )
    due = figures.messages_due
    needed = f"; a buffer of {due:,} would have lost none for 99 % of them" if due else ""
    yield element(
        "p",
        f"Not lost but never sent: {counts.dropped:,} messages were dropped by full buffers, which"
        f" hold {habits.buffer:,} messages of {told(habits.period)} each{needed}. {counts.unsent:,}"
        " were still in buffers at the end.",
    )


def refusals(outage: OutageReport) -> Element:
    """Return the connects that failed, by reason, the most frequent first."""
    refused = sorted(outage.recording.refusals.items(), key=lambda each: (-each[1], each[0]))
    rows = ((reason, f"{number:,}") for reason, number in refused)
    return table("Connects that failed", ("Reason", "connects"), rows)


def machine(outage: OutageReport) -> Element:
    """Return what was rehearsed, and what the machine could do."""
    recording, habits = outage.recording, outage.recording.habits
    rows = [
        ("Begun", recording.started),
        ("Devices", f"{recording.devices:,}, of which {outage.figures.linked:,} had a link"),
        ("Speed", f"{recording.speed:g}"),
        ("Seed", str(recording.seed)),
        ("TTL", told(recording.ttl)),
        ("DNS cache", outage.prediction.cache),
        (
            "Back-off",
            f"from {told(habits.backoff)}, doubled, up to {told(habits.ceiling)}",
        ),
        (
            "Keep-alive",
            f"{told(habits.keep_alive)}, and {told(habits.ping_timeout)} for the answer",
        ),
    ]
    if made := recording.machine:
        part = made.needed / made.connect_rate * 100 if made.connect_rate else 0
        connects = (
            f"{made.connect_rate:,.0f} a second of the machine with mutual TLS; devices ask for up"
            f" to {made.needed:,.0f} ({part:.0f} %; valid up to {BEARABLE * 100:.0f} %)"
        )
        rows += [
            ("Machine", f"{made.cores} cores, {made.descriptors:,} file descriptors"),
            ("Connects", connects),
            (
                "Late",
                f"{made.lag:.1f} rehearsed seconds or more for 1 % of what the drill had to do",
            ),
        ]
    else:
        rows.append(("Machine", "its limit was not measured"))
    return table("The rehearsal and its machine", ("What", "Value"), rows, words=2)


def _at(seconds: float) -> str:
    return f"{seconds:,.1f} s"


def table(
    label: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]], words: int = 1
) -> Element:
    """Make a table whose first columns, so many as `words`, hold words and the others numbers."""
    head = element(
        "tr",
        *(
            element("th", header, scope="col", class_="word" if at < words else "number")
            for at, header in enumerate(headers)
        ),
    )
    body = element("tbody", *(_table_row(headers, row, words) for row in rows))
    whole = element("table", element("thead", head), body)
    return element("div", whole, class_="scroll", role="region", aria_label=label, tabindex="0")


def _table_row(headers: Sequence[str], row: Sequence[Cell], words: int) -> Element:
    cells: list[Element] = []
    for at, (header, cell) in enumerate(zip(headers, row, strict=True)):
        inside = cell if isinstance(cell, tuple) else (cell,)
        # An empty string would be a child, and the cell not `:empty`.
        inside = tuple(each for each in inside if each != "")
        if at == 0:
            cells.append(element("th", *inside, scope="row"))
        elif at < words:
            cells.append(element("td", *inside))
        else:
            cells.append(element("td", *inside, class_="number", data_unit=header))
    return element("tr", *cells)
