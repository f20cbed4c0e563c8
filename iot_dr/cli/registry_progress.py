"""How far the reading of registries has come, on stderr."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Elsewhere than on a terminal a line is written no oftener than this.
_SECONDS: Final = 30.0
_THING: Final = "thing"


class RegistryProgress:
    """A bar for each region and kind on a terminal; elsewhere a line every half minute.

    `things` tells about how many things a region has, None where that is not known.
    """

    def __init__(
        self,
        things: Callable[[str], int | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._things = things
        self._clock = clock
        self._told = clock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._bars: Progress | None = None
        self._lock = Lock()

    @contextmanager
    def shown(self) -> Generator["RegistryProgress"]:
        """Show it for the length of a `with` block."""
        if not sys.stderr.isatty():
            yield self
            return
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.progress import (  # noqa: PLC0415 - as above
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as self._bars:
            yield self
        self._bars = None

    def told(self, region: str, kind: str, count: int) -> None:
        """Note that a page with so many entities was read; for any thread."""
        with self._lock:
            self._counts[region, kind] += count
            if self._bars is not None:
                task = self._task(self._bars, region, kind)
                self._bars.update(task, completed=self._counts[region, kind])
            elif self._clock() - self._told >= _SECONDS:
                self._told = self._clock()
                sys.stderr.write(f"{_line(self._counts)}\n")

    def _task(self, bars: "Progress", region: str, kind: str) -> "TaskID":
        key = region, kind
        if key not in self._tasks:
            total = self._things(region) if kind == _THING else None
            self._tasks[key] = bars.add_task(f"{region} {kind}", total=total)
        return self._tasks[key]


def _line(counts: Mapping[tuple[str, str], int]) -> str:
    parts = (f"{region} {kind} {count}" for (region, kind), count in sorted(counts.items()))
    return f"read: {', '.join(parts)}"
