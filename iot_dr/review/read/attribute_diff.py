"""How one attribute differs before and after, in a form in which a reader may see it."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What is known of a value: `ABSENT` if there is none, `SENSITIVE` if it must not be shown."""

    VALUE = "value"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Shown:
    """One side of a difference; `text` is JSON for a value, so that strings stand in quotes.

    Renderers escape `text` for their format; it comes from a plan and is not to be trusted.
    """

    kind: Kind
    text: str


ABSENT = Shown(Kind.ABSENT, "")
UNKNOWN = Shown(Kind.UNKNOWN, "(known after apply)")
SENSITIVE = Shown(Kind.SENSITIVE, "(sensitive)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDiff:
    """An attribute by its dotted path, e.g. `tags.Name` or `failover_routing_policy[0].type`.

    For JSON documents and long strings, `lines` are a unified diff without a header, each line
    with its sign (` `, `+`, `-`, `@`) in front; `before` and `after` are then a short form.
    `forces` says that this attribute makes Terraform replace the resource.
    """

    path: str
    before: Shown
    after: Shown
    forces: bool = False
    lines: tuple[str, ...] = ()
