"""How many examples hypothesis draws, in proportion to the selected profile."""

from hypothesis import settings

DEFAULT = 15
"""Examples of a test under the default profile, for tests without a number of their own."""
_USUAL = 25


def examples(count: int) -> int:
    """Return the number for a test that draws `count` examples if others draw 25."""
    return max(1, count * settings().max_examples // _USUAL)
