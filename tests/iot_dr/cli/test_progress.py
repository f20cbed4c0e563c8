"""How long work goes on, on stderr."""

from collections.abc import Callable
from contextlib import redirect_stderr
from threading import Event

import pytest

from iot_dr.cli.progress import Display, ReadingProgress, Repeated, SimulationProgress
from tests.iot_dr.cli.terminal import Terminal


def once(told: Event, line: str) -> Callable[[], str]:
    """Return what gives a line, and notes that it was asked for."""

    def ask() -> str:
        told.set()
        return line

    return ask


def test_elsewhere_a_line_comes_again_and_again(capsys: pytest.CaptureFixture[str]) -> None:
    told = Event()
    with Display(str, Repeated(once(told, "half"), first=0, every=1000)).shown():
        assert told.wait(10)
    assert capsys.readouterr().err == "half\n"


def test_elsewhere_nothing_is_written_while_there_is_nothing_to_tell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Event()
    with Display(str, Repeated(once(told, ""), first=0, every=1000)).shown():
        assert told.wait(10)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_a_line_stays_above_what_is_under_way_which_goes_at_the_end() -> None:
    told, screen = Event(), Terminal()
    with redirect_stderr(screen):
        display = Display(once(told, "under [way]"))
        with display.shown():
            display.line("a [line] that stays")
            assert told.wait(10)
            assert display.is_live
    seen = screen.getvalue()
    assert "a [line] that stays\n" in seen
    assert "under [way]" in seen.partition("that stays")[2]
    assert seen.rpartition("under [way]")[2].endswith("\x1b[1A\x1b[2K")


def test_what_ends_soon_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with SimulationProgress(2).shown() as progress:
        progress.done()
    assert capsys.readouterr().err == ""


def test_a_region_and_kind_has_a_bar_on_a_terminal() -> None:
    screen = Terminal()
    with redirect_stderr(screen):
        progress = ReadingProgress({"eu-west-1": 200}.get)
        with progress.shown():
            progress.add_page("eu-west-1", "thing", 100)
            progress.add_page("eu-west-1", "policy", 3)
    seen = screen.getvalue()
    assert "eu-west-1 thing" in seen
    assert "100/200" in seen
    assert "3/?" in seen


def test_after_an_interruption_lines_go_on_as_before() -> None:
    screen = Terminal()
    with redirect_stderr(screen):
        display = Display(str)
        with pytest.raises(KeyboardInterrupt), display.shown():
            raise KeyboardInterrupt
        assert not display.is_live
        display.line("interrupted")
    assert screen.getvalue().endswith("interrupted\n")
