"""The tables of one outage."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from iot_dr.common.html import Element, Node, element
from iot_dr.drill.recording import MAX_LOAD
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.prediction import Prediction
from iot_dr.drill.report.seconds import duration, percent

_MOMENTS: Final = 200

Cell = Node | tuple[Node, ...]


def terms(outage: OutageReport) -> Element:
    """Return a table of the terms (summands) of the recovery time, measured and predicted.

    If links were lost, it ends with the times until half, 99 % and all of the devices were back.
    """
    prediction = outage.prediction
    rows: list[tuple[Cell, ...]] = [
        (
            term.name,
            term.interval,
            duration(term.measured),
            duration(term.typical),
            "",
            duration(term.longest, ""),
            duration(term.maximum),
        )
        for term in prediction.terms
    ]
    if outage.figures.lost:
        rows += _wholes(prediction)
    headers = ("Term", "From, to", "measured", "predicted", "deviation", "longest", "bound")
    return table("Terms of the recovery time", headers, rows, words=2)


def _wholes(prediction: Prediction) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of p50, p99 and the last device."""
    half, most = "half of the devices are back", "99 % of the devices are back"
    for name, how, compared in (("p50", half, prediction.p50), ("p99", most, prediction.p99)):
        measured, predicted = duration(compared.measured), duration(compared.predicted)
        yield (name, how, measured, predicted, percent(compared.deviation_percent), "", "")
    last, bound = (
        duration(prediction.last.measured),
        duration(prediction.last.predicted),
    )
    yield ("last", "all devices are back", "", "", "", last, bound)


def timeline(outage: OutageReport) -> Element:
    """Return the events, at most the first 200."""
    moments = outage.timeline
    rows: list[tuple[Cell, ...]] = [
        (f"{event.at:,.1f} s", event.kind, event.description) for event in moments[:_MOMENTS]
    ]
    if len(moments) > _MOMENTS:
        rows.append(("", "", f"and {len(moments) - _MOMENTS:,} more: report.json has all"))
    return table("Timeline", ("After", "Kind", "What"), rows, words=3)


def messages(outage: OutageReport) -> Iterator[Element]:
    """Yield the counts of messages; those dropped by full buffers are separate."""
    counts, habits = outage.recording.messages, outage.recording.habits
    rows = (
        ("created", "by the devices", f"{counts.created:,}"),
        ("acknowledged", "by a broker", f"{counts.acknowledged:,}"),
        ("received", "by a consumer, without duplicates", f"{counts.received:,}"),
        ("lost", "acknowledged but never received", f"{counts.lost:,}"),
        ("duplicated", "received more than once", f"{counts.duplicated:,}"),
        ("reordered", "received after a later one", f"{counts.reordered:,}"),
    )
    yield table("Messages", ("Count", "Meaning", "messages"), rows, words=2)
    figures = outage.figures
    if figures.lost:
        gap = [duration(each, "no end") for each in (figures.link_gap.p50, figures.link_gap.p99)]
        longest = figures.link_gap.last
        at_most = f", at most {duration(longest)}" if longest is not None else ""
        yield element(
            "p",
            "Time without messages of any device:"
            f" {duration(figures.message_gap, 'until the end')}. Time without a link per device:"
            f" {gap[0]} (p50), {gap[1]} (p99){at_most}.",
        )
    due = figures.messages_due
    needed = f"; with buffers of {due:,}, 99 % of the devices would drop none" if due else ""
    yield element(
        "p",
        f"Never sent: {counts.dropped:,} messages were dropped by full buffers of"
        f" {habits.buffer:,} messages, one every {duration(habits.period)}{needed};"
        f" {counts.unsent:,} were still buffered at the end.",
    )


def refusals(outage: OutageReport) -> Element:
    """Return the failed connects by reason, most frequent first."""
    refused = sorted(outage.recording.refusals.items(), key=lambda each: (-each[1], each[0]))
    rows = ((reason, f"{number:,}") for reason, number in refused)
    return table("Failed connects", ("Reason", "connects"), rows)


def machine(outage: OutageReport) -> Element:
    """Return the options of the rehearsal and the machine's capacity."""
    recording, habits = outage.recording, outage.recording.habits
    rows = [
        ("Started", recording.started),
        ("Devices", f"{recording.devices:,}, {outage.figures.linked:,} of them connected"),
        ("Speed", f"{recording.speed:g}"),
        ("Seed", str(recording.seed)),
        ("TTL", duration(recording.ttl)),
        ("DNS cache", outage.prediction.cache),
        (
            "Back-off",
            f"from {duration(habits.backoff)}, doubled, up to {duration(habits.ceiling)}",
        ),
        (
            "Keep-alive",
            f"{duration(habits.keep_alive)}, ping timeout {duration(habits.ping_timeout)}",
        ),
    ]
    if limits := recording.machine:
        part = limits.needed / limits.connect_rate * 100 if limits.connect_rate else 0
        connects = (
            f"capacity {limits.connect_rate:,.0f} per second of real time with mutual TLS; the"
            f" devices need up to {limits.needed:,.0f} ({part:.0f} %; valid up to"
            f" {MAX_LOAD * 100:.0f} %)"
        )
        rows += [
            ("Machine", f"{limits.cores} cores, {limits.descriptors:,} file descriptors"),
            ("Connects", connects),
            (
                "Delay",
                f"{limits.lag:.1f} rehearsed seconds (99th percentile of the drill itself)",
            ),
        ]
    else:
        rows.append(("Machine", "capacity not measured"))
    return table("The rehearsal and its machine", ("What", "Value"), rows, words=2)


def table(
    label: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]], words: int = 1
) -> Element:
    """Return a table; the first `words` columns contain words, the others numbers."""
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
        # With an empty string as a child the cell would not match `:empty`.
        inside = tuple(each for each in inside if each != "")
        if at == 0:
            cells.append(element("th", *inside, scope="row"))
        elif at < words:
            cells.append(element("td", *inside))
        else:
            cells.append(element("td", *inside, class_="number", data_unit=header))
    return element("tr", *cells)
