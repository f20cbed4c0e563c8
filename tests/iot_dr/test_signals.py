"""Ctrl-C and SIGTERM while work runs that must not be dropped."""

import os
import signal
from collections.abc import Iterator

import pytest

from iot_dr.signals import deferred_signals


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the signals are told, in seconds; a test moves it."""
    now = [0.0]
    monkeypatch.setattr("iot_dr.signals.time.monotonic", lambda: now[0])
    return now


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def run(clock: list[float], numbers: list[int], apart: float, ended: list[str]) -> int:
    """Send signals some seconds apart in the middle of work; give how often it was interrupted."""
    interrupts: list[str] = []
    with deferred_signals(lambda: interrupts.append("now")):
        for number in numbers:
            clock[0] += apart
            send(number)
        ended.append("the work")
    return len(interrupts)


def test_a_signal_takes_effect_once_the_work_has_ended(clock: list[float]) -> None:
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(clock, [signal.SIGINT], 5, ended)
    assert ended == ["the work"]


def test_one_order_that_comes_twice_interrupts_once(clock: list[float]) -> None:
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    assert run(clock, [signal.SIGTERM, signal.SIGTERM, signal.SIGTERM], 0.1, []) == 1
    assert run(clock, [signal.SIGTERM, signal.SIGTERM], 5, []) == 2


def test_the_third_order_takes_effect_at_once(clock: list[float]) -> None:
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(clock, [signal.SIGINT] * 3, 5, ended)
    assert ended == []


def test_what_the_process_was_started_to_ignore_stays_ignored(clock: list[float]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert run(clock, [signal.SIGINT], 5, []) == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
