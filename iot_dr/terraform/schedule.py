"""A parallel schedule over a stack graph: each stack starts once its upstream stacks are done."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from iot_dr.common.signals import deferred_signals
from stacks.graph import StackGraph, StackNode

_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Done(Generic[_Result_co]):
    """The work on a stack succeeded."""

    node: StackNode
    result: _Result_co


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The work on a stack raised an error."""

    node: StackNode
    error: Exception


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A stack without a result: the stacks in `waits_for` failed, wait too, or are not applied."""

    node: StackNode
    waits_for: tuple[str, ...]


class StackBlockedError(Exception):
    """Raised by work on a stack that cannot start before others have been applied."""

    def __init__(self, waits_for: tuple[str, ...]) -> None:
        super().__init__(f"waits for {', '.join(waits_for)}")
        self.waits_for = waits_for


Outcome = Done[_Result_co] | Failed | Waiting


@dataclass
class StackScheduler(Generic[_Result]):
    """Runs `work` on each stack, at most `jobs` at a time, independent stacks in parallel.

    An exception from `work` fails that stack and holds back its dependents only. After Ctrl-C or
    SIGTERM nothing new starts, and `interrupt` is called, so that running work can end by itself;
    the signal takes effect once it has ended (see `deferred_signals`).
    """

    graph: StackGraph
    work: Callable[[StackNode], _Result]
    jobs: int
    interrupt: Callable[[], None]
    on_outcome: Callable[[Outcome[_Result]], None]
    _outcomes: dict[str, Outcome[_Result]] = field(init=False)

    def run(self) -> list[Outcome[_Result]]:
        """Return the outcome of every stack, in the graph's order, once all work has ended."""
        self._outcomes = {}
        with deferred_signals(self.interrupt) as signals, ThreadPoolExecutor(self.jobs) as threads:
            running: dict[Future[_Result], StackNode] = {}
            while True:
                if not signals:
                    self._begin(threads, running)
                if not running:
                    break
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._end(running.pop(future), future)
        return [self._outcomes[node.name] for node in self.graph.nodes]

    def _begin(
        self, threads: ThreadPoolExecutor, running: dict[Future[_Result], StackNode]
    ) -> None:
        begun = {node.name for node in running.values()}
        for node in (node for wave in self.graph.waves for node in wave):
            if node.name in self._outcomes or node.name in begun:
                continue
            upstream = [self._outcomes.get(name) for name in node.depends_on]
            if not all(upstream):  # one has no outcome yet
                continue
            blockers = [
                outcome.node.name
                for outcome in upstream
                if outcome and not isinstance(outcome, Done)
            ]
            if blockers:
                self._note(Waiting(node=node, waits_for=tuple(blockers)))
            else:
                running[threads.submit(self.work, node)] = node

    def _end(self, node: StackNode, future: Future[_Result]) -> None:
        error = future.exception()
        if error is None:
            self._note(Done(node=node, result=future.result()))
        elif isinstance(error, StackBlockedError):
            self._note(Waiting(node=node, waits_for=error.waits_for))
        elif isinstance(error, Exception):
            self._note(Failed(node=node, error=error))
        else:
            raise error

    def _note(self, outcome: Outcome[_Result]) -> None:
        self._outcomes[outcome.node.name] = outcome
        self.on_outcome(outcome)
