"""Lists of names in a sentence."""

from collections.abc import Sequence

_MOST = 5


def listing(names: Sequence[str]) -> str:
    """Return the first five names and the number of further ones."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")
