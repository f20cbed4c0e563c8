"""The state of an entity as IoT Core answered it, and the time of its last change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from functions.registry.state import State


class TimeRange(NamedTuple):
    """The first and the last millisecond since 1970 at which the last change may have been made."""

    first: int
    last: int


def _unknown_time(_before: State | None) -> TimeRange | None:
    return None


@dataclass(frozen=True)
class Observation:
    """The current state of an entity, None if it does not exist.

    `changed` takes an earlier state and returns when that became this one; None if IoT Core does
    not date every difference between the two.
    """

    state: State | None
    changed: Callable[[State | None], TimeRange | None] = _unknown_time
