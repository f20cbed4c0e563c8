"""The processes of this machine, read from Linux's /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def children() -> dict[int, str]:
    """Return the command lines of this process's own children by their ids."""
    parent = f"PPid:\t{os.getpid()}\n"
    return {
        pid: command for pid, command in _commands() if parent in _read(_PROC / str(pid) / "status")
    }


def marked(variable: str, value: str) -> dict[int, str]:
    """Return the command lines of the processes that have a variable with this value."""
    entry = f"{variable}={value}"
    return {
        pid: command
        for pid, command in _commands()
        if entry in _read(_PROC / str(pid) / "environ").split("\0")
    }


def _commands() -> Iterator[tuple[int, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (command := _read(folder / "cmdline")):
            yield int(folder.name), command.replace("\0", " ").strip()


def _read(path: Path) -> str:
    """Read a file of a process; empty if the process is gone or another user's."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
