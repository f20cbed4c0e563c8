"""The lock on a state: a file next to it, written by Terraform."""

import shlex

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.terraform.lock_holder import StateLockInfo, holder_in, lock_location
from iot_dr.terraform.stack_document import StackDocument


def held_lock(document: StackDocument, fetch: Fetch) -> StateLockInfo | None:
    """Return the lock on a stack's state; None without one, or if its region does not answer."""
    _, backend = document.backend
    role = backend.get("assume_role", {}).get("role_arn")
    content = fetch(lock_location(document.location), role)
    return None if content is None else StateLockInfo(holder_in(content))


class LockedError(UserError):
    """Terraform could not start, because the state is or was locked."""

    def __init__(self, lock: StateLockInfo | None, lead: str = "") -> None:
        """Describe the current lock, None if it has been released, after the text `lead`."""
        self.lock = lock
        status = f"is locked by {lock}" if lock else "was locked, and is free by now: run it again"
        super().__init__(f"{lead}its state {status}")


def unlock_command(environment: str, provider: str, stack: str, lock_id: str | None) -> str:
    """Return the command that releases the lock on a stack's state."""
    which = f" --id {shlex.quote(plain(lock_id))}" if lock_id else ""
    return f"iot-dr state unlock {stack}{which} --env {environment} --provider {provider}"
