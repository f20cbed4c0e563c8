"""The locks that a killed Terraform has left on states."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.delivery.state.lock import held_lock
from iot_dr.terraform.stack_document import StackDocument


def left_locks(
    killed: Iterable[str], stacks: Path, fetch: Fetch, unlock: Callable[[str, str | None], str]
) -> Iterator[str]:
    """Yield a sentence with the command that releases the lock, for each stack that has one.

    Where the lock cannot be read, the sentence says so.

    `killed` names the stacks, `stacks` is the folder of what was synthesized, and `unlock` makes
    the command out of a stack's name and the lock's id.
    """
    for stack in killed:
        killed_there = f"{stack}: Terraform was killed, and what it was making may be in no state."
        try:
            lock = held_lock(StackDocument.read(stacks / stack), fetch)
        except UserError as error:
            yield f"{killed_there} Whether the state is locked is unknown: {error}"
            continue
        if lock:
            yield (
                f"{killed_there} The state is locked by {lock}.\n"
                f"When nobody works on it any more: {unlock(stack, lock.lock_id)}"
            )
