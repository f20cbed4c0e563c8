"""How many examples hypothesis draws, in proportion to the selected profile."""

from hypothesis import settings

DEFAULT = 25
"""Examples of a test under the default profile, for tests without a number of their own."""


def examples(count: int) -> int:
    """Return `count` under the default profile, and proportionally more under another one."""
    return max(1, count * settings().max_examples // DEFAULT)
