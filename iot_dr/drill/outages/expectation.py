"""What an outage should do to the devices, by the design that is rehearsed."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What becomes of the devices of the region that fails."""

    MOVES = "moves"
    """They lose their links and are back elsewhere within the target."""
    STAYS = "stays"
    """None loses its link, and the answer does not move."""
    UNHURT = "unhurt"
    """None loses its link, though the answer moves."""
    RETURNS = "returns"
    """There is nowhere to go: they are back when a region is."""
    SETTLES = "settles"
    """They lose their links again and again, and all have one in the end."""
    BLIND = "blind"
    """They are hurt and no check sees it, or not in time: a limit of the design that is known."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The effect, and why it is that one, a sentence."""

    effect: Effect
    why: str
