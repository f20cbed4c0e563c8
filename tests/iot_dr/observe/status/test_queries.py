"""Questions that are asked at the same time."""

from collections.abc import Callable
from threading import Event

import pytest

from iot_dr.observe.aws.errors import CredentialsError
from iot_dr.observe.status.queries import BackgroundTask, first_answer, query_all
from iot_dr.observe.status.unknown import UnknownValue


def failing(error: Exception) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


@pytest.fixture
def hanging() -> Callable[[], str]:
    """Work that never ends, and keeps nobody waiting."""

    def hang() -> str:
        Event().wait(60)
        return "too late"

    return hang


def test_each_is_reported_by_its_key_and_what_fails_or_hangs_hides_no_other(
    hanging: Callable[[], str],
) -> None:
    answers = query_all(
        {"well": lambda: "seen", "fails": failing(OSError("broken\n\x1b")), "hangs": hanging}, 0.2
    )
    assert answers == {
        "well": "seen",
        "fails": UnknownValue("broken \\u001b"),
        "hangs": UnknownValue("no answer within 0.2 s"),
    }


def test_missing_credentials_have_one_reason_whatever_was_asked() -> None:
    answers = query_all(
        {region: failing(CredentialsError(f"ssm:Get in {region}: none")) for region in "ab"}, 1
    )
    assert answers == {"a": UnknownValue("none"), "b": UnknownValue("none")}


def test_a_mistake_in_the_program_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        query_all({0: failing(ZeroDivisionError())}, 1)
    with pytest.raises(ZeroDivisionError):
        BackgroundTask(failing(ZeroDivisionError())).result()


def test_the_first_that_answers_is_taken(hanging: Callable[[], str]) -> None:
    assert first_answer([hanging, failing(OSError("broken")), lambda: "seen"], 5) == "seen"


def test_with_no_answer_at_all_a_reason_is_given(hanging: Callable[[], str]) -> None:
    assert first_answer([failing(OSError("broken"))], 1) == UnknownValue("broken")
    assert first_answer([hanging], 0.1) == UnknownValue("no answer within 0.1 s")
    assert first_answer([], 1) == UnknownValue("there is nobody to ask")
