"""Whether an outage did to the devices what the design says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import BEARABLE, BEARABLE_LAG, Recording
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.seconds import told


class Verdict(StrEnum):
    """What a rehearsal shows; PARTIAL and INVALID, that it shows nothing."""

    PASSED = "passed"
    WARN = "warn"
    MISSED = "missed"
    PARTIAL = "partial"
    INVALID = "invalid"


_READY: Final = 0.99
"""The part of the fleet that must have a link when the outage begins."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and why, a sentence each."""

    verdict: Verdict
    reasons: tuple[str, ...]


def judge(result: Rehearsed, measured: Figures, rto: int) -> Judgement:
    """Judge an outage by what was expected of it, and by the target `recovery.rto` in seconds."""
    recording, expected = result.recording, result.expectation
    if recording.is_partial:
        return Judgement(Verdict.PARTIAL, (_cut(recording),))
    if unfit := tuple(_unfit(result, measured)):
        return Judgement(Verdict.INVALID, unfit)
    missed = (
        *_led_elsewhere(measured),
        *_JUDGES[expected.effect](result, measured, rto),
        *_messages(result),
    )
    if missed:
        return Judgement(Verdict.MISSED, missed)
    if expected.effect is Effect.BLIND and (measured.lost or not measured.flip):
        moved = f" The answer moved after {told(measured.flip.at)}." if measured.flip else ""
        return Judgement(Verdict.WARN, (f"A known limit of the design: {expected.why}.{moved}",))
    return Judgement(Verdict.PASSED, (_well(measured, expected.effect),))


def _cut(recording: Recording) -> str:
    notes = [each.what for each in recording.moments if each.kind == "note"]
    why = f": {notes[-1]}" if notes else ""
    when = f"after {told(recording.ended)}" if recording.ended > 0 else "before the outage began"
    return f"The rehearsal was cut short {when}{why}."


def _unfit(result: Rehearsed, measured: Figures) -> Iterator[str]:
    recording, machine = result.recording, result.recording.machine
    if machine is None:
        yield "The limit of the machine was not measured, so nobody knows whose figures these are."
    elif not machine.is_enough:
        yield (
            f"Devices ask for up to {machine.needed:,.0f} connects a second of the machine, which"
            f" does {machine.connect_rate:,.0f}: above {BEARABLE * 100:.0f} % of that its own"
            " queues count. Take fewer devices, or a lower speed."
        )
    elif machine.lag > BEARABLE_LAG:
        yield (
            f"The machine was too busy: of what the drill had to do 1 % was {machine.lag:.1f}"
            f" rehearsed seconds late or more, and {BEARABLE_LAG:g} is the most that is valid. Take"
            " fewer devices, a lower speed, or a quieter machine."
        )
    if measured.linked < _READY * recording.devices:
        yield (
            f"{recording.devices - measured.linked:,} of {recording.devices:,} devices had no link"
            " when the outage began."
        )
    elif (
        result.expectation.effect is Effect.MOVES
        and not measured.was_elsewhere
        and measured.lost < _READY * measured.linked
    ):
        yield (
            f"Only {measured.lost:,} of {measured.linked:,} devices lost their link: the outage did"
            " not reach the others, and proves nothing of them."
        )


def _led_elsewhere(measured: Figures) -> Iterator[str]:
    if measured.was_elsewhere:
        yield (
            f"The answer led to {measured.before} before anything was broken, and not to the"
            " primary."
        )


def _moves(result: Rehearsed, measured: Figures, rto: int) -> Iterator[str]:
    yield from _answer_moved(result, measured, rto)
    yield from _back(result, measured, rto, 0.0)
    waited = measured.outlasted - measured.never_back
    if waited and not measured.is_moved:
        yield (
            f"{waited:,} of the {measured.lost:,} devices that lost their link were back only once"
            f" the outage had been undone after {told(result.recording.restored)}."
        )


def _stays(_result: Rehearsed, measured: Figures, _rto: int) -> Iterator[str]:
    if measured.flip:
        at = told(measured.flip.at)
        yield f"The answer moved to {measured.flip.what} after {at}; it was to stay."
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
    # What nothing sees must end with what caused it.
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
    if not measured.flip:
        yield "The answer for the device name never moved."
    elif restored is not None and measured.flip.at >= restored:
        yield (
            f"The answer moved after {told(measured.flip.at)}, when the outage had been undone"
            f" after {told(restored)}."
        )
    elif measured.flip.at > rto:
        yield f"The answer moved after {told(measured.flip.at)}; the target is {told(rto)}."


def _kept(measured: Figures) -> Iterator[str]:
    if measured.lost:
        yield f"{measured.lost:,} of {measured.linked:,} devices lost their link; none was to."


def _back(result: Rehearsed, measured: Figures, rto: int, since: float) -> Iterator[str]:
    """Yield what is late; the target counts from `since`, in seconds after the outage."""
    yield from _without_link(result, measured)
    p99 = measured.recovery.p99
    if p99 is not None and p99 - since > rto:
        counted = "after the outage" if not since else "after it had ended"
        yield (
            f"99 % of the devices were back only {told(p99 - since)} {counted};"
            f" the target is {told(rto)} (recovery.rto)."
        )


def _without_link(result: Rehearsed, measured: Figures) -> Iterator[str]:
    if measured.never_back:
        yield (
            f"{measured.never_back:,} of the {measured.lost:,} devices that lost their link were"
            f" not back when the rehearsal ended after {told(result.recording.ended)}."
        )
    if measured.stranded:
        yield f"{measured.stranded:,} devices were back, and had no link when the rehearsal ended."


def _messages(result: Rehearsed) -> Iterator[str]:
    messages = result.recording.messages
    if messages.lost and result.expectation.effect is not Effect.RETURNS:
        yield (
            f"{messages.lost:,} of {messages.acknowledged:,} messages that a broker had"
            " acknowledged never came to a consumer."
        )


def _well(measured: Figures, effect: Effect) -> str:
    if effect is Effect.STAYS:
        return "The answer stayed, and no device lost its link."
    if effect is Effect.UNHURT:
        at = told(measured.flip.at if measured.flip else None)
        return f"The answer moved after {at}, and no device lost its link."
    if not measured.lost:
        return "No device lost its link."
    if effect is Effect.SETTLES:
        return f"All {measured.lost:,} devices that lost their link had one in the end."
    return (
        f"All {measured.lost:,} devices that lost their link were back, 99 % within"
        f" {told(measured.recovery.p99)}, the last after {told(measured.recovery.last)}."
    )
