"""What moved the answer: the check or switch without which it would not have changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import Final

from iot_dr.drill.recording import MAX_LAG, Recording, SwitchPut
from iot_dr.drill.report.figures import ObservedChange
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION
from iot_dr.forecast.failover_cause import FailoverCause
from iot_dr.route53.check import CALCULATED, HealthCheck

_DELAY: Final = AGGREGATION[1] + MAX_LAG
"""Seconds within which a change of a check may take effect although it has been reverted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCause:
    """The change of a check that moved the answer, at `at`.

    `kind` is None if the check follows an alarm whose switch nobody had set. `put` is the put of
    the switch's metric, None for a check of an endpoint.
    """

    check: HealthCheck
    at: float
    kind: FailoverCause | None
    put: SwitchPut | None = None

    @property
    def since(self) -> float:
        """Seconds from which the cause's predicted time counts: an operator's put, or the outage.

        The watcher's time includes how it sees the outage.
        """
        return self.put.at if self.put and self.kind is FailoverCause.SWITCH else 0.0


def answer_cause(recording: Recording, world: World, change: ObservedChange) -> AnswerCause | None:
    """Return the cause of a change of the answer; None if no change of a check explains it.

    By the evaluation of the records, the answer has been the new one since the cause.
    """
    since = _since(recording, world, change)
    changed = (id_ for at, id_, _ in recording.health if at == since)
    check = next((world.checks[id_] for id_ in changed if _is_leaf(world, id_)), None)
    if since is None or check is None:
        return None
    if check.alarm is None:
        kind = FailoverCause.DEEP if check.type == "HTTPS" else FailoverCause.ENDPOINT
        return AnswerCause(check=check, at=since, kind=kind)
    put = _last_put(recording, world, check, since)
    is_watcher = put is not None and put.by == "watcher"
    kind = FailoverCause.WATCHER if is_watcher else FailoverCause.SWITCH
    return AnswerCause(check=check, at=since, kind=kind if put else None, put=put)


def states(recording: Recording, world: World, at: float) -> dict[str, bool]:
    """Return the results of the checks at a time, before `inverted` is applied."""
    said = {id_: healthy for when, id_, healthy in recording.health if when <= at}
    return {
        id_: said[id_] is not check.inverted if id_ in said else check.is_healthy_without_data
        for id_, check in world.checks.items()
    }


def _since(recording: Recording, world: World, change: ObservedChange) -> float | None:
    """Return since when the records have led to the new region; None if they did not, or always."""
    runs = [next(run) for _, run in groupby(_regions(recording, world), key=lambda each: each[1])]
    ends = [*(at for at, _ in runs[1:]), inf]
    fitting = (
        at
        for (at, region), end in zip(runs, ends, strict=True)
        if region == change.name and at <= change.at and end >= change.at - _DELAY
    )
    begin = max(fitting, default=-inf)
    return None if begin == -inf else begin


def _regions(recording: Recording, world: World) -> Iterator[tuple[float, str]]:
    """Yield the region that the records lead to at first and after each change of a check."""
    evaluation = world.evaluation
    names = {site.regional_name: site.region for site in world.sites}
    for at in (-inf, *sorted({at for at, _, _ in recording.health})):
        target = evaluation.answer(world.device_name, states(recording, world, at)).leads_to
        yield at, names.get(target, target)


def _is_leaf(world: World, check: str) -> bool:
    return check in world.checks and world.checks[check].type != CALCULATED


def _last_put(
    recording: Recording, world: World, check: HealthCheck, at: float
) -> SwitchPut | None:
    """Return the last put before an alarm changed, by the state that it had put."""
    alarm = world.alarms.get(check.alarm or "")
    region = alarm.dimensions.get("Region") if alarm else None
    # The put is recorded once the call has returned, which may be after the evaluation.
    puts = [each for each in recording.switch_puts if each.at <= at + MAX_LAG]
    return next((each for each in reversed(puts) if region in {None, each.region}), None)
