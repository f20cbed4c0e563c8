"""How a rotation goes on, on stderr."""

import sys
from dataclasses import dataclass, field

from iot_dr.operate.rotate.look import STEPS, Step

_CLEARED = "\r\x1b[K"


@dataclass
class RotateProgress:
    """A line for each step and each change of what it waits for; on a terminal the last is live.

    `texts` tell what each step does, `step` is the one that was begun last.
    """

    texts: dict[Step, str]
    step: Step | None = None
    _waits_for: str = field(default="", init=False)

    def begins(self, step: Step) -> None:
        """Tell that a step begins."""
        self.step, self._waits_for = step, ""
        self.tells(f"{STEPS.index(step) + 1}. {self.texts[step]}", indent="")

    def waits(self, seconds: float, missing: str) -> None:
        """Tell what is missing, when that changes; on a terminal also that it still is."""
        if sys.stderr.isatty():
            sys.stderr.write(f"{_CLEARED}   {seconds:4.0f} s: {missing}")
            sys.stderr.flush()
        elif missing != self._waits_for:
            self.tells(f"{seconds:4.0f} s: {missing}")
        self._waits_for = missing

    def tells(self, text: str, indent: str = "   ") -> None:
        """Tell something that was done or seen."""
        cleared = _CLEARED if sys.stderr.isatty() else ""
        sys.stderr.write(f"{cleared}{indent}{text}\n")
        sys.stderr.flush()
