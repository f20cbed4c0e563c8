"""A drill as text for a terminal or a log."""

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.seconds import percent, told

_WIDTH: Final = 99


def text(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> str:
    """Return a line for each outage, then what is to be said of each that was rehearsed."""
    rehearsed = [each for each in outages if isinstance(each, OutageReport)]
    parts = [_summary(outages), *map(outage_text, rehearsed), _unproven(environment, outages)]
    return "\n\n".join(part for part in parts if part)


def outage_text(outage: OutageReport) -> str:
    """Return the verdict with its reasons, the figures beside the prediction, and the diagnosis."""
    recording = outage.recording
    lead = f"{outage.name}: {outage.verdict.value}. {' '.join(outage.judgement.reasons)}"
    parts = [_filled(lead), _filled(_given(outage))]
    if outage.figures.lost or outage.figures.flip:
        parts.append(_terms(outage))
    parts += [_filled(each) for each in outage.prediction.limits]
    parts.append(_filled(_messages(outage)))
    if recording.refusals:
        refused = ", ".join(f"{number:,} {why}" for why, number in recording.refusals.items())
        parts.append(_filled(f"Connects that failed: {refused}."))
    parts += [_filled(f"Why: {each.what} {each.change}") for each in outage.diagnoses]
    return "\n".join(parts)


def _summary(outages: Sequence[OutageReport | NotRehearsed]) -> str:
    rows: list[tuple[str, ...]] = [
        ("OUTAGE", "VERDICT", "FLIP", "P50", "RTO SAYS", "P99", "RTO SAYS", "LAST", "TARGET")
    ]
    for each in outages:
        if isinstance(each, NotRehearsed):
            rows.append((plain(f"{each.outage} in {each.region}"), "skipped", *["-"] * 7))
            continue
        flip, compared = each.figures.flip, each.prediction
        rows.append(
            (
                plain(each.name),
                each.verdict.value,
                told(flip.at if flip else None),
                told(compared.p50.measured, each.nothing or "-"),
                told(compared.p50.predicted if each.figures.lost else None),
                told(compared.p99.measured, each.nothing or "-"),
                told(compared.p99.predicted if each.figures.lost else None),
                told(compared.last.measured, each.nothing or "-"),
                told(each.rto),
            )
        )
    return _columns(rows)


def _given(outage: OutageReport) -> str:
    recording, figures = outage.recording, outage.figures
    speed = f"{recording.speed:g} times faster" if recording.speed != 1 else "at true speed"
    return (
        f"Given: {recording.devices:,} devices, {speed}, seed {recording.seed}, TTL"
        f" {told(recording.ttl)}; {figures.lost:,} lost their link, {figures.never_back:,} were"
        f" never back; at most {figures.peak_accepted:,} connects a second were accepted. Times are"
        " rehearsed seconds after the outage."
    )


def _terms(outage: OutageReport) -> str:
    prediction = outage.prediction
    rows = [("TERM", "MEASURED", "LONGEST", "USUAL", "LATEST", "DEVIATION")]
    for term in prediction.terms:
        usual, latest = told(term.usual), told(term.latest)
        rows.append((term.name, told(term.measured), told(term.longest), usual, latest, ""))
    if not outage.figures.lost:
        return _columns(rows)
    for name, each in (("p50", prediction.p50), ("p99", prediction.p99)):
        seconds, usual = told(each.measured), told(each.predicted)
        rows.append((name, seconds, "", usual, "", percent(each.deviation)))
    last, bound = told(prediction.last.measured), told(prediction.last.predicted)
    rows.append(("last", last, "", "", bound, ""))
    return _columns(rows)


def _messages(outage: OutageReport) -> str:
    messages, habits = outage.recording.messages, outage.recording.habits
    due = outage.figures.messages_due
    needed = (
        f" (a buffer holds {habits.buffer}, {due} were due)" if messages.dropped and due else ""
    )
    return (
        f"Messages: {messages.acknowledged:,} acknowledged, {messages.received:,} received;"
        f" {messages.lost:,} lost, {messages.doubled:,} doubled, {messages.reordered:,} reordered;"
        f" apart from these {messages.dropped:,} dropped by full buffers{needed} and"
        f" {messages.unsent:,} not sent yet."
    )


def _unproven(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> str:
    return "\n".join(map(_filled, _notes(environment, outages)))


def _notes(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> Iterator[str]:
    for each in outages:
        if isinstance(each, NotRehearsed):
            yield f"{each.outage} in {each.region} was not rehearsed: {each.reason}."
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    left_out = dict.fromkeys(each for made in recordings for each in made.unrehearsed)
    if left_out:
        yield f"Of {environment} not rehearsed: {'; '.join(left_out)}."
    assumed = {name: what for made in recordings for name, what in made.assumptions.items()}
    if assumed:
        told_ = "; ".join(f"{name}: {what}" for name, what in assumed.items())
        yield f"Assumed, for AWS documents it not: {told_}."


def _filled(sentences: str) -> str:
    return fill(plain(sentences), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Align words on the left and numbers on the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
