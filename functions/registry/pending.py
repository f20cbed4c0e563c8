"""Mutual exclusion of runs on one entity, by the attribute `pending` of the region's row."""

from functions.registry.row import Row

PENDING_TIMEOUT = 5 * 60_000
"""Milliseconds after which a run that still holds `pending` has crashed."""


NO_RUN = ""
"""`by` of a `pending` whose run has ended while AWS is still executing its write."""


class ChangePendingError(Exception):
    """Another run is applying a change to the entity; the caller has to try again later."""


class ChangeAbandonedError(ChangePendingError):
    """The run that was applying a change has crashed: the entity must be applied again."""


def refuse_pending(own: Row, now: int) -> None:
    """Raise ChangePendingError while an apply is unfinished here.

    Raises ChangeAbandonedError if its run has crashed.
    """
    if own.pending is None:
        return
    if now - own.pending.at < PENDING_TIMEOUT:
        raise ChangePendingError(f"a change to {own.entity.key} is just being applied")
    raise ChangeAbandonedError(f"a run that applied a change to {own.entity.key} has crashed")


def refuse_others_pending(own: Row, now: int, run_id: str) -> None:
    """Raise ChangePendingError if a run other than `run_id` is applying a change in this region."""
    pending = own.pending
    if pending is None or pending.by in (run_id, NO_RUN):
        return
    if now - pending.at < PENDING_TIMEOUT:
        raise ChangePendingError(f"a change to {own.entity.key} is just being applied")
