"""Whether somebody is just applying a change to an entity."""

from functions.registry.row import Row

PATIENCE = 5 * 60_000
"""The milliseconds after which a run that still says that it applies a change has crashed."""


class Busy(Exception):  # noqa: N818 - nothing is wrong: it is tried again
    """Another run is applying a change to the entity."""


class Abandoned(Busy):
    """A run that was applying a change to the entity has crashed: it is to be applied again."""


def refuse_pending(own: Row, now: int) -> None:
    """Raise Busy, or Abandoned where nobody applies any more, when a change is half done here."""
    if own.pending is None:
        return
    if now - own.pending.at < PATIENCE:
        raise Busy(f"a change to {own.entity.key} is just being applied")
    raise Abandoned(f"a run that applied a change to {own.entity.key} has crashed")


def refuse_others_pending(own: Row, now: int, by: str) -> None:
    """Raise Busy when another run than `by` applies a change here."""
    pending = own.pending
    if pending is not None and pending.by != by and now - pending.at < PATIENCE:
        raise Busy(f"a change to {own.entity.key} is just being applied")
