"""The log of what Terraform printed during one command of `iot-dr`."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final, TextIO

from iot_dr.common.terraform_binary import program_name
from iot_dr.terraform.json_lines import readable

LOGGED: Final = frozenset(("init", "plan", "apply", "destroy"))
"""Terraform commands that mask sensitive values; `show` and `output` print them in clear."""

OnOutput = Callable[[str, str, str], None]
"""Callback: gets a stack's name, Terraform's command, and its output."""


class RunLog:
    """A log file that only its owner can read; the previous log is kept next to it as `.1`.

    The file is created by the first line and flushed after each write. If a write fails, as on a
    full disk, its lines are lost and the run goes on.
    """

    def __init__(self, path: Path) -> None:
        """Bind to a file; nothing is written yet."""
        self._path = path
        self._file: TextIO | None = None
        self._failure: OSError | None = None
        self._lock = Lock()

    @contextmanager
    def announced(self, show: Callable[[str], None]) -> Generator["RunLog"]:
        """Close the log at the end of a `with` block, and report its path to `show`.

        The message also says why a write failed. Without any write there is none.
        """
        try:
            yield self
        finally:
            if self._file:
                self._attempt(self._file.close)
            if self._file or self._failure:
                reason = f" (not whole: {self._failure.strerror})" if self._failure else ""
                show(f"The full log: {self._path}{reason}")

    def write(self, text: str) -> None:
        """Append lines as they are."""
        with self._lock:
            self._attempt(lambda: self._write(f"{text.rstrip()}\n"))

    def note(self, stack: str, command: str, output: str) -> None:
        """Append the output of a Terraform command in `LOGGED`, with JSON messages as text."""
        if command in LOGGED:
            now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S %Z}"
            self.write(f"\n== {stack}: {program_name()} {command}, ended {now}\n{readable(output)}")

    def _write(self, text: str) -> None:
        self._file = self._file or self._opened()
        self._file.write(text)
        self._file.flush()

    def _opened(self) -> TextIO:
        if self._path.exists():
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return os.fdopen(handle, "w", encoding="utf-8", errors="replace")

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self._failure = error
