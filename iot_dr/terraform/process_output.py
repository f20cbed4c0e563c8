"""The output of a process, kept up to a limit."""

import os
import selectors
import subprocess
import time
from typing import Final

OUTPUT_LIMIT: Final = 128 * 2**20
"""Bytes that a command may print; `terraform show -json` of a plan stays far below."""

_CHUNK: Final = 2**16


class OutputLimitError(Exception):
    """A process has printed more than its limit."""


class ProcessOutput:
    """Standard output and standard error of a process."""

    def __init__(self, process: "subprocess.Popen[bytes]", limit: int = OUTPUT_LIMIT) -> None:
        """Bind to a process that has pipes for both; `limit` is in bytes, for both together."""
        assert process.stdout is not None  # noqa: S101 - see above
        assert process.stderr is not None  # noqa: S101 - as above
        self._process = process
        self._limit = limit
        self._kept = {stream: bytearray() for stream in (process.stdout, process.stderr)}

    @property
    def texts(self) -> tuple[str, str]:
        """Output and errors, as far as they were read."""
        output, errors = (kept.decode(errors="replace") for kept in self._kept.values())
        return output, errors

    def read(self, timeout: float | None) -> None:
        """Read until the process has ended.

        Raises OutputLimitError if it prints more than the limit, and TimeoutError after `timeout`
        seconds.
        """
        self._read(timeout, keeps=True)

    def drain(self, timeout: float) -> None:
        """Read and drop output until the process has ended; raises TimeoutError."""
        self._read(timeout, keeps=False)

    def _read(self, timeout: float | None, *, keeps: bool) -> None:
        end = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for stream in self._kept:
                selector.register(stream, selectors.EVENT_READ, self._kept[stream])
            while selector.get_map():
                for key, _ in selector.select(_left(end)):
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif keeps:
                        self._keep(key.data, chunk)
        try:
            self._process.wait(_left(end))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def _keep(self, kept: bytearray, chunk: bytes) -> None:
        kept += chunk
        if sum(map(len, self._kept.values())) > self._limit:
            raise OutputLimitError


def _left(end: float | None) -> float | None:
    if end is None:
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
