"""An input variable of a module, and the rules for its values."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal


class _Required(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED
"""The default of a variable that has none."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A rule: the condition in Terraform's language, without `${}`, and what to say if it fails."""

    condition: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable; `type` is a type constraint of Terraform, such as `list(string)`.

    `default` is a value of JSON, or REQUIRED. Only a nullable variable may be given null.
    """

    name: str
    type: str
    description: str
    default: Any | Literal[_Required.REQUIRED] = REQUIRED
    validations: tuple[Validation, ...] = ()
    nullable: bool = False

    @property
    def is_required(self) -> bool:
        """Tell whether every call has to give a value."""
        return self.default is REQUIRED
