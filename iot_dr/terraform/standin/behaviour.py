"""What a schema does not say of a resource type: its rules, its defaults and derived values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from iot_dr.terraform.standin.checks import Check
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value

Derive: TypeAlias = Callable[[Mapping[str, Value], Origin], Mapping[str, Value]]
"""Attributes from the others' values, at the place where the resource stands."""


def nothing(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Derive no attribute."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One type's behaviour; attributes in blocks are named `block.attribute`.

    Attributes:
        source: Where it is documented: the provider's page, and AWS's where AWS refuses more.
        replace: Whose change makes a new resource.
        defaults: What an argument is when it is left out, known at plan; None for null.
        answers: What AWS answers for an argument that is left out, known after apply.
        checks: What a value must be like.
        normal: How the provider writes a value before it compares or stores it.
        conflicts: Groups of which at most one may be set.
        exactly_one: Groups of which one must be set, and only one.
        together: What must be set too when an argument is set.
        sensitive: What Terraform must not print.
        limits: The fewest and the most blocks, where the bindings do not tell; 0 for no limit.
        filled_blocks: Blocks that AWS fills when the configuration has none of them.
        imported: The argument that is the id of what is imported; the id tells no other.
        planned: What the provider knows of computed attributes when it plans.
        made: What AWS answers on apply; only attributes not known until then are taken.
        late: What AWS answers on a later read for arguments that were left out.
    """

    source: str
    replace: tuple[str, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    answers: Mapping[str, Value] = field(default_factory=dict[str, Value])
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
    imported: str | None = None
    planned: Derive = nothing
    made: Derive = nothing
    late: Derive = nothing


UNDESCRIBED = Behaviour(source="the schema alone")
"""The behaviour of a type that no table describes."""
