"""Who holds the lock on a state, as the lock file beside it tells.

Source of its form: hashicorp/terraform, `internal/states/statemgr/locker.go`, `LockInfo`.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from iot_dr.common.plain_text import plain
from stacks.state_location import StateLocation


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock (user@host), since when, for which operation ("apply")."""

    lock_id: str
    who: str
    since: datetime
    operation: str

    def __str__(self) -> str:
        since = f"{self.since:%Y-%m-%d %H:%M:%S %Z}"
        return f"{plain(self.who)}, {plain(self.operation)} since {since}"


@dataclass(frozen=True, slots=True)
class HeldLock:
    """The lock on a state; `holder` is None when the lock file does not tell it."""

    holder: LockHolder | None

    @property
    def lock_id(self) -> str | None:
        """What Terraform calls the lock."""
        return self.holder.lock_id if self.holder else None

    def __str__(self) -> str:
        if self.holder is None:
            return "someone (the lock does not tell whom)"
        return f"{self.holder}, lock {plain(self.holder.lock_id)}"


def holder_in(content: bytes) -> LockHolder | None:
    """Tell who holds the lock that a lock file stands for; None when the file does not tell it."""
    try:
        told = json.loads(content)
        return LockHolder(
            lock_id=str(told["ID"]),
            who=str(told["Who"]),
            since=datetime.fromisoformat(told["Created"]),
            operation=told["Operation"].removeprefix("OperationType").lower(),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def lock_location(state: StateLocation) -> StateLocation:
    """Return the location of a state's lock file."""
    return replace(state, key=f"{state.key}.tflock")
