"""The expected effect of an outage on devices, according to the rehearsed design."""

from dataclasses import dataclass
from enum import StrEnum

from iot_dr.forecast.failover_cause import FailoverCause


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


class AnswerReturn(StrEnum):
    """When the answer returns to the region that failed."""

    UNSPECIFIED = "unspecified"
    """The design does not say."""
    ITSELF = "by itself"
    """Once the region is healthy (fail-back `auto`)."""
    LATCHED = "latched"
    """Not while its switch is set, which the watcher sets (fail-back `latched`)."""
    OPERATOR = "by the operator"
    """Not while the switches are set that watchers set, and once an operator clears them."""
    WITHOUT = "without the lost alarm region"
    """Not by a switch back that one alarm region refused; once its alarm is not evaluated."""
    SWITCH = "with the switch"
    """Once an operator clears the switch, and not before, even without new data."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected effect and the reason, a sentence.

    `cause` is what should move the answer, None if it should not move or anything may; it may do
    so `delay` seconds later than predicted. `answer_return` is about an answer that has moved.
    """

    effect: Effect
    why: str
    cause: FailoverCause | None = None
    answer_return: AnswerReturn = AnswerReturn.UNSPECIFIED
    delay: float = 0.0

    @property
    def is_latched(self) -> bool:
        """Whether a watcher should set the failed region's switch, so that devices stay away."""
        return self.answer_return in {AnswerReturn.LATCHED, AnswerReturn.OPERATOR}
