"""Whether the answer returned to the region that failed when it should, and not otherwise."""

from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import Final

from environments.settings import Settings
from iot_dr.drill.outages.expectation import AnswerReturn
from iot_dr.drill.outages.switch import WITHOUT_DATA
from iot_dr.drill.recording import MAX_LAG, Recording
from iot_dr.drill.report.figures import Figures, ObservedChange
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.seconds import duration
from iot_dr.forecast.detection import AGGREGATION
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.generate.expectation import recovery_inputs


def wrong_returns(result: Rehearsed, measured: Figures, settings: Settings) -> Iterator[str]:
    """Yield a sentence for each way in which an answer that moved did not return as expected."""
    restored = result.recording.restored
    if measured.was_elsewhere or not measured.failover or restored is None:
        return
    if measured.failover.at < restored:
        yield from _JUDGES[result.expectation.answer_return](result, measured, settings)


def _by_itself(result: Rehearsed, measured: Figures, _settings: Settings) -> Iterator[str]:
    yield from _too_early(result.recording, measured)
    yield from _still_away(result.recording, measured, "recovery.fail_back is auto")


def _latched(result: Rehearsed, measured: Figures, settings: Settings) -> Iterator[str]:
    recording, primary = result.recording, measured.primary
    latched = _latched_at(result, recording.region)
    if latched is None:
        bound = cause_time(recovery_inputs(settings), FailoverCause.WATCHER).bound
        if (recording.restored or 0.0) > bound + MAX_LAG:
            yield (
                f"The switch of {primary} was not set during the outage; at most {duration(bound)}"
                " is predicted for the watcher, and without it the answer returns by itself"
                " (recovery.fail_back is latched)."
            )
        return
    for change in _back_in_primary(measured):
        # A change of a check just before the switch was set may still take effect.
        if change.at > latched + AGGREGATION[1] + MAX_LAG:
            yield (
                f"The answer returned to {primary} after {duration(change.at)}, although its switch"
                f" had been set after {duration(latched)} and nobody cleared it"
                " (recovery.fail_back is latched)."
            )


def _switched(result: Rehearsed, measured: Figures, settings: Settings) -> Iterator[str]:
    recording = result.recording
    yield from _too_early(recording, measured)
    puts = {put.action: put.at for put in recording.switch_puts if put.by == "operator"}
    restored = recording.restored or 0.0
    away, back = puts.get("away", 0.0), puts.get("back", restored)
    without = back - max((away, *_watcher_puts(recording, away, back)))
    if without < WITHOUT_DATA:
        yield (
            f"The switch was without new data for {duration(without)}; only"
            f" {duration(WITHOUT_DATA)} show that its alarm keeps its state."
        )
    bound = cause_time(recovery_inputs(settings), FailoverCause.SWITCH).bound
    yield from _still_away(recording, measured, "the operator had cleared the switch")
    for change in _back_in_primary(measured):
        if change.at - back > bound + MAX_LAG:
            yield (
                f"The answer returned {duration(change.at - back)} after the switch had been"
                f" cleared; at most {duration(bound)} is predicted for a switch."
            )


def _by_operator(result: Rehearsed, measured: Figures, _settings: Settings) -> Iterator[str]:
    recording = result.recording
    failed = {recording.region: 0.0, **{region: at for at, region in recording.later_failures}}
    puts = [each for each in recording.switch_puts if each.by == "operator"]
    cleared = min((put.at for put in puts if put.action == "back"), default=inf)
    for region in failed:
        if _latched_at(result, region) is None:
            yield f"The switch of {region} was not set during the outage, so it may fail back."
    for change in measured.moves:
        if failed.get(change.name, inf) < change.at < cleared:
            yield (
                f"The answer returned to {change.name} after {duration(change.at)}, which had"
                " failed, although nobody had cleared its switch."
            )
    yield from _still_away(recording, measured, "the operator had cleared the switches")


def _without_alarm_region(
    result: Rehearsed, measured: Figures, _settings: Settings
) -> Iterator[str]:
    recording = result.recording
    yield from _too_early(recording, measured)
    puts = [each for each in recording.switch_puts if each.by == "operator"]
    removed = max((put.at for put in puts if put.action == "back"), default=inf)
    for change in _back_in_primary(measured):
        if (recording.restored or 0.0) <= change.at < removed:
            yield (
                f"The answer returned to {change.name} after {duration(change.at)}, although the"
                " alarm in the lost region was set."
            )
    yield from _still_away(
        recording, measured, "the lost alarm region's alarm was no longer evaluated"
    )


def _unspecified(_result: Rehearsed, _measured: Figures, _settings: Settings) -> Iterator[str]:
    yield from ()


_Judge = Callable[[Rehearsed, Figures, Settings], Iterator[str]]
_JUDGES: Final[Mapping[AnswerReturn, _Judge]] = {
    AnswerReturn.UNSPECIFIED: _unspecified,
    AnswerReturn.ITSELF: _by_itself,
    AnswerReturn.LATCHED: _latched,
    AnswerReturn.OPERATOR: _by_operator,
    AnswerReturn.WITHOUT: _without_alarm_region,
    AnswerReturn.SWITCH: _switched,
}


def _too_early(recording: Recording, measured: Figures) -> Iterator[str]:
    restored = recording.restored or 0.0
    for change in _back_in_primary(measured):
        if change.at < restored:
            yield (
                f"The answer returned to {change.name} after {duration(change.at)}, although the"
                f" outage lasted until {duration(restored)}."
            )


def _still_away(recording: Recording, measured: Figures, why: str) -> Iterator[str]:
    last = measured.moves[-1].name
    if last != measured.primary:
        waited = recording.ended - (recording.restored or 0.0)
        yield (
            f"The answer was still {last} when the rehearsal ended {duration(waited)} after the"
            f" outage, although {why}."
        )


def _back_in_primary(measured: Figures) -> Iterator[ObservedChange]:
    return (each for each in measured.moves if each.name == measured.primary)


def _latched_at(result: Rehearsed, region: str) -> float | None:
    """Return when a check of a region's switch became unhealthy."""
    world = result.world
    switches = {
        id_
        for id_, check in world.checks.items()
        if check.alarm in world.alarms
        and world.alarms[check.alarm or ""].dimensions.get("Region") == region
    }
    changes = result.recording.health
    return next((at for at, id_, healthy in changes if id_ in switches and not healthy), None)


def _watcher_puts(recording: Recording, begin: float, end: float) -> Iterator[float]:
    puts = recording.switch_puts
    return (put.at for put in puts if put.by == "watcher" and begin < put.at < end)
