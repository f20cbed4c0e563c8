"""Names in a sentence."""

from collections.abc import Sequence

_MOST = 5


def listing(names: Sequence[str]) -> str:
    """Give the first five names, and how many more there are."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")
