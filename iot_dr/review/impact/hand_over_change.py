"""An output that changes, and which stacks read it."""

from dataclasses import dataclass
from typing import Literal

from iot_dr.review.read.stack_review import OutputChange


@dataclass(frozen=True, slots=True)
class Consumer:
    """A stack that reads an output; `waiting` says that it could not be planned without it."""

    stack: str
    region: str | None
    status: Literal["changes", "unchanged", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverChange:
    """What a stack hands over anew, and to whom."""

    output: OutputChange
    consumers: tuple[Consumer, ...]
