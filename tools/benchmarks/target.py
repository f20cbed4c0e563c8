"""Targets for measured values and ratios."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound for a measured value or a ratio."""

    bound: float
    is_upper: bool = False

    def is_met_by(self, ratio: float) -> bool:
        """Whether the ratio is on the right side of the bound, or equal to it."""
        return ratio <= self.bound if self.is_upper else ratio >= self.bound

    def __str__(self) -> str:
        return f"{'<=' if self.is_upper else '>='} {self.bound:g}"
