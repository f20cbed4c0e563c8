"""The audit trail of switches: who, when and why; stored in the switch's alarm regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.parameters import Parameters

Outcome = Literal["begun", "done", "failed"]

_OUTCOMES: Final[Mapping[Outcome, str]] = {
    "begun": "begun, outcome unknown",
    "done": "done",
    "failed": "failed, not switched",
}


class AuditError(UserError):
    """A record of a switch cannot be parsed."""


class AuditEntry(BaseModel):
    """One use of a switch: action, reason, caller (an ARN, or `unknown`), time and outcome.

    `number` is that of the registers. A publisher ignores a register that is older than an entry
    without one, which a former version wrote.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: Action
    reason: str = Field(max_length=4096)
    who: str
    at: AwareDatetime
    outcome: Outcome = "begun"
    number: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether the switch is known to have been set."""
        return self.outcome == "done"

    def line(self) -> str:
        """Return the entry on one line, safe to print."""
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        line = f"{self.action} by {plain(self.who)} at {when}: {plain(self.reason)}"
        return line if self.is_done else f"{line} ({_OUTCOMES[self.outcome]})"

    @classmethod
    def read(cls, text: str, name: str) -> Self:
        """Parse an entry; raises AuditError, with the name of its parameter."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            raise AuditError(f"{name}: is not a record of a switch: {plain(text)}") from None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """The newest entry about a region, and its number: 0 if there is none.

    `problem` says why an existing entry cannot be parsed; `entry` is then None.
    """

    number: int
    entry: AuditEntry | None
    problem: str = ""


class AuditTrail:
    """The entries about each region's switch, stored in the switch's alarm regions.

    Methods raise AwsError if no alarm region answers, or one refuses.
    """

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._parameters = Parameters(settings, clients, "switch")

    def name(self, region: str) -> str:
        """Return the name of a region's parameter."""
        return self._parameters.name(region)

    def last(self, region: str) -> AuditEntry | None:
        """Return the newest entry about a region, None without one; raises AuditError.

        AuditError means that the entry cannot be parsed.
        """
        kept = self.newest(region)
        if kept.problem:
            raise AuditError(kept.problem)
        return kept.entry

    def newest(self, region: str) -> AuditRecord:
        """Return the newest entry about a region and its number, also if it cannot be parsed."""
        stored = self._parameters.newest(region)
        if stored is None:
            return AuditRecord(0, None)
        number, text = stored
        try:
            return AuditRecord(number, AuditEntry.read(text, self.name(region)))
        except AuditError as error:
            return AuditRecord(number, None, str(error))

    def write(self, region: str, entry: AuditEntry) -> int:
        """Store an entry; return its number."""
        return self._parameters.write(region, entry)

    def close(self, region: str, entry: AuditEntry, outcome: Outcome) -> AuditEntry:
        """Store the outcome of an entry; return the entry with it."""
        closed = entry.model_copy(update={"outcome": outcome})
        self.write(region, closed)
        return closed
