"""The code of a project's own stacks: whatever happens in it becomes an error that names it."""

import signal
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Final

from environments.errors import ABSENT, Mistake, SettingsError

_HERE: Final = Path(__file__).parents[1]
_PACKAGES: Final = ("environments", "iot_dr", "modules", "stacks")
_LIBRARY: Final = sysconfig.get_path("stdlib")
# The statuses with which iot_dr/common/signals.py ends a program that is killed.
_KILLED: Final = {128 + signal.SIGHUP, 128 + signal.SIGTERM}
_SECONDS: Final = 2.0


class OwnStackError(ValueError):
    """An own stack uses the platform in a way that is not possible; the message has the remedy."""


class EndlessThreadError(SettingsError):
    """An own stack started a thread that does not end, for which Python would wait at its exit."""


Refusal = Callable[[BaseException], SettingsError]
"""Returns the error for what the project's code raised."""


@contextmanager
def own_code(name: str, refusal: Refusal) -> Generator[None]:
    """Run the project's code in the block; raise `refusal` of whatever it raises.

    That includes `sys.exit`, with which a command would end as if nothing were wrong; Ctrl-C and
    signals pass. What the code prints goes to stderr: on stdout it would be in the command's
    result. Raises EndlessThreadError if the code leaves a thread that is not a daemon and does not
    end in 2 s.
    """
    before = {*threading.enumerate()}
    try:
        with redirect_stdout(sys.stderr):
            yield
    except KeyboardInterrupt:
        raise
    except SystemExit as error:
        if isinstance(error.code, int) and error.code in _KILLED:
            raise
        ended = OwnStackError(f"{name} ends the program: SystemExit: {_text(error) or None}")
        raise refusal(ended.with_traceback(error.__traceback__)) from error
    except BaseException as error:
        if isinstance(error, SettingsError) and _is_whole(error):
            raise
        raise refusal(error) from error
    if endless := _endless(before):
        text = f"{name} starts the thread {endless.name!r}, which does not end"
        error = OwnStackError(f"{text}; end it, or create it with daemon=True")
        raise EndlessThreadError(refusal(error).mistakes)


def _is_whole(error: SettingsError) -> bool:
    """Whether the error has a text; the project's code can raise one with any content."""
    mistakes: object = error.mistakes
    return isinstance(mistakes, tuple) and {*map(type, mistakes)} == {Mistake}


def _endless(before: Iterable[threading.Thread]) -> threading.Thread | None:
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon:
            thread.join(_SECONDS)
            if thread.is_alive():
                return thread
    return None


def import_detail(error: BaseException) -> str:
    """Return why a module cannot be imported, in one line with the project's file and line."""
    place = _place(error)
    at = f" at {place[0]}:{place[1]}" if place else ""
    return f"{_kind(error)}{at}: {_text(error)}"


def stack_error(error: BaseException, stack: str) -> SettingsError:
    """Return the error of an own stack's code in one line, with the project's file and line."""
    file, line = _place(error) or (stack, None)
    detail = f"{_kind(error)}: {_text(error)}"
    if isinstance(error, OwnStackError):
        detail = _text(error)
    key = stack if line else ""
    return SettingsError((Mistake(file, line, key, ABSENT, f"cannot be synthesized: {detail}"),))


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _text(error: BaseException) -> str:
    try:
        return " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    except BaseException as second:  # noqa: BLE001 - `__str__` is the project's code
        return f"its text cannot be read: {_kind(second)}"


def _place(error: BaseException) -> tuple[str, int | None] | None:
    """Return the innermost file and line of the project's code; None if there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return _shown(Path(error.filename)), error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        is_others = path.is_relative_to(_LIBRARY) or "site-packages" in path.parts
        is_ours = any(path.is_relative_to(_HERE / name) for name in _PACKAGES)
        if path.is_file() and not is_others and not is_ours:
            return _shown(path), frame.lineno
    return None


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
