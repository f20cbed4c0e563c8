"""A pool of runners of Terraform commands."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Self

from iot_dr.terraform.commands import Commands


class Pool:
    """`size` runners, each lent to one thread at a time; closed at the end of a `with` block."""

    def __init__(self, size: int, start: Callable[[], Commands]) -> None:
        self._all = [start() for _ in range(size)]
        # Last in, first out: for stacks that run one after another, only one process is started.
        self._free: LifoQueue[Commands] = LifoQueue()
        for commands in self._all:
            self._free.put(commands)

    @contextmanager
    def lent(self) -> Generator[Commands]:
        """Yield a runner for a `with` block; waits until one is free."""
        commands = self._free.get()
        try:
            yield commands
        finally:
            self._free.put(commands)

    def interrupt(self) -> None:
        """Interrupt every running command, as Ctrl-C would; no runner starts another."""
        for commands in self._all:
            commands.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for commands in self._all:
            commands.close()
