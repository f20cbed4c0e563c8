"""How a drill goes on, on stderr."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_CLEARED: Final = "\r\x1b[K"


@dataclass
class DrillProgress:
    """A line for each outage and each of its phases; on a terminal the last is live.

    `number` and `total` count the outages.
    """

    total: int
    number: int = 0
    _phase: str = field(default="", init=False)
    _begun: float = field(default=0.0, init=False)

    def outage(self, name: str, region: str) -> None:
        """Tell that an outage is rehearsed now."""
        self.number += 1
        self._phase, self._begun = "", time.monotonic()
        self._line(f"{self.number}/{self.total} {name} of {region}")

    def told(self, phase: str, counts: Mapping[str, int]) -> None:
        """Tell the phase, and on a terminal how many devices are connected to each region."""
        if sys.stderr.isatty():
            connected = ", ".join(f"{region} {count}" for region, count in counts.items() if count)
            passed = time.monotonic() - self._begun
            sys.stderr.write(f"{_CLEARED}   {passed:4.0f} s  {phase}; connected: {connected or 0}")
            sys.stderr.flush()
        elif phase != self._phase:
            self._line(f"   {phase}")
        self._phase = phase

    def done(self) -> None:
        """Take the live line away, before something else is printed."""
        if sys.stderr.isatty():
            sys.stderr.write(_CLEARED)
            sys.stderr.flush()

    def _line(self, text: str) -> None:
        cleared = _CLEARED if sys.stderr.isatty() else ""
        sys.stderr.write(f"{cleared}{text}\n")
        sys.stderr.flush()
