"""Behaviour of a resource type beyond its schema: checks, defaults, derived values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from iot_dr.terraform.standin.checks import Check
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value

Derive: TypeAlias = Callable[[Mapping[str, Value], Origin], Mapping[str, Value]]
"""Returns derived attributes, given the resource's values and its account and region."""


def no_attributes(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Derive no attribute."""
    return {}


def no_arguments(_id: str) -> Mapping[str, Value]:
    """Derive no argument from an id."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One type's behaviour; attributes in blocks are named `block.attribute`.

    Attributes:
        source: Where it is documented: the provider's page, and AWS's where AWS refuses more.
        replace: Attributes whose change replaces the resource.
        defaults: Values of omitted arguments, known at plan; None for null.
        defaults_from_aws: Values that AWS returns for omitted arguments, known after apply.
        checks: Checks of values.
        normal: How the provider normalizes a value before it compares or stores it.
        conflicts: Groups with at most one set argument.
        exactly_one: Groups with exactly one set argument.
        together: Arguments that must be set if an argument is set.
        sensitive: Attributes that Terraform must not print.
        limits: Minimum and maximum of blocks, where the bindings lack them; 0 means unlimited.
        filled_blocks: Blocks that AWS fills on creation if the configuration has none of them.
        arguments_of_id: Arguments that an id contains, for an import.
        import_argument: The argument that an import sets from the id, in addition to `id`.
        planned: Computed attributes that the provider knows at plan.
        computed_on_apply: Attributes that AWS returns on apply; used if the plan left them unknown.
        computed_later: Values that AWS returns on a later read for omitted arguments.
    """

    source: str
    replace: tuple[str, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    defaults_from_aws: Mapping[str, Value] = field(default_factory=dict[str, Value])
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    normal: Mapping[str, Callable[[str], str]] = field(
        default_factory=dict[str, Callable[[str], str]]
    )
    conflicts: tuple[tuple[str, ...], ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    sensitive: tuple[str, ...] = ()
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    filled_blocks: tuple[str, ...] = ()
    arguments_of_id: Callable[[str], Mapping[str, Value]] = no_arguments
    import_argument: str | None = None
    planned: Derive = no_attributes
    computed_on_apply: Derive = no_attributes
    computed_later: Derive = no_attributes


UNDESCRIBED = Behaviour(source="the schema alone")
"""The behaviour of a type that no table describes."""
