"""Releases the lock on a state that a killed run has left."""

from dataclasses import dataclass

from environments.regions import nearest
from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.state.store import Store
from iot_dr.terraform.lock_holder import StateLockInfo, holder_in, lock_location
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location


class UnlockingError(UserError):
    """There is no lock, or another one than the named one."""


@dataclass(frozen=True, kw_only=True)
class StateUnlock:
    """The lock on a stack's state, and its location."""

    stack: str
    place: StateLocation
    lock: StateLockInfo

    @classmethod
    def of(cls, settings: Settings, stack: str, lock_id: str | None, store: Store) -> "StateUnlock":
        """Return the lock with that id; None means a lock file without an id.

        Raises UsageError for an unknown stack, UnlockingError if there is no lock or it has another
        id, and what reading from S3 raises.
        """
        nodes = {node.name: node for node in platform_graph(settings).nodes}
        if stack not in nodes:
            advice = nearest(stack, nodes) or f"there are: {', '.join(nodes)}"
            environment = settings.environment
            raise UsageError(f"{plain(stack)}: is not a stack of {environment}; {advice}")
        place = lock_location(state_location(settings, nodes[stack]))
        return cls(stack=stack, place=place, lock=_named(stack, place, lock_id, store))

    def carry_out(self, store: Store) -> None:
        """Delete the lock file; raises UnlockingError if it is gone or another lock now.

        Terraform, too, reads and deletes in two steps.
        """
        _named(self.stack, self.place, self.lock.lock_id, store)
        store.delete(self.place)


def _named(stack: str, place: StateLocation, lock_id: str | None, store: Store) -> StateLockInfo:
    stored = store.read(place)
    if stored is None:
        raise UnlockingError(f"{stack}: no lock is held on its state")
    lock = StateLockInfo(holder_in(stored.content))
    if lock.lock_id == lock_id:
        return lock
    lead = f"{stack}: its state is locked by {lock}"
    if lock_id is None:
        raise UnlockingError(f"{lead}: once no run is active, name the lock by --id")
    raise UnlockingError(f"{lead}, and not by lock {plain(lock_id)}: look again before you take it")
