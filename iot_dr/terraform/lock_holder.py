"""The holder of a state's lock, read from Terraform's lock file next to the state.

Source of the format: hashicorp/terraform, `internal/states/statemgr/locker.go`, `LockInfo`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from iot_dr.common.plain_text import plain
from iot_dr.terraform_json.strict_json import parsed
from stacks.state_location import StateLocation


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A lock's id, its holder (user@host), since when, and the operation ("apply")."""

    lock_id: str
    who: str
    since: datetime
    operation: str

    def __str__(self) -> str:
        since = f"{self.since:%Y-%m-%d %H:%M:%S %Z}"
        return f"{plain(self.who)}, {plain(self.operation)} since {since}"


@dataclass(frozen=True, slots=True)
class StateLockInfo:
    """A lock on a state; `holder` is None if the lock file does not name it."""

    holder: LockHolder | None

    @property
    def lock_id(self) -> str | None:
        """Terraform's id of the lock; None if unknown."""
        return self.holder.lock_id if self.holder else None

    def __str__(self) -> str:
        if self.holder is None:
            return "an unknown owner"
        return f"{self.holder}, lock {plain(self.holder.lock_id)}"


def holder_in(content: bytes) -> LockHolder | None:
    """Parse a lock file; return None if it does not name the holder."""
    try:
        info = parsed(content)
        return LockHolder(
            lock_id=str(info["ID"]),
            who=str(info["Who"]),
            since=datetime.fromisoformat(info["Created"]),
            operation=info["Operation"].removeprefix("OperationType").lower(),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def lock_location(state: StateLocation) -> StateLocation:
    """Return the location of a state's lock file."""
    return replace(state, key=f"{state.key}.tflock")
