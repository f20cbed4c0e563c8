"""Time that passes when a test says so, and metrics that a test can read."""

import json
from dataclasses import dataclass, field
from typing import Any

from functions.probe.metrics import Metrics


@dataclass
class Time:
    """Seconds that only `pass_` moves on."""

    seconds: float = 1000.0

    def now(self) -> float:
        """Return the time."""
        return self.seconds

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Log:
    """The lines that a function wrote, parsed."""

    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def metrics(self) -> Metrics:
        """Return metrics that are written here."""
        return Metrics("Test", "dev", self._write, lambda: 1.5)

    def _write(self, line: str) -> None:
        assert line.count("\n") == 1
        assert line.endswith("\n")
        self.lines.append(json.loads(line))

    def values(self, name: str) -> list[int]:
        """Return the values of a metric in order."""
        return [line[name] for line in self.lines if name in line]

    def outcomes(self) -> list[str]:
        """Return the outcomes that were counted, in order."""
        return [line["Outcome"] for line in self.lines if "Probes" in line]
