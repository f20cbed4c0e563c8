"""Who holds the lock on a state, as the lock file beside it tells.

Source of its form: hashicorp/terraform, `internal/states/statemgr/locker.go`, `LockInfo`.
"""

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock (user@host), since when, for which operation ("apply")."""

    lock_id: str
    who: str
    since: datetime
    operation: str

    def __str__(self) -> str:
        return f"{self.who}, {self.operation} since {self.since:%Y-%m-%d %H:%M:%S %Z}"


def holder_in(content: bytes) -> LockHolder | None:
    """Tell who holds the lock that a lock file stands for; None when the file does not tell it."""
    try:
        told = json.loads(content)
        return LockHolder(
            lock_id=told["ID"],
            who=told["Who"],
            since=datetime.fromisoformat(told["Created"]),
            operation=told["Operation"].removeprefix("OperationType").lower(),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
