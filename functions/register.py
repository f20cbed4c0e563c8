"""The register of a switch: what its publisher repeats, in the Parameter Store of its alarm."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from functions.contract import NUMBER, REGISTER, SWITCH_VALUES, SwitchValue, parameter_name


class RegisterError(Exception):
    """A register cannot be parsed; the message has its name."""


@dataclass(frozen=True, kw_only=True)
class Register:
    """The value of a switch, the number of its last change, and when that was stored.

    `without` is a lost region whose alarm Route 53 no longer evaluates, if a change to `back` was
    completed without it.
    """

    value: SwitchValue
    number: int
    changed: datetime
    without: str = ""


def parse_register(parameter: Mapping[str, Any]) -> Register:
    """Return the register in a parameter of Parameter Store; raises RegisterError."""
    try:
        entry = json.loads(parameter["Value"])
        value, number = entry["value"], entry[NUMBER]
        if value not in SWITCH_VALUES or type(number) is not int:
            raise ValueError(value)
        without = str(entry.get("without") or "")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{parameter.get('Name')}: is not the register of a switch"
        raise RegisterError(message) from error
    changed = cast("datetime", parameter["LastModifiedDate"])
    return Register(value=value, number=number, changed=changed, without=without)


def read_parameters(client: Any, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:  # noqa: ANN401 - boto3's
    """Return the parameters that exist by name, read with one request for at most ten names.

    Raises what the client raises.
    """
    response = client.get_parameters(Names=list(names))
    return {parameter["Name"]: parameter for parameter in response["Parameters"]}


@dataclass(frozen=True)
class RegisterNames:
    """The names of an environment's registers by region."""

    project: str
    environment: str

    def __call__(self, region: str) -> str:
        """Return the name of a region's register."""
        return parameter_name(self.project, self.environment, REGISTER, region)
