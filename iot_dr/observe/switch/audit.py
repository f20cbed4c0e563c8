"""Who switched a region, when and why, kept beside the switch in the region that stays."""

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
from iot_dr.observe.switch.parameters import Parameters, text_of

Outcome = Literal["begun", "done", "failed"]

_OUTCOMES: Final[Mapping[Outcome, str]] = {
    "begun": "begun, not known to be completed",
    "done": "done",
    "failed": "failed, nothing was put",
}


class AuditError(UserError):
    """What is kept about a switch cannot be understood."""


class Entry(BaseModel):
    """One use of a switch: what was done, why, by whom (an ARN, or `unknown`), when (UTC)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: Action
    reason: str = Field(max_length=4096)
    who: str
    at: AwareDatetime
    outcome: Outcome = "begun"

    @property
    def is_done(self) -> bool:
        """Tell whether the switch is known to have been put."""
        return self.outcome == "done"

    def line(self) -> str:
        """Tell the entry on one line that is safe to print."""
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        told = f"{self.action} by {plain(self.who)} at {when}: {plain(self.reason)}"
        return told if self.is_done else f"{told} ({_OUTCOMES[self.outcome]})"

    def text(self) -> str:
        """Give the entry as it is kept."""
        return text_of(self)

    @classmethod
    def read(cls, text: str, name: str) -> Self:
        """Read an entry; raises AuditError, which names where it stands."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            raise AuditError(f"{name}: is no record of a switch: {plain(text)}") from None


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest entry about a region, and its number: 0 when there is none.

    `problem` says why an entry that is there cannot be understood.
    """

    number: int
    entry: Entry | None
    problem: str = ""


class AuditTrail:
    """The entries about each region's switch, kept in the region's keeper.

    Every method raises AwsError when the keeper does not answer or refuses.
    """

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._parameters = Parameters(settings, clients, "switch")

    def name(self, region: str) -> str:
        """Give the parameter's name."""
        return self._parameters.name(region)

    def last(self, region: str) -> Entry | None:
        """Give the newest entry about a region; raises AuditError when it makes no sense."""
        kept = self.newest(region)
        if kept.problem:
            raise AuditError(kept.problem)
        return kept.entry

    def newest(self, region: str) -> Kept:
        """Give the newest entry and its number."""
        found = self._parameters.newest(region)
        if found is None:
            return Kept(0, None)
        number, text = found
        try:
            return Kept(number, Entry.read(text, self.name(region)))
        except AuditError as error:
            return Kept(number, None, str(error))

    def write(self, region: str, entry: Entry) -> int:
        """Keep an entry, and give its number: one more than that of the entry before it."""
        return self._parameters.write(region, entry)

    def close(self, region: str, entry: Entry, outcome: Outcome) -> Entry:
        """Keep what became of an entry, and give the entry that says so."""
        closed = entry.model_copy(update={"outcome": outcome})
        self.write(region, closed)
        return closed
