"""Ctrl-C and SIGTERM during work that must not be interrupted."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.common.signals import ENDING, Orders, deferred_signals, handlers_restored
from tests.support.command import ROOT


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def run(number: int, ended: list[str]) -> int:
    """Send a signal in the middle of work; return how often the work was interrupted."""
    interrupts: list[str] = []
    with deferred_signals(lambda: interrupts.append("now")):
        send(number)
        ended.append("the work")
    return len(interrupts)


def test_a_signal_takes_effect_once_the_work_has_ended() -> None:
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(signal.SIGINT, ended)
    assert ended == ["the work"]


def test_a_signal_delayed_by_an_import_also_waits_for_the_work() -> None:
    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, end)
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(signal.SIGALRM, ended)
    assert ended == ["the work"]


def test_after_an_event_loop_signals_do_what_they_did_before_and_an_ignored_one_stays_so() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    before = [signal.getsignal(number) for number in ENDING]

    async def main() -> None:
        for number in numbers:
            asyncio.get_running_loop().add_signal_handler(number, lambda: None)

    with handlers_restored() as numbers:
        asyncio.run(main())
    assert [signal.getsignal(number) for number in ENDING] == before


def test_a_signal_interrupts_the_work_once() -> None:
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    assert run(signal.SIGTERM, []) == 1


@pytest.mark.parametrize(("apart", "counted"), [(0.1, 1), (0.9, 1), (1.0, 3), (5.0, 3)])
def test_signals_within_a_second_count_once(apart: float, counted: int) -> None:
    orders = Orders()
    for number in range(3):
        orders.note(signal.SIGTERM, number * apart)
    assert orders.numbers == [signal.SIGTERM] * counted


def test_the_third_order_takes_effect_at_once() -> None:
    done: list[str] = []

    def work() -> None:
        with deferred_signals(lambda: done.append("interrupted")):
            for _ in range(3):
                send(signal.SIGINT)
                time.sleep(1.1)
            done.append("the work")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["interrupted", "interrupted"]


def test_a_signal_ignored_at_the_start_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert run(signal.SIGINT, []) == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


_PROGRAM = """\
import sys
from iot_dr.common.signals import end_by_signals
end_by_signals()
sys.path.insert(0, sys.argv[1])
try:
    import slow
except BaseException as error:
    print("import failed", type(error).__name__, flush=True)
    raise
sys.stdin.readline()
print("not ended", flush=True)
"""
_SLOW = """\
import select, sys
print("importing", flush=True)
# What takes every error for its own, as some libraries do while they load.
try:
    sys.stdin.readline()
except BaseException:
    print("lost", flush=True)
print("imported", flush=True)
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_during_an_import_ends_the_program_after_it(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(_SLOW, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "importing\n"
        process.send_signal(number)
        process.stdin.write("go on\n")
        process.stdin.flush()
        process.wait(60)
        printed = process.stdout.read()
    assert printed.startswith("imported\n")
    assert "lost" not in printed
    assert "not ended" not in printed
    assert process.returncode == status
