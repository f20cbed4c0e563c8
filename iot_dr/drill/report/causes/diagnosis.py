"""One cause of a missed target."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was wrong, by which figures, and the setting or Terraform address to change.

    `id` never changes; the others are a sentence or two.
    """

    id: str
    what: str
    change: str
