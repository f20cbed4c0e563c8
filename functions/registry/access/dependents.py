"""What still needs an entity that is to be deleted."""

from functions.registry.access.errors import NotYet
from functions.registry.access.region import Call, Paging, page


def refuse_while_needed(call: Call, items: str, paging: Paging, what: str, **given: str) -> None:
    """Raise NotYet, with `what` and the first one, while a list of dependents holds any.

    To detach one here would be a change of its own that nobody has made: capture would tell it on
    as a later one than what its row, still under way, brings.
    """
    some, _ = page(call, items, paging, None, size=1, **given)
    if some:
        raise NotYet(f"{what} {some[0]}, which has to change first")
