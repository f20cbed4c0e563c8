"""Wall time and peak memory of a command with all the processes that it starts."""

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from environments.project import ROOT_VARIABLE

_PROC = Path("/proc")
_KIB_IN_MB = 1024
# Seconds between two samples of memory, each about 2 ms of work.
_PERIOD = 0.05


@dataclass(frozen=True)
class Run:
    """The measurements of one run of a command."""

    seconds: float
    """From the start of the command to its end."""
    megabytes: float
    """The largest sum of resident memory over the tree, in MiB; shared pages count each time."""


class CommandError(Exception):
    """The measured command failed, so its time is meaningless."""


def measure(command: Sequence[str], environ: Mapping[str, str]) -> Run:
    """Run a command with exactly these environment variables; its output is discarded.

    It runs in the project that they name, or else in the working directory.

    Memory is sampled from Linux's /proc every 50 ms: a shorter peak may be missed, on either side
    of a comparison. Raises CommandError with the end of its stderr if the command fails or writes
    there: a warning means that it did not run as intended.
    """
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - the commands are the benchmark's own
        command,
        cwd=environ.get(ROOT_VARIABLE),
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        sampler = _Sampler(process.pid)
        sampler.start()
        _, errors = process.communicate()
        seconds = time.perf_counter() - started
        peak = sampler.stop()
    if process.returncode or errors:
        end = errors.decode(errors="replace")[-2000:]
        raise CommandError(f"{' '.join(command)} exited with {process.returncode}:\n{end}")
    return Run(seconds, peak)


class _Sampler(threading.Thread):
    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._peak = 0
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(_PERIOD):
            self._peak = max(self._peak, sum(map(_resident, _tree(self._root))))

    def stop(self) -> float:
        self._stopped.set()
        self.join()
        return self._peak / _KIB_IN_MB


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for thread in _lines(_PROC / str(pid) / "task"):
        for child in _read(_PROC / str(pid) / "task" / thread / "children").split():
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    """Return the resident memory of a process in KiB; 0 once it is gone."""
    for line in _read(_PROC / str(pid) / "status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _lines(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
