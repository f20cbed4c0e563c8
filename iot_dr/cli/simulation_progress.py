"""How far simulations have come, on stderr, where they take more than a moment."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

_CLEARED: Final = "\r\x1b[K"
_SILENT: Final = 2.0
_TERMINAL: Final = 0.5
_ELSEWHERE: Final = 10.0


@dataclass
class SimulationProgress:
    """Counts simulations of `total`; tells nothing of what ends within two seconds."""

    total: int
    _done: int = field(default=0, init=False)
    _ended: Event = field(default_factory=Event, init=False)

    def done(self) -> None:
        """Note that one more is done."""
        self._done += 1

    @contextmanager
    def shown(self) -> Generator["SimulationProgress"]:
        """Tell it for the length of a `with` block; on a terminal one line, cleared at the end."""
        teller = Thread(target=self._tell, daemon=True)
        teller.start()
        try:
            yield self
        finally:
            self._ended.set()
            teller.join()

    def _tell(self) -> None:
        begun, is_terminal, is_told = time.monotonic(), sys.stderr.isatty(), False
        pause = _SILENT
        while not self._ended.wait(pause):
            line = f"simulated {self._done} of {self.total}, {time.monotonic() - begun:.0f} s"
            sys.stderr.write(f"{_CLEARED}{line}" if is_terminal else f"{line}\n")
            sys.stderr.flush()
            pause, is_told = (_TERMINAL if is_terminal else _ELSEWHERE), True
        if is_told and is_terminal:
            sys.stderr.write(_CLEARED)
            sys.stderr.flush()
