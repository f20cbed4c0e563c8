"""The registers of switches, which publishers repeat, in each of a switch's alarm regions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StrictInt, ValidationError

from environments.settings import Settings
from functions.contract import REGISTER, SwitchValue, next_number
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsError, NoAnswerError
from iot_dr.observe.switch.parameters import Parameters, Stored, text_of

_UNNAMED: Final = "unknown"


class UnreadableRegisterError(UserError):
    """A register cannot be parsed, so its publisher puts nothing."""


class RegisterEntry(BaseModel):
    """The value of a switch, the number of its change, and who changed it, when and why.

    `without` is a lost alarm region, if Route 53 no longer evaluates the alarm there.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    value: SwitchValue
    number: StrictInt
    who: str = _UNNAMED
    at: AwareDatetime | None = None
    reason: str = ""
    without: str = ""

    @classmethod
    def read(cls, text: str, name: str) -> Self:
        """Parse an entry; raises UnreadableRegisterError, with the name of its parameter."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            raise UnreadableRegisterError(
                f"{name}: is not the register of a switch: {plain(text)}"
            ) from None


Register = RegisterEntry | UserError | None
"""A register, why it is unknown, or None if there is none."""


class Registers:
    """The register of each region's switch, in the Parameter Store of each of its alarm regions."""

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._parameters = Parameters(settings, clients, REGISTER)

    def read(self, region: str) -> dict[str, Register]:
        """Return the registers of a region by alarm region."""
        stored = self._parameters.stored(region)
        return {alarm_region: self._parsed(region, each) for alarm_region, each in stored.items()}

    def write(self, region: str, entries: Mapping[str, RegisterEntry]) -> dict[str, AwsError]:
        """Write registers by alarm region; return those that did not accept it, or perhaps not."""
        texts = {alarm_region: text_of(entry) for alarm_region, entry in entries.items()}
        return {
            alarm_region: answer if isinstance(answer, AwsError) else NoAnswerError(str(answer))
            for alarm_region, answer in self._parameters.store(region, texts).items()
            if isinstance(answer, UserError)
        }

    def _parsed(self, region: str, stored: Stored | UserError | None) -> Register:
        if stored is None or isinstance(stored, UserError):
            return stored
        try:
            return RegisterEntry.read(stored[-1], self._parameters.name(region))
        except UnreadableRegisterError as error:
            return error


def number_after(registers: Mapping[str, Register], now: datetime) -> int:
    """Return the number of a change after all that were read."""
    numbers = (each.number for each in registers.values() if isinstance(each, RegisterEntry))
    return next_number(max(numbers, default=0), now)
