"""The sections of a review in a reader's order."""

from collections.abc import Callable
from typing import Final

from iot_dr.review.impact.review import Review
from iot_dr.review.render import background, sections
from iot_dr.review.render.outline import Section

ABOVE: Final[tuple[Callable[[Review], Section], ...]] = (
    sections.attention,
    sections.not_planned,
    sections.findings,
    sections.harmless,
    sections.suppressed,
    background.hand_overs,
    background.symmetry,
    background.drift,
    background.recovery,
    background.recovery_point,
)
"""What stands between the table and the changes of each stack; notes stand below these."""
