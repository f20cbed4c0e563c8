"""The expected effect of an outage on devices, according to the rehearsed design."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """Effect on the devices of the failing region."""

    MOVES = "moves"
    """They lose their links and reconnect in another region within the target."""
    STAYS = "stays"
    """No device loses its link, and the answer does not change."""
    UNHURT = "unhurt"
    """No device loses its link, but the answer changes."""
    RETURNS = "returns"
    """No region is left: they reconnect when a region is back."""
    SETTLES = "settles"
    """They lose their links repeatedly, and all have one at the end."""
    BLIND = "blind"
    """They lose service and no check detects it, or not in time: a known limit of the design."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected effect and the reason, a sentence."""

    effect: Effect
    why: str
