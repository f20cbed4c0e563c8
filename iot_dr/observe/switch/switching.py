"""One use of a switch: the recorded change."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final, Literal

from environments.regions import nearest
from environments.settings import Settings
from functions.contract import switch_namespace
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import AwsError, NoAnswerError
from iot_dr.observe.aws.gathering import CallTimeoutError, gather
from iot_dr.observe.switch.alarms import read_switch
from iot_dr.observe.switch.audit import AuditEntry, AuditRecord, AuditTrail
from iot_dr.observe.switch.checks import remove_switch_check
from iot_dr.observe.switch.metric import Action, data_point
from iot_dr.observe.switch.probe import probe
from iot_dr.observe.switch.register_change import RegisterChange
from iot_dr.observe.switch.registers import Register, Registers, number_after
from iot_dr.observe.switch.situation import SituationReader, SwitchSituation

# Limits of required calls to an alarm region, and of optional calls to regions that may be gone.
_NEEDED: Final = CallLimits(connect=1, read=2, attempts=2)
_WANTED: Final = CallLimits(connect=0.8, read=1, attempts=1)
_SET_SECONDS: Final = 8

WITHOUT_RECORD: Final = "--force switches without a record"
"""The advice for an operator if no record can be stored."""

Stage = Literal["nothing", "registered", "sent", "set"]


@dataclass(frozen=True)
class SwitchResult:
    """The record of a switch that was set; `problem` says why it is missing or incomplete.

    `unset` are the alarm regions in which it was not set, or perhaps not, with the reasons.
    """

    record: AuditEntry | None
    problem: str = ""
    unset: Mapping[str, AwsError] = field(default_factory=dict[str, AwsError])


class NoRecordError(UserError):
    """A switch was not set, because its use could not be recorded."""


class Switching:
    """Sets the switch of a region; `set` needs only one of the switch's alarm regions.

    First `register` records the use, then, after `seconds_to_wait`, `set` puts the metric.
    `stage` says, also after an exception, whether nothing was written, the registers were
    (`registered`), the metric was sent without an answer (`sent`), or it was accepted (`set`).
    Raises UsageError for a region of another environment.
    """

    def __init__(
        self,
        settings: Settings,
        region: str,
        action: Action,
        prober: Callable[[str], None] = probe,
    ) -> None:
        if region not in settings.regions:
            hint = nearest(region, settings.regions)
            raise UsageError(
                f"{plain(region)!r} is not a region of {settings.environment};"
                f" {f'{hint} ' if hint else ''}it has {', '.join(settings.regions)}"
            )
        self.settings = settings
        self.region = region
        self.action: Action = action
        self.alarm_regions = settings.alarm_regions(region)
        self.stage: Stage = "nothing"
        self._prober = prober
        self._clients = Clients(settings.deploy_role_arn, _NEEDED)
        self._wanted = Clients(settings.deploy_role_arn, _WANTED)
        self._trail = AuditTrail(settings, self._clients)
        self._registers = Registers(settings, self._clients)
        self._before: Mapping[str, Register] = {}
        self._change: RegisterChange | None = None

    def observe(self) -> SwitchSituation:
        """Read the situation; raises as SituationReader does."""
        situation = SituationReader(
            settings=self.settings,
            region=self.region,
            action=self.action,
            clients=self._clients,
            optional=self._wanted,
            prober=self._prober,
        ).read()
        self._before = situation.registers
        return situation

    def newest(self) -> AuditRecord:
        """Return the newest record about the region; raises AwsError."""
        return self._trail.newest(self.region)

    def register(self, who: str, reason: str, *, forced: bool) -> None:
        """Record the use, and write the registers in all alarm regions, for `set`.

        If no alarm region stores them, it goes on only if `forced`; otherwise raises NoRecordError.
        """
        now = datetime.now(UTC)
        # Read again before a switch back, since `observe` was before the confirmation.
        before = self._before if self.action == "away" else None
        before = before or self._registers.read(self.region)
        number = number_after(before, now)
        use = AuditEntry(action=self.action, reason=reason, who=who, at=now, number=number)
        change = RegisterChange(
            registers=self._registers, region=self.region, use=use, before=before
        )
        try:
            self._trail.write(self.region, use)
        except AwsError as error:
            if not forced:
                raise NoRecordError(f"{error}. {WITHOUT_RECORD}") from error
            change.problem = str(error)
        change.write()
        if not change.is_written and not forced:
            error = next(iter(change.refused.values()))
            if not isinstance(error, NoAnswerError):
                self._close_failed(use)
            raise NoRecordError(f"{error}. {WITHOUT_RECORD}") from error
        self.stage, self._change = "registered", change

    def seconds_to_wait(self) -> float:
        """Return the seconds until `set` may be called after `register`."""
        return self._registered.seconds_to_wait(datetime.now(UTC))

    def set(self) -> SwitchResult:
        """Set the metric in the alarm regions, and record the outcome.

        Raises AwsError if the metric was set in no alarm region, and reverts the registers; if they
        could not be reverted, `stage` is `registered`. After a NoAnswerError it may have been set,
        and `stage` is `sent`.
        """
        change = self._registered
        left_out = change.not_to_be_set()
        try:
            unset = self._set_metric([each for each in self.alarm_regions if each not in left_out])
            unset |= left_out or change.may_be_reverted()
        except AwsError as error:
            if isinstance(error, NoAnswerError):
                raise
            if refused := change.revert():
                self.stage = "registered"
                message = (
                    f"{error}; the register in {' and '.join(refused)} has the new value all the"
                    " same, which its publisher puts: run the command again"
                )
                raise AwsError(message) from error
            self._close_failed(change.use)
            raise
        if change.problem:
            return SwitchResult(None, change.problem, unset)
        try:
            return SwitchResult(self._trail.close(self.region, change.use, "done"), unset=unset)
        except AwsError as error:
            return SwitchResult(change.use, str(error), unset)

    def remove_alarm_region(self, alarm_region: str) -> tuple[str, ...]:
        """Exclude a lost alarm region, and say so in the registers: see `remove_switch_check`.

        Raises AwsError if that is refused or a register does not accept it.
        """
        removed = remove_switch_check(self.settings, self._clients, self.region, alarm_region)
        if self._change:
            for error in self._change.complete_without(alarm_region).values():
                message = (
                    f"{error}; Route 53 no longer evaluates the alarm in {alarm_region}, but the"
                    " register does not say so: run the command again"
                )
                raise AwsError(message) from error
        return removed

    @property
    def _registered(self) -> RegisterChange:
        if self._change is None:
            message = "`register` comes before"
            raise RuntimeError(message)
        return self._change

    def _close_failed(self, use: AuditEntry) -> None:
        with suppress(AwsError):
            self._trail.close(self.region, use, "failed")

    def alarm(self) -> str:
        """Return the state of the switch by its alarms, or why it is unknown."""
        try:
            return read_switch(self.settings, self._wanted, self.region)
        except UserError as error:
            return f"unknown ({error})"

    def _set_metric(self, alarm_regions: Sequence[str]) -> dict[str, AwsError]:
        """Set the metric in alarm regions; return those that did not accept it, with the errors."""
        self.stage = "sent"
        calls = {
            alarm_region: partial(self._send_metric, alarm_region) for alarm_region in alarm_regions
        }
        unset = {
            alarm_region: NoAnswerError(str(answer))
            if isinstance(answer, CallTimeoutError)
            else answer
            for alarm_region, answer in gather(calls, _SET_SECONDS).items()
            if isinstance(answer, AwsError | CallTimeoutError)
        }
        if len(unset) < len(alarm_regions):
            self.stage = "set"
            return unset
        for error in unset.values():
            if isinstance(error, NoAnswerError):
                message = (
                    f"{error}; it is not known whether the switch was set: run the command again"
                )
                raise NoAnswerError(message) from error
        self.stage = "nothing"
        raise next(iter(unset.values()))

    def _send_metric(self, alarm_region: str) -> None:
        point = data_point(self.settings, self.region, self.action)
        self._clients.call(
            "cloudwatch",
            alarm_region,
            "put_metric_data",
            Namespace=switch_namespace(self.settings.environment),
            MetricData=[point],
        )
