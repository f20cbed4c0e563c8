"""Progress of long work on stderr: live on a terminal, otherwise line by line."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Final, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from iot_dr.cli.text import QUIET

_SILENT: Final = 2.0
_THING: Final = "thing"


@dataclass(frozen=True)
class Repeated:
    """A line that is repeated if stderr is not a terminal; an empty line is not written.

    It comes after `first` seconds, then every `every` seconds.
    """

    line: Callable[[], str]
    first: float
    every: float


class Display:
    """Permanent lines and, on a terminal, a live view below them.

    `current` returns the live view; `stays` leaves the view on the screen at the end.
    """

    def __init__(
        self,
        current: Callable[[], RenderableType],
        repeated: Repeated | None = None,
        *,
        stays: bool = False,
    ) -> None:
        self._current, self._repeated, self._stays = current, repeated, stays
        self._live: Live | None = None

    @property
    def is_live(self) -> bool:
        """Whether the live view is on a terminal now."""
        return self._live is not None

    @contextmanager
    def shown(self) -> Generator[None]:
        """Show progress during a `with` block."""
        if os.environ.get(QUIET):
            yield
            return
        if not sys.stderr.isatty():
            with self._repeating():
                yield
            return
        with Live(
            get_renderable=self._renderable,
            console=Console(stderr=True),
            transient=not self._stays,
            # Printed lines go above the view, unless stdout is a file.
            redirect_stdout=sys.stdout.isatty(),
        ) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def line(self, text: str) -> None:
        """Write a permanent line, unless the variable QUIET is set."""
        if os.environ.get(QUIET):
            return
        if self._live is not None:
            self._live.console.print(Text(text), soft_wrap=True)
        else:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    @contextmanager
    def _repeating(self) -> Generator[None]:
        if self._repeated is None:
            yield
            return
        ended = Event()
        writer = Thread(target=self._repeat, args=(self._repeated, ended), daemon=True)
        writer.start()
        try:
            yield
        finally:
            ended.set()
            writer.join()

    def _repeat(self, repeated: Repeated, ended: Event) -> None:
        pause = repeated.first
        while not ended.wait(pause):
            if text := repeated.line():
                self.line(text)
            pause = repeated.every

    def _renderable(self) -> RenderableType:
        current = self._current()
        # Rich would read brackets in a plain string as markup.
        is_text = isinstance(current, str)
        return Text(current, no_wrap=True, overflow="ellipsis") if is_text else current


class ReadingProgress:
    """Entities read: a bar for each region and kind, or a line every 30 seconds.

    `things` returns the approximate number of things in a region, None if it is unknown.
    """

    def __init__(self, things: Callable[[str], int | None]) -> None:
        self._things = things
        self._counts: Counter[tuple[str, str]] = Counter()
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._lock = Lock()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        repeated = Repeated(self._line, first=30, every=30)
        self._display = Display(self._bars.get_renderable, repeated)

    @contextmanager
    def shown(self) -> Generator[Self]:
        """Show progress during a `with` block."""
        with self._display.shown():
            yield self

    def add_entities(self, region: str, kind: str, count: int) -> None:
        """Record that `count` more entities were read; may be called from any thread."""
        key = region, kind
        with self._lock:
            self._counts[key] += count
            if not self._display.is_live:
                return
            if key not in self._tasks:
                total = self._things(region) if kind == _THING else None
                self._tasks[key] = self._bars.add_task(f"{region} {kind}", total=total)
            self._bars.update(self._tasks[key], completed=self._counts[key])

    def _line(self) -> str:
        with self._lock:
            counts = sorted(self._counts.items())
        parts = [f"{region} {kind} {count}" for (region, kind), count in counts]
        return f"read: {', '.join(parts)}" if parts else ""


class CountProgress:
    """The number of finished parts of `total`; nothing is shown for the first two seconds.

    `verb` is what was done, such as `simulated`.
    """

    def __init__(self, verb: str, total: int) -> None:
        self._verb, self._total, self._done = verb, total, 0
        self._lock = Lock()
        self._begun = time.monotonic()
        self._display = Display(self._current, Repeated(self._line, first=_SILENT, every=10))

    @contextmanager
    def shown(self) -> Generator[Self]:
        """Show progress during a `with` block."""
        with self._display.shown():
            yield self

    def done(self) -> None:
        """Record that another part is finished; may be called from any thread."""
        with self._lock:
            self._done += 1

    def _current(self) -> str:
        return self._line() if time.monotonic() - self._begun >= _SILENT else ""

    def _line(self) -> str:
        seconds = time.monotonic() - self._begun
        return f"{self._verb} {self._done} of {self._total}, {seconds:.0f} s"
