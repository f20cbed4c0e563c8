"""How many examples hypothesis draws, in proportion to the profile in use."""

from hypothesis import settings

DEFAULT = 25
"""Examples of a test under the default profile, for tests that name no number of their own."""


def examples(count: int) -> int:
    """Return `count` under the default profile, and in proportion more under another one."""
    return max(1, count * settings().max_examples // DEFAULT)
