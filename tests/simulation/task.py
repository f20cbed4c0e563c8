"""One invocation of a function, or one user, that goes on only when the world lets it."""

import threading
from collections.abc import Callable
from typing import Any


class Crash(BaseException):
    """The end of an execution environment in the middle of an invocation."""


class Task:
    """Runs in a thread of its own up to its next call of AWS, then lets others go on.

    `done` is called with "ok" and what `run` returned, "error" and what it raised, or "crash" and
    None. `wake` is the time before which a user waits.
    """

    def __init__(
        self, region: str, run: Callable[[], Any], done: Callable[[str, Any], None]
    ) -> None:
        self.region, self.is_crashing, self.wake = region, False, 0
        self.is_user = False
        self._run, self._done = run, done
        self._outcome: tuple[str, Any] | None = None
        self._mine, self._worlds = threading.Semaphore(0), threading.Semaphore(0)
        self._thread: threading.Thread | None = None

    def step(self) -> bool:
        """Let the task run up to its next call; return whether it has ended."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._main, daemon=True)
            self._thread.start()
        self._mine.release()
        self._worlds.acquire()
        if self._outcome is None:
            return False
        self._thread.join()
        self._done(*self._outcome)
        return True

    def run_alone(self) -> bool:
        """Run from the beginning to the end without a thread; return that it has ended."""
        self._done(*self._result())
        return True

    def pause(self) -> None:
        """Give the turn back to the world; only the task itself may."""
        self._worlds.release()
        self._mine.acquire()
        if self.is_crashing:
            raise Crash

    def _main(self) -> None:
        self._mine.acquire()
        self._outcome = self._result()
        self._worlds.release()

    def _result(self) -> tuple[str, Any]:
        if self.is_crashing:
            return "crash", None
        try:
            return "ok", self._run()
        except Crash:
            return "crash", None
        except Exception as error:  # noqa: BLE001 - reported as the outcome
            return "error", error
