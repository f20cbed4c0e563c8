"""Verdict on an outage: whether it had the expected effect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import MAX_LAG, MAX_LOAD, Recording
from iot_dr.drill.report.answer_cause import AnswerCause
from iot_dr.drill.report.causes.devices import refuses_by_design
from iot_dr.drill.report.causes.evidence import Evidence
from iot_dr.drill.report.expected_cause import deviations, wrong_cause
from iot_dr.drill.report.failback import wrong_returns
from iot_dr.drill.report.figures import Figures, LaterFailure
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.preconditions import overloads, unmet_preconditions
from iot_dr.drill.report.prediction import Prediction
from iot_dr.drill.report.seconds import duration


class DrillVerdict(StrEnum):
    """Verdict on a rehearsal; PARTIAL and INVALID ones prove nothing."""

    PASSED = "passed"
    WARN = "warn"
    MISSED = "missed"
    PARTIAL = "partial"
    INVALID = "invalid"


_HIT: Final = 0.99
"""Share of the fleet that must lose its link if devices should move."""


@dataclass(frozen=True, slots=True)
class DrillJudgement:
    """A verdict and its reasons, sentences."""

    verdict: DrillVerdict
    reasons: tuple[str, ...]


def judge(
    result: Rehearsed,
    measured: Figures,
    settings: Settings,
    predicted: Prediction,
    cause: AnswerCause | None,
) -> DrillJudgement:
    """Judge an outage by its expected effect, what moved the answer, and the settings' target.

    `predicted` is the prediction for the result, `cause` what moved the answer first.
    """
    recording, expected, rto = result.recording, result.expectation, settings.recovery.rto
    # Also if it was cut short, as by devices that never got a link.
    if unknown := result.world.not_understood:
        return DrillJudgement(
            DrillVerdict.INVALID, tuple(f"Not understood: {each}." for each in unknown)
        )
    if recording.is_partial:
        return DrillJudgement(DrillVerdict.PARTIAL, (_cut(recording),))
    if reasons := tuple(_machine(recording)):
        return DrillJudgement(DrillVerdict.INVALID, reasons)
    unmet = tuple(unmet_preconditions(recording, measured))
    is_design = refuses_by_design(Evidence(result, measured, settings))
    signs = tuple(overloads(recording)) if unmet and not is_design else ()
    if unmet and not signs and measured.primary in recording.unserved:
        return DrillJudgement(DrillVerdict.MISSED, unmet)
    if reasons := (*signs, *_without_effect(result, measured)):
        return DrillJudgement(DrillVerdict.INVALID, (*unmet, *reasons))
    missed = (
        *unmet,
        *_JUDGES[expected.effect](result, measured, rto),
        *wrong_cause(result, measured, predicted, cause),
        *wrong_returns(result, measured, settings),
        *_messages(result),
    )
    return (
        DrillJudgement(DrillVerdict.MISSED, missed)
        if missed
        else _met(result, measured, predicted, rto)
    )


def _met(result: Rehearsed, measured: Figures, predicted: Prediction, rto: int) -> DrillJudgement:
    """Return the judgement on an outage that had the expected effect."""
    expected = result.expectation
    if expected.effect is Effect.BLIND and (measured.lost or not measured.failover):
        moved = (
            f" The answer moved after {duration(measured.failover.at)}."
            if measured.failover
            else ""
        )
        return DrillJudgement(
            DrillVerdict.WARN, (f"A known limit of the design: {expected.why}.{moved}",)
        )
    deviating = (
        *(deviations(predicted) if expected.cause else ()),
        *_unregistered(result.recording),
    )
    verdict = DrillVerdict.WARN if deviating else DrillVerdict.PASSED
    return DrillJudgement(verdict, (_well(result, measured, rto), *deviating))


def _unregistered(recording: Recording) -> Iterator[str]:
    for region, cause in dict.fromkeys(
        (put.region, put.unregistered) for put in recording.switch_puts if put.unregistered
    ):
        yield (
            f"The watcher switched {region} away, but could not write the switch's register"
            f" ({cause}): no publisher repeats it."
        )


def _cut(recording: Recording) -> str:
    notes = [each.description for each in recording.events if each.kind == "note"]
    why = f": {notes[-1]}" if notes else ""
    when = (
        f"after {duration(recording.ended)}" if recording.ended > 0 else "before the outage began"
    )
    return f"The rehearsal was cut short {when}{why}."


def _machine(recording: Recording) -> Iterator[str]:
    machine = recording.machine
    if machine is None:
        yield "The machine's capacity was not measured, so it may have limited the figures."
    elif not machine.is_enough:
        yield (
            f"The devices need up to {machine.needed:,.0f} connects per second of real time; this"
            f" machine's capacity is {machine.connect_rate:,.0f}, and the figures are valid up to"
            f" {MAX_LOAD * 100:.0f} % of it. Use fewer devices or a lower speed."
        )
    elif machine.lag > MAX_LAG:
        yield (
            "The machine was too busy: the 99th percentile of the drill's delay was"
            f" {machine.lag:.1f} rehearsed seconds; at most {MAX_LAG:g} is valid. Use fewer"
            " devices, a lower speed or a less busy machine."
        )


def _without_effect(result: Rehearsed, measured: Figures) -> Iterator[str]:
    if (
        result.expectation.effect is Effect.MOVES
        and not measured.was_elsewhere
        and measured.lost < _HIT * measured.devices
    ):
        yield (
            f"Only {measured.lost:,} of {measured.devices:,} devices lost their link; the outage"
            " did not affect the others and proves nothing about them."
        )


def _moves(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    yield from _answer_moved(result, measured, rto)
    yield from _back_in_outage(result, measured, rto)
    for failure in measured.later:
        for reason in _back_in_outage(result, failure.figures, rto):
            yield f"After {failure.region} failed too: {reason}"


def _back_in_outage(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    yield from _back(result, measured, rto, 0.0)
    waited = measured.outlasted - measured.never_back
    if waited and not measured.is_moved:
        yield (
            f"{waited:,} of the {measured.lost:,} devices that lost their link were back only once"
            f" the outage had been undone after {duration(result.recording.restored)}."
        )


def _stays(_result: Rehearsed, measured: Figures, _rto: int) -> Iterator[str]:
    if measured.failover:
        at = duration(measured.failover.at)
        yield f"The answer moved to {measured.failover.name} after {at}; expected no change."
    yield from _kept(measured)


def _unhurt(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    yield from _answer_moved(result, measured, rto)
    yield from _kept(measured)


def _returns(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    if result.recording.restored is None:
        yield "The outage was never undone, so no device could come back."
        return
    yield from _back(result, measured, rto, result.recording.restored)


def _settles(result: Rehearsed, measured: Figures, _rto: int) -> Iterator[str]:
    yield from _without_link(result, measured)


def _blind(result: Rehearsed, measured: Figures, _rto: int) -> Iterator[str]:
    # An undetected failure must at least end with its cause.
    yield from _without_link(result, measured)


_JUDGES: Final[dict[Effect, Callable[[Rehearsed, Figures, int], Iterator[str]]]] = {
    Effect.MOVES: _moves,
    Effect.STAYS: _stays,
    Effect.UNHURT: _unhurt,
    Effect.RETURNS: _returns,
    Effect.SETTLES: _settles,
    Effect.BLIND: _blind,
}


def _answer_moved(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    restored = result.recording.restored
    if measured.was_elsewhere:
        return
    if not measured.failover:
        yield "The answer for the device name never moved."
    elif restored is not None and measured.failover.at >= restored:
        yield (
            f"The answer moved after {duration(measured.failover.at)}, but the outage was undone"
            f" after {duration(restored)}."
        )
    elif measured.failover.at > rto:
        at = duration(measured.failover.at)
        yield f"The answer moved after {at}; the target is {duration(rto)}."


def _kept(measured: Figures) -> Iterator[str]:
    if measured.lost:
        yield f"{measured.lost:,} of {measured.devices:,} devices lost their link; expected none."


def _back(result: Rehearsed, measured: Figures, rto: int, since: float) -> Iterator[str]:
    """Yield misses of the target, which counts from `since` seconds after the outage."""
    yield from _without_link(result, measured)
    p99, verdict = measured.recovery.p99, measured.verdict(rto, since)
    if p99 is not None and verdict and verdict.is_missed:
        counted = "after the outage" if not since else "after it had ended"
        yield (
            f"99 % of the devices were back only {duration(p99 - since)} {counted};"
            f" the target is {duration(rto)} (recovery.rto): {verdict}."
        )


def _without_link(result: Rehearsed, measured: Figures) -> Iterator[str]:
    if measured.never_back:
        yield (
            f"{measured.never_back:,} of the {measured.lost:,} devices that lost their link were"
            f" not back when the rehearsal ended after {duration(result.recording.ended)}."
        )
    if measured.stranded:
        yield f"{measured.stranded:,} devices came back but had no link when the rehearsal ended."


def _messages(result: Rehearsed) -> Iterator[str]:
    messages = result.recording.messages
    if messages.lost and result.expectation.effect is not Effect.RETURNS:
        yield (
            f"{messages.lost:,} of {messages.acknowledged:,} messages that a broker acknowledged"
            " never reached a consumer."
        )


def _well(result: Rehearsed, measured: Figures, rto: int) -> str:
    effect, restored = result.expectation.effect, result.recording.restored
    if effect is Effect.STAYS:
        return "The answer did not move, and no device lost its link."
    if effect is Effect.UNHURT:
        at = duration(measured.failover.at if measured.failover else None)
        return f"The answer moved after {at}, and no device lost its link."
    if not measured.lost:
        return "No device lost its link."
    if effect is Effect.SETTLES:
        return f"All {measured.lost:,} devices that lost their link had one at the end."
    since = restored if restored and effect is Effect.RETURNS else 0.0
    then = "".join(map(_then, measured.later))
    return (
        f"All {measured.lost:,} devices that lost their link were back, 99 % within"
        f" {duration(measured.recovery.p99)}, the last after {duration(measured.recovery.last)};"
        f" the target is {duration(rto)} (recovery.rto): {measured.verdict(rto, since)}.{then}"
    )


def _then(failure: LaterFailure) -> str:
    lost, recovery = failure.figures.lost, failure.figures.recovery
    return (
        f" {failure.region} failed too after {duration(failure.at)}: 99 % of its {lost:,} devices"
        f" were back within {duration(recovery.p99)}, the last after {duration(recovery.last)}."
    )
