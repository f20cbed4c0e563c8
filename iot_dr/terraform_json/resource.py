"""One resource or data source, the same whether it was synthesized or planned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["managed", "data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a plan would do to a resource.

    `actions` are Terraform's own words, e.g. `("delete", "create")`; `forced_by` the dotted paths
    of the attributes that force a replacement.
    """

    actions: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    forced_by: tuple[str, ...] = ()

    @property
    def is_destroying(self) -> bool:
        """Whether what exists is destroyed, for good or to be created anew."""
        return "delete" in self.actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a stack.

    `values` are the arguments. What Terraform knows only later stands in them as an expression,
    `${aws_route53_zone.zone.zone_id}`, in synthesized JSON and in plans alike; where a plan tells
    no reference for an unknown value, it is left out. A literal `${` stands as `$${`. Nested
    blocks keep the document's form: read them by `block` and `blocks`. `provider` is the provider
    configuration that the resource uses, e.g. `aws.eu_west_1`, None where it names none and the
    document configures none without alias; `region` the resource's own, else the provider
    configuration's, else that in its ARN, None where it is not known. `change` is None outside
    plans.

    A plan of HCL tells which references an unknown argument is made of, not how: `inferred` are
    the arguments whose expression may be only a part of what they will be. `origins` are the
    expressions, by the literal text that a plan tells for them.
    """

    stack: str
    address: str
    mode: Mode
    type: str
    name: str
    provider: str | None
    region: str | None
    values: Mapping[str, Any]
    change: Change | None = None
    inferred: frozenset[str] = frozenset()
    origins: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def id(self) -> str:
        """The stack and the address, which tell it from all others of a set."""
        return f"{self.stack}/{self.address}"

    @property
    def exists(self) -> bool:
        """Whether it is there after the change; what a plan only destroys or forgets is not."""
        return self.change is None or self.change.after is not None

    @property
    def states(self) -> tuple[Mapping[str, Any], ...]:
        """Its values as the plan leaves them, and as it finds them."""
        before = (self.change.before if self.change else None) or {}
        return dict(self.values), dict(before)
