"""Watches a wave's alarms before the next wave starts."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import OnWait, PollLimits, WaitTimeoutError, wait_until
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import ClockSkewError, CredentialsError, NotAllowedError
from iot_dr.observe.aws.gathering import gather

if TYPE_CHECKING:
    # It loads the engine, which whoever watches has done, and a help need not wait for.
    from stacks.wave_alarms import WatchedAlarm

_INTERVAL: Final = 30.0
_ANSWER: Final = 20.0
_QUIET: Final = "OK"
_MISSING: Final = "there is no such alarm"
_LOUD: Final = frozenset(("ALARM", _MISSING))
# Errors that another poll would meet again.
_FINAL: Final = (ClockSkewError, CredentialsError, NotAllowedError)
_ADVICE: Final = (
    "no later wave begins: fix or revert the commit and push; if the alarms are quiet again without"
    " that, retry this stage (docs/runbooks/pipeline.md)"
)


class BakeError(UserError):
    """Alarms did not stay quiet after a wave, or cannot be read."""


def patience(minutes: int) -> PollLimits:
    """Return the limits of a bake: it may take twice its minutes."""
    return PollLimits(limit=2 * 60 * minutes, interval=_INTERVAL)


@dataclass
class Bake:
    """Polls alarms until all of them have been quiet for `minutes` in a row.

    An alarm that is on, or has no data, at the start may become quiet, and then the minutes count
    from there: the wave may have fixed it. Once all have been quiet in one poll, an alarm that goes
    off or is missing ends the bake at once. A region that does not answer is not quiet.
    """

    alarms: "Sequence[WatchedAlarm]"
    minutes: int
    clients: Clients
    _was_quiet: bool = field(default=False, init=False)

    def watch(self, patience: PollLimits, on_wait: OnWait) -> None:
        """Return once all alarms have been quiet; `on_wait` is called at each poll but the last.

        Raises BakeError, which names alarms and regions, and AwsError for errors that waiting
        cannot fix.
        """
        # One look more than intervals, since the first one is at the start.
        in_a_row = ceil(60 * self.minutes / patience.interval) + 1
        try:
            wait_until(self._missing, patience, on_wait, in_a_row=in_a_row)
        except WaitTimeoutError as error:
            message = f"not quiet for {self.minutes} minutes in a row: {error}; {_ADVICE}"
            raise BakeError(message) from None

    def _missing(self) -> str:
        states = self._states()
        wrong = {alarm: state for alarm, state in states.items() if state != _QUIET}
        problems = "; ".join(f"{alarm}: {state}" for alarm, state in wrong.items())
        if self._was_quiet and not _LOUD.isdisjoint(wrong.values()):
            raise BakeError(f"went off after this wave: {problems}; {_ADVICE}")
        self._was_quiet |= not wrong
        return problems

    def _states(self) -> "dict[WatchedAlarm, str]":
        """Return the state of each alarm, or why it is not known; query all regions at once.

        Raises an AwsError that waiting cannot fix.
        """
        by_region: defaultdict[str, list[WatchedAlarm]] = defaultdict(list)
        for alarm in self.alarms:
            by_region[alarm.region].append(alarm)
        calls = {region: self._asking(region, its) for region, its in by_region.items()}
        answers = gather(calls, _ANSWER)
        return {alarm: _state(alarm, answers[alarm.region]) for alarm in self.alarms}

    def _asking(
        self, region: str, alarms: "Sequence[WatchedAlarm]"
    ) -> Callable[[], Mapping[str, str]]:
        """Return the query of one region: `AlarmNames` takes up to 100 names.

        docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        """
        names = [alarm.name for alarm in alarms]

        def ask() -> Mapping[str, str]:
            answer: dict[str, Any] = self.clients.call(
                "cloudwatch", region, "describe_alarms", AlarmNames=names
            )
            return {each["AlarmName"]: each["StateValue"] for each in answer["MetricAlarms"]}

        return ask


def _state(alarm: "WatchedAlarm", answer: Mapping[str, str] | UserError) -> str:
    if isinstance(answer, _FINAL):
        raise answer
    if isinstance(answer, UserError):
        return f"cannot be queried: {answer}"
    return answer.get(alarm.name, _MISSING)
