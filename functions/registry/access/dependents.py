"""Check for dependents before an entity is deleted."""

from functions.registry.access.errors import RetryableError
from functions.registry.access.region import Call, Paging, page


def require_no_dependents(
    call: Call, items: str, paging: Paging, what: str, **parameters: str
) -> None:
    """Raise RetryableError, naming `what` and the first dependent, if a list call returns any.

    The dependents are not detached here: capture would record that as a local change that is newer
    than the row, still under way, in which another region detached them.
    """
    dependents, _ = page(call, items, paging, None, size=1, **parameters)
    if dependents:
        raise RetryableError(f"{what} {dependents[0]}, which has to change first")
