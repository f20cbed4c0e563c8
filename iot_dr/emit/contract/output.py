"""An output of a module."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Output:
    """An output; `value` is an expression of Terraform, without `${}`."""

    name: str
    description: str
    value: str
    sensitive: bool = False
