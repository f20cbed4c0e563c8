"""What IoT Core says of an entity: its state, and when that was changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from functions.registry.state import State


class Told(NamedTuple):
    """The first and the last millisecond at which the last change may have been made."""

    first: int
    last: int


def _nothing(_before: State | None) -> Told | None:
    return None


@dataclass(frozen=True)
class Found:
    """The state of an entity as it is now; None when it is not there.

    `changed` tells when a state that was there before was made this one; None where IoT Core does
    not tell that of all that is different.
    """

    state: State | None
    changed: Callable[[State | None], Told | None] = _nothing
