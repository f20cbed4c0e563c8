"""Lists of names in a sentence."""

from collections.abc import Sequence


def listing(names: Sequence[str], most: int = 5) -> str:
    """Return the first names and the number of further ones."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
