"""Records of certificate rotations, with which another operator can continue one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.parameters import Parameters

Outcome = Literal["begun", "done", "abandoned"]

NEVER_ROTATED: Final = "never"


class RotationRecordError(UserError):
    """A record of a rotation cannot be parsed."""


class Rotation(BaseModel):
    """A rotation: who began it (an ARN, or `unknown`) and when, who last worked on it, its outcome.

    `before` is the ARN of the certificate that is replaced; `was_away` says that the region was
    switched away already, and stays so.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    who: str
    at: AwareDatetime
    before: str
    was_away: bool
    last_who: str
    last_at: AwareDatetime
    outcome: Outcome = "begun"

    @classmethod
    def begun(cls, who: str, before: str, *, was_away: bool) -> Self:
        """Return a rotation that begins now."""
        now = datetime.now(UTC)
        return cls(who=who, at=now, before=before, was_away=was_away, last_who=who, last_at=now)

    def by(self, who: str, outcome: Outcome = "begun") -> Self:
        """Return a copy with `who`, the present time and `outcome` as its latest change."""
        now = datetime.now(UTC)
        return self.model_copy(update={"last_who": who, "last_at": now, "outcome": outcome})

    @property
    def is_under_way(self) -> bool:
        """Whether it was begun and not ended."""
        return self.outcome == "begun"

    def line(self) -> str:
        """Return the rotation on one line, safe to print."""
        start = f"begun by {plain(self.who)} at {_time(self.at)}"
        if not self.is_under_way:
            return f"{start}, {self.outcome} by {plain(self.last_who)} at {_time(self.last_at)}"
        return f"{start}, last at it was {plain(self.last_who)} at {_time(self.last_at)}"

    @property
    def summary(self) -> str:
        """The state of the rotation in a few words."""
        if self.is_under_way:
            return "under way"
        return f"{self.outcome} {self.last_at.astimezone(UTC):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """The newest record about a region, and its number: 0 if there is none."""

    number: int
    rotation: Rotation | None

    @property
    def under_way(self) -> Rotation | None:
        """The unfinished rotation, if there is one."""
        return self.rotation if self.rotation and self.rotation.is_under_way else None

    @property
    def summary(self) -> str:
        """The state of the newest rotation, such as `done DATE`; `never` without a record."""
        return self.rotation.summary if self.rotation else NEVER_ROTATED


class RotationLog:
    """The rotation records of each region, stored next to those of its switch.

    Methods raise AwsError if no alarm region answers, or one refuses.
    """

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._parameters = Parameters(settings, clients, "rotation")

    def newest(self, region: str) -> RotationRecord:
        """Return the newest record; raises RotationRecordError if it cannot be parsed."""
        stored = self._parameters.newest(region)
        if stored is None:
            return RotationRecord(0, None)
        number, text = stored
        try:
            return RotationRecord(number, Rotation.model_validate_json(text))
        except ValidationError:
            name = self._parameters.name(region)
            raise RotationRecordError(
                f"{name}: is not a record of a rotation: {plain(text)}"
            ) from None

    def write(self, region: str, rotation: Rotation) -> RotationRecord:
        """Store a rotation; return it with its number."""
        return RotationRecord(self._parameters.write(region, rotation), rotation)


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
