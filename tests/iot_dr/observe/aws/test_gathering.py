"""Questions that are asked at once, and those that get no answer."""

from collections.abc import Callable
from threading import Barrier, Event

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.gathering import CallTimeoutError, gather


def refuse() -> str:
    raise UserError("not today")


def test_all_are_asked_at_once() -> None:
    together = Barrier(8, timeout=120)
    assert len(set(gather(dict.fromkeys(range(8), together.wait), 120).values())) == 8


def test_one_that_hangs_is_left_alone_and_hides_no_other() -> None:
    never = Event()
    calls: dict[str, Callable[[], object]] = {"good": lambda: 1, "bad": refuse, "late": never.wait}
    given = gather(calls, 2)
    assert given["good"] == 1
    assert str(given["bad"]) == "not today"
    assert isinstance(given["late"], CallTimeoutError)
    never.set()


def test_an_error_in_our_code_is_raised() -> None:
    def mistake() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        gather({"x": mistake}, 20)


def test_nothing_asked_is_nothing_given() -> None:
    assert gather({}, 0) == {}
