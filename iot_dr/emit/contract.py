"""The contract of a module with whoever calls it: what it asks for and gives."""

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
        """Whether every call has to give a value."""
        return self.default is REQUIRED


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What callers of a module rely on.

    `aliases` are the provider configurations that a call must hand over, such as `aws.standby`;
    none where the module works with the one it inherits. `resources`, `data_sources` and
    `modules` are the addresses of what is in it (`aws_route53_zone.zone`, `data.aws_region.this`,
    `module.canary`), sorted. `versions` are the constraints for Terraform (`terraform`) and each
    provider (`aws`). `providers` are the configurations that its own resources and data sources
    use (`aws`, `aws.standby`), `placed` tells the one of each of `resources`, and `sources` where
    each of `modules` comes from (`module.canary`: `./modules/canary`).
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
