"""The difference of one attribute before and after, without sensitive values."""

from dataclasses import dataclass
from enum import Enum


class ValueKind(Enum):
    """What is known of a value.

    `ABSENT` if there is none, `UNKNOWN` if it is known after apply, `SENSITIVE` if it must not be
    shown.
    """

    VALUE = "value"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One side of a difference; the `text` of a value is JSON, so strings are quoted.

    `text` comes from a plan and is untrusted: each output format escapes it.
    """

    kind: ValueKind
    text: str


ABSENT = ShownValue(ValueKind.ABSENT, "")
UNKNOWN = ShownValue(ValueKind.UNKNOWN, "(known after apply)")
SENSITIVE = ShownValue(ValueKind.SENSITIVE, "(sensitive)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDiff:
    """The difference of an attribute; `path` is e.g. `tags.Name` or `alias[0].name`.

    For JSON documents and long strings, `lines` are a unified diff without its header (each line
    starts with ` `, `+`, `-` or `@`). With `lines`, or if the new value is unknown, `before` and
    `after` are cut after 60 characters. `forces` is whether the attribute forces a replacement.
    """

    path: str
    before: ShownValue
    after: ShownValue
    forces: bool = False
    lines: tuple[str, ...] = ()
