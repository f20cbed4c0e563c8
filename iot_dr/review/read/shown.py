"""A value of a plan, in the form in which a reader may see it."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What is known of a value: `ABSENT` where there is none, `SENSITIVE` where none is told."""

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
