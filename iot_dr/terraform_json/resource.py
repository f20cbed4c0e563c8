"""A resource or data source of a configuration, a plan or a state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["managed", "data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change that a plan makes to a resource.

    `actions` are Terraform's, e.g. `("delete", "create")`; `forced_by` has the dotted paths of the
    attributes that force a replacement.
    """

    actions: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    forced_by: tuple[str, ...] = ()

    @property
    def is_destroying(self) -> bool:
        """Whether the existing resource is destroyed, also if a new one replaces it."""
        return "delete" in self.actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a stack.

    `values` are the arguments, and in plans and states computed attributes too. A value that is
    known only after the apply is an expression, such as `${aws_route53_zone.zone.zone_id}`, in
    configuration and plans alike; it is missing if a plan has no reference for it. `$${` is a
    literal `${`. Nested blocks keep the document's form: read them with `block` and `blocks`.

    `provider` is the key of the provider configuration, e.g. `aws.eu_west_1`; None if the resource
    names none and the document has none without an alias. `region` is the resource's own, else the
    provider's, else its ARN's; None if unknown. `change` is None outside plans.

    `arguments` are those that the configuration sets, as it writes them; empty in a state, which
    does not distinguish them. A plan has the expressions of JSON configuration; of HCL it has
    literals, and `arguments` the values of all else.

    A plan of HCL lists the references of an unknown argument, but not its expression: `inferred`
    are the arguments for which the expression in `values` may be only a part. `origins` maps
    literal texts of a plan to the expressions that they come from.
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
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inferred: frozenset[str] = frozenset()
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    depends_on: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The stack and the address, unique in a set."""
        return f"{self.stack}/{self.address}"

    @property
    def exists(self) -> bool:
        """Whether the resource exists after the plan; false if the plan destroys or forgets it."""
        return self.change is None or self.change.after is not None

    @property
    def states(self) -> tuple[Mapping[str, Any], ...]:
        """The values after the change, and before it."""
        before = (self.change.before if self.change else None) or {}
        return dict(self.values), dict(before)
