"""The change of a switch's registers by one use of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from functions.contract import SwitchValue
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import AwsError
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.metric import seconds_to_wait
from iot_dr.observe.switch.registers import Register, RegisterEntry, Registers

# Longer than a publisher may take to put what it has read, in the minute of the next one.
_SETTLED: Final = timedelta(minutes=2)


@dataclass(kw_only=True)
class RegisterChange:
    """A use of the switch of a region, which writes a value into its registers.

    `before` are the registers as they were read. `refused` are the alarm regions whose register
    could not be written, or perhaps not, and `written_at` is when the others were. `problem` is
    why there is no record of the use.
    """

    registers: Registers
    region: str
    use: AuditEntry
    before: Mapping[str, Register]
    problem: str = ""
    refused: Mapping[str, AwsError] = field(default_factory=dict[str, AwsError])
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _changes: int = 0

    @property
    def is_written(self) -> bool:
        """Whether an alarm region has stored the register."""
        return self.refused.keys() != self.before.keys()

    def seconds_to_wait(self, now: datetime) -> float:
        """Return the seconds until the switch can be set: see `metric`.

        A switch back has to wait if a publisher may have read `away` where it was written.
        """
        written = (
            each for alarm_region, each in self.before.items() if alarm_region not in self.refused
        )
        if self.use.action == "away" or all(self._is_settled(each) for each in written):
            return 0.0
        return seconds_to_wait(self.written_at, now)

    def write(self) -> None:
        """Write the value of the use in all alarm regions."""
        self.refused = self._write(dict.fromkeys(self.before, self.use.action))
        self.written_at = datetime.now(UTC)

    def complete_without(self, alarm_region: str) -> Mapping[str, AwsError]:
        """Record in the other alarm regions that a lost one no longer counts; return refusals."""
        others = [each for each in self._not_used_since() if each != alarm_region]
        return self._write(dict.fromkeys(others, self.use.action), without=alarm_region)

    def revert(self) -> Mapping[str, AwsError]:
        """Write the former values, with a higher number, as far as they are to be published.

        A former `back` is not written: its publisher would put it for ten minutes once more.
        Returns the alarm regions whose register has the new value and refused the former one.
        """
        values = {
            alarm_region: _published(self.before[alarm_region])
            for alarm_region in self._not_used_since()
        }
        refused = self._write(values)
        return {each: refused[each] for each in refused if each not in self.refused}

    def not_to_be_set(self) -> Mapping[str, AwsError]:
        """Return where a switch back must not be set: its publisher would revert it there."""
        return self.refused if self.use.action == "back" and self.is_written else {}

    def may_be_reverted(self) -> Mapping[str, AwsError]:
        """Return where a switch back may not last once it is set: the register may say `away`."""
        if self.use.action == "away":
            return {}
        return {
            alarm_region: error
            for alarm_region, error in self.refused.items()
            if isinstance(self.before[alarm_region], UserError)
            or _published(self.before[alarm_region]) == "away"
        }

    def _not_used_since(self) -> list[str]:
        """Return the alarm regions whose register is not known to be written since this use."""
        number, at = self.use.number or 0, self.use.at
        return [
            alarm_region
            for alarm_region, register in self.registers.read(self.region).items()
            if not isinstance(register, RegisterEntry)
            or register.number < number
            or register.at == at
        ]

    def _is_settled(self, register: Register) -> bool:
        if not isinstance(register, RegisterEntry):
            return register is None
        is_old = register.at is not None and self.use.at - register.at > _SETTLED
        return register.value != "away" and is_old

    def _write(self, values: Mapping[str, SwitchValue], without: str = "") -> dict[str, AwsError]:
        number = (self.use.number or 0) + self._changes
        self._changes += 1
        use = self.use
        entries = {
            alarm_region: RegisterEntry(
                value=value,
                number=number,
                who=use.who,
                at=use.at,
                reason=use.reason,
                without=without,
            )
            for alarm_region, value in values.items()
        }
        return self.registers.write(self.region, entries)


def _published(register: Register) -> SwitchValue:
    is_away = isinstance(register, RegisterEntry) and register.value == "away"
    return "away" if is_away else "unset"
