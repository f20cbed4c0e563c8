"""Numbers that only Terraform knows, next to those that are known here."""

from collections.abc import Callable

import pytest

from modules.number import Number, Unknown, at_least, at_most, is_within, with_unit

_X = "var.x"

_DONE_WITH_THE_TOKEN: list[Callable[[Unknown], object]] = [
    lambda x: x == 1,
    lambda x: x in (10, 30),
    lambda x: x < 1,
    lambda x: max(x, 2),
    lambda x: x - 1,
    lambda x: 1 - x,
    lambda x: x / 2,
    lambda x: x % 2,
]


def test_arithmetic_makes_an_expression_of_terraform() -> None:
    x = Unknown(_X)

    assert (
        str((x + 6) * at_least(Unknown("var.y"), 2) + 30) == "${(var.x + 6) * max(var.y, 2) + 30}"
    )
    assert str((x + 6) // 60 + 2) == "${floor((var.x + 6) / 60) + 2}"
    assert str(3600 * x) == "${var.x * 3600}"
    assert str(6 + x) == "${var.x + 6}"
    assert f"{at_most(x, 7)}" == "${min(var.x, 7)}"


@pytest.mark.parametrize("ask", _DONE_WITH_THE_TOKEN)
def test_what_would_be_done_with_the_token_is_refused(ask: Callable[[Unknown], object]) -> None:
    with pytest.raises(TypeError, match="a Terraform expression has only"):
        ask(Unknown(_X))


@pytest.mark.parametrize(("number", "expected"), [(1, True), (10, True), (0, False), (11, False)])
def test_a_known_number_is_judged_and_an_unknown_one_is_left_to_terraform(
    number: int, expected: bool
) -> None:
    assert is_within(number, 1, 10) is expected
    assert is_within(Unknown(_X), 1, 10)


@pytest.mark.parametrize(("number", "more", "less"), [(1, 2, 1), (2, 2, 2), (3, 3, 2)])
def test_known_numbers_are_compared_at_once(number: int, more: int, less: int) -> None:
    assert at_least(number, 2) == more
    assert at_most(number, 2) == less


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 hour"),
        (24, "24 hours"),
        (Unknown(_X), '${var.x == 1 ? "1 hour" : "${var.x} hours"}'),
    ],
)
def test_a_count_has_its_unit_in_the_right_number(number: Number, text: str) -> None:
    assert with_unit(number, "hour") == text
