"""The contract of a module with its callers: variables, outputs, resources and versions."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal


@dataclass(frozen=True, kw_only=True)
class Output:
    """An output; `value` is an expression of Terraform, without `${}`."""

    name: str
    description: str
    value: str
    sensitive: bool = False


class _Required(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED
"""Marks a variable without a default."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A validation rule: the condition, without `${}`, the error message, and a comment."""

    condition: str
    error: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable; `type` is a Terraform type constraint, such as `list(string)`.

    `default` is a JSON value, or REQUIRED. Only a nullable variable accepts null.
    """

    name: str
    type: str
    description: str
    default: Any | Literal[_Required.REQUIRED] = REQUIRED
    validations: tuple[Validation, ...] = ()
    nullable: bool = False

    @property
    def is_required(self) -> bool:
        """Whether the variable has no default."""
        return self.default is REQUIRED


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The parts of a module that callers rely on.

    `aliases` are the provider configurations that a call must pass, such as `aws.standby`; none if
    the module uses the inherited one. `resources`, `data_sources` and `modules` are sorted
    addresses (`aws_route53_zone.zone`, `data.aws_region.this`, `module.canary`). `versions` are the
    constraints for Terraform (`terraform`) and each provider (`aws`). `providers` are the
    configurations that its resources and data sources use (`aws`, `aws.standby`), `placed` is the
    one of each resource, and `sources` are the sources of `modules` (`module.canary`:
    `./modules/canary`).
    """

    name: str
    aliases: tuple[str, ...]
    variables: tuple[Variable, ...]
    outputs: tuple[Output, ...]
    resources: tuple[str, ...]
    data_sources: tuple[str, ...]
    modules: tuple[str, ...]
    versions: dict[str, str]
    providers: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict[str, str])
    placed: dict[str, str] = field(default_factory=dict[str, str])
