"""Report as text for a terminal or a log."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from iot_dr.common.assumptions import reference
from iot_dr.common.columns import columns
from iot_dr.common.plain_text import LINE_WIDTH, plain
from iot_dr.drill.report.expected_cause import describe
from iot_dr.drill.report.outage_report import OutageReport, assumed_of_aws
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.seconds import duration, percent


def text(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> str:
    """Return a table with a row per outage, then a paragraph for each rehearsed one."""
    rehearsed = [each for each in outages if isinstance(each, OutageReport)]
    notes = "\n".join(map(_filled, _notes(environment, outages)))
    parts = [_summary(outages), *map(outage_text, rehearsed), notes]
    return "\n\n".join(part for part in parts if part)


def outage_text(outage: OutageReport) -> str:
    """Return the verdict with its reasons, figures with predictions, and the diagnosis."""
    recording, cause = outage.recording, outage.cause
    lead = f"{outage.name}: {outage.verdict.value}. {' '.join(outage.judgement.reasons)}"
    parts = [_filled(lead), _filled(_given(outage))]
    if cause:
        parts.append(_filled(f"The answer moved because of {describe(cause)}."))
    if outage.figures.lost or outage.figures.failover:
        parts.append(_terms(outage))
    parts += [_filled(each) for each in outage.prediction.limits]
    parts.append(_filled(_messages(outage)))
    if recording.refusals:
        refused = ", ".join(f"{number:,} {why}" for why, number in recording.refusals.items())
        parts.append(_filled(f"Connects that failed: {refused}."))
    parts += [_filled(f"Why: {each.problem} {each.change}") for each in outage.diagnoses]
    return "\n".join(parts)


def _summary(outages: Sequence[OutageReport | NotRehearsed]) -> str:
    rows: list[tuple[str, ...]] = [
        ("OUTAGE", "VERDICT", "FLIP", "P50", "PREDICTED", "P99", "PREDICTED", "LAST", "TARGET")
    ]
    for outage in outages:
        if isinstance(outage, NotRehearsed):
            rows.append((plain(f"{outage.outage} in {outage.region}"), "skipped", *["-"] * 7))
            continue
        failover, compared = outage.figures.failover, outage.prediction
        rows.append(
            (
                plain(outage.name),
                outage.verdict.value,
                duration(failover.at if failover else None),
                duration(compared.p50.measured, outage.nothing or "-"),
                duration(compared.p50.predicted if outage.figures.lost else None),
                duration(compared.p99.measured, outage.nothing or "-"),
                duration(compared.p99.predicted if outage.figures.lost else None),
                duration(compared.last.measured, outage.nothing or "-"),
                duration(outage.rto),
            )
        )
        for then in outage.figures.later:
            failover, sample = then.figures.failover, then.figures.recovery
            measured = (duration(each, "never") for each in (sample.p50, sample.p99, sample.last))
            p50, p99, last = measured
            name = plain(f"  then {then.region}")
            cells = (duration(failover.at if failover else None), p50, "-", p99, "-", last)
            rows.append((name, "", *cells, duration(outage.rto)))
    return columns(rows, numbers=True)


def _given(outage: OutageReport) -> str:
    recording, figures = outage.recording, outage.figures
    speed = f"{recording.speed:g} times real time" if recording.speed != 1 else "in real time"
    return (
        f"Options: {recording.devices:,} devices, {speed}, seed {recording.seed}, TTL"
        f" {duration(recording.ttl)}; {figures.lost:,} lost their link, {figures.never_back:,} were"
        f" never back; at most {figures.peak_accepted:,} connects per second were accepted. Times"
        " are rehearsed seconds after the outage."
    )


def _terms(outage: OutageReport) -> str:
    prediction = outage.prediction
    rows = [("TERM", "MEASURED", "LAST DEVICE", "PREDICTED", "BOUND", "DEVIATION")]
    for term in prediction.terms:
        usual, latest = duration(term.typical), duration(term.maximum)
        rows.append(
            (
                term.name,
                duration(term.measured),
                duration(term.longest),
                usual,
                latest,
                "",
            )
        )
    if not outage.figures.lost:
        return columns(rows, numbers=True)
    for name, compared in (("p50", prediction.p50), ("p99", prediction.p99)):
        seconds, usual = duration(compared.measured), duration(compared.predicted)
        rows.append((name, seconds, "", usual, "", percent(compared.deviation_percent)))
    last, bound = (
        duration(prediction.last.measured),
        duration(prediction.last.predicted),
    )
    rows.append(("last", last, "", "", bound, ""))
    return columns(rows, numbers=True)


def _messages(outage: OutageReport) -> str:
    messages, habits = outage.recording.messages, outage.recording.habits
    due = outage.figures.messages_due
    needed = f" (buffer size {habits.buffer}, needed {due})" if messages.dropped and due else ""
    return (
        f"Messages: {messages.acknowledged:,} acknowledged, {messages.received:,} received;"
        f" {messages.lost:,} lost, {messages.duplicated:,} duplicated,"
        f" {messages.reordered:,} reordered; never sent: {messages.dropped:,} dropped by full"
        f" buffers{needed} and {messages.unsent:,} still buffered."
    )


def _notes(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> Iterator[str]:
    for outage in outages:
        if isinstance(outage, NotRehearsed):
            yield f"{outage.outage} in {outage.region} was not rehearsed: {outage.reason}."
    recordings = [each.recording for each in outages if isinstance(each, OutageReport)]
    yield from dict.fromkeys(each.fewer for each in recordings if each.fewer)
    left_out = dict.fromkeys(each for recording in recordings for each in recording.unrehearsed)
    if left_out:
        yield f"Not rehearsed in {environment}: {'; '.join(left_out)}."
    assumed = {
        name: assumption
        for recording in recordings
        for name, assumption in recording.assumptions.items()
    }
    if assumed:
        text = "; ".join(f"{name}: {assumption}" for name, assumption in assumed.items())
        yield f"Assumptions, which AWS does not document: {text}."
    if ids := assumed_of_aws(recordings):
        yield f"Assumed of AWS: {reference(ids)}."


def _filled(sentences: str) -> str:
    return fill(plain(sentences), LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
