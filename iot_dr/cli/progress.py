"""The progress of a walk through the stacks, on stderr."""

import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from iot_dr.cli.plan_report import summary
from iot_dr.delivery.stack_plan import Phase, StackChanges
from iot_dr.terraform.schedule import Outcome
from iot_dr.terraform.terraform import LOCK_WAIT
from stacks.graph import StackNode

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_MINUTES: Final = int(LOCK_WAIT.total_seconds() // 60)


class Progress:
    """One line for each stack, kept current on a terminal; elsewhere a line as each one ends."""

    def __init__(self, nodes: Iterable[StackNode]) -> None:
        self._lines = {node.name: "waits" for node in nodes}
        self._begun: dict[str, float] = {}
        self._lock = Lock()
        self._live: Live | None = None

    @contextmanager
    def shown(self) -> Generator["Progress"]:
        """Show the lines for the length of a `with` block, and leave them on a terminal."""
        if not sys.stderr.isatty():
            yield self
            return
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.live import Live  # noqa: PLC0415 - as above

        with Live(get_renderable=self._table, console=Console(stderr=True)) as self._live:
            yield self
        self._live = None

    def phase(self, node: StackNode, phase: Phase) -> None:
        """Note what is being done to a stack."""
        line = phase if isinstance(phase, str) else f"waits for the lock of {phase}"
        with self._lock:
            self._begun.setdefault(node.name, time.monotonic())
            self._lines[node.name] = line
            if self._live is None and not isinstance(phase, str):
                sys.stderr.write(f"{node.name}: {line}, at the most {_MINUTES} minutes\n")

    def outcome(self, outcome: Outcome[StackChanges]) -> None:
        """Note how the work on a stack ended."""
        name = outcome.node.name
        with self._lock:
            self._lines[name] = summary(outcome)
            self._begun.pop(name, None)
            if self._live is None:
                sys.stderr.write(f"{name}: {self._lines[name]}\n")

    def _table(self) -> "Table":
        from rich.table import Table  # noqa: PLC0415 - as above

        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, line in self._lines.items():
                begun = self._begun.get(name)
                running = f" {time.monotonic() - begun:.0f} s" if begun else ""
                table.add_row(name, f"{line}{running}")
        return table
