"""The lock file of a state: beside it, with a suffix of Terraform's."""

import shlex

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.terraform.lock_holder import HeldLock, holder_in, lock_location
from iot_dr.terraform.stack_document import StackDocument


def held_lock(document: StackDocument, fetch: Fetch) -> HeldLock | None:
    """Read the lock on a stack's state in S3; None while there is none."""
    _, backend = document.backend
    role = backend.get("assume_role", {}).get("role_arn")
    content = fetch(lock_location(document.location), role)
    return None if content is None else HeldLock(holder_in(content))


class LockedError(UserError):
    """Terraform could not begin, because somebody else is at work on the state, or was."""

    def __init__(self, lock: HeldLock | None, lead: str = "") -> None:
        """Tell of the lock as it is now, None where it is free by now, after the words `lead`."""
        self.lock = lock
        told = f"is locked by {lock}" if lock else "was locked, and is free by now: run it again"
        super().__init__(f"{lead}its state {told}")


def unlock_command(environment: str, provider: str, stack: str, lock_id: str | None) -> str:
    """Give the command that takes back the lock on a stack's state."""
    which = f" --id {shlex.quote(plain(lock_id))}" if lock_id else ""
    return f"iot-dr state unlock {stack}{which} --env {environment} --provider {provider}"
