"""The locks that a killed Terraform has left on states."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from iot_dr.state.guard import Fetch
from iot_dr.state.lock import held_lock
from iot_dr.terraform.stack_document import StackDocument


def left_locks(
    killed: Iterable[str], stacks: Path, fetch: Fetch, unlock: Callable[[str, str | None], str]
) -> Iterator[str]:
    """Yield a sentence with the command that takes back the lock, for each stack that has one.

    `killed` names the stacks, `stacks` is the folder of what was synthesized, and `unlock` makes
    the command out of a stack's name and the lock's id.
    """
    for stack in killed:
        if lock := held_lock(StackDocument.read(stacks / stack), fetch):
            yield (
                f"{stack}: Terraform was killed, and what it was making may be in no state."
                f" The state is locked by {lock}.\n"
                f"When nobody works on it any more: {unlock(stack, lock.lock_id)}"
            )
