"""Progress on stderr."""

from collections.abc import Callable
from contextlib import redirect_stderr
from threading import Event

import pytest

from iot_dr.cli.progress import CountProgress, Display, ReadingProgress, Repeated
from tests.iot_dr.cli.terminal import Terminal


def once(requested: Event, line: str) -> Callable[[], str]:
    """Return a function that returns a line and sets `requested`."""

    def ask() -> str:
        requested.set()
        return line

    return ask


def test_without_a_terminal_a_line_is_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    requested = Event()
    with Display(str, Repeated(once(requested, "half"), first=0, every=1000)).shown():
        assert requested.wait(10)
    assert capsys.readouterr().err == "half\n"


def test_without_a_terminal_an_empty_line_is_not_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    requested = Event()
    with Display(str, Repeated(once(requested, ""), first=0, every=1000)).shown():
        assert requested.wait(10)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_lines_stay_and_the_live_view_is_removed_at_the_end() -> None:
    requested, screen = Event(), Terminal()
    with redirect_stderr(screen):
        display = Display(once(requested, "under [way]"))
        with display.shown():
            display.line("a [line] that stays")
            assert requested.wait(10)
            assert display.is_live
    seen = screen.getvalue()
    assert "a [line] that stays\n" in seen
    assert "under [way]" in seen.partition("that stays")[2]
    assert seen.rpartition("under [way]")[2].endswith("\x1b[1A\x1b[2K")


def test_a_short_simulation_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with CountProgress("simulated", 2).shown() as progress:
        progress.done()
    assert capsys.readouterr().err == ""


def test_a_region_and_kind_has_a_bar_on_a_terminal() -> None:
    screen = Terminal()
    with redirect_stderr(screen):
        progress = ReadingProgress({"eu-west-1": 200}.get)
        with progress.shown():
            progress.add_entities("eu-west-1", "thing", 100)
            progress.add_entities("eu-west-1", "policy", 3)
    seen = screen.getvalue()
    assert "eu-west-1 thing" in seen
    assert "100/200" in seen
    assert "3/?" in seen


def test_lines_are_still_written_after_an_interruption() -> None:
    screen = Terminal()
    with redirect_stderr(screen):
        display = Display(str)
        with pytest.raises(KeyboardInterrupt), display.shown():
            raise KeyboardInterrupt
        assert not display.is_live
        display.line("interrupted")
    assert screen.getvalue().endswith("interrupted\n")
