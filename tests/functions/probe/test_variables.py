"""Variables that are missing or wrong are named, all at once."""

import pytest

from functions.probe.variables import Variables, VariablesError


def test_what_is_there_and_right_is_read() -> None:
    variables = Variables({"NAME": "a", "MODE": "deep", "COUNT": "3"})
    assert variables.text("NAME") == "a"
    assert variables.choice("MODE", ["deep", "shallow"]) == "deep"
    assert variables.number("COUNT") == 3
    variables.raise_if_invalid()


def test_all_mistakes_are_reported_at_once_by_name_value_and_what_would_be_right() -> None:
    variables = Variables({"EMPTY": "", "MODE": "high"})
    variables.text("MISSING")
    variables.text("EMPTY")
    variables.choice("MODE", ["deep", "shallow"])
    with pytest.raises(VariablesError) as refusal:
        variables.raise_if_invalid()
    assert str(refusal.value) == (
        "environment variable MISSING is not set, expected a text; "
        "environment variable EMPTY is '', expected a text; "
        "environment variable MODE is 'high', expected deep or shallow"
    )


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "ten", "\N{SUPERSCRIPT TWO}"])
def test_a_number_is_whole_and_at_least_one(value: str) -> None:
    variables = Variables({"COUNT": value})
    variables.number("COUNT")
    with pytest.raises(VariablesError, match="a whole number from 1 on"):
        variables.raise_if_invalid()


@pytest.mark.parametrize(
    ("value", "names"), [("", []), (" , ", []), ("a", ["a"]), ("a, b,", ["a", "b"])]
)
def test_names_have_commas_between_them_and_there_may_be_none(value: str, names: list[str]) -> None:
    assert Variables({"NAMES": value}).names("NAMES") == names


def test_a_flag_that_is_not_set_is_its_default_and_one_that_is_neither_is_a_mistake() -> None:
    variables = Variables({"ON": "true", "OFF": "false", "ODD": "no"})
    assert [variables.flag(each, default=True) for each in ("ON", "OFF", "UNSET")] == [
        *(True, False, True),
    ]
    variables.raise_if_invalid()
    variables.flag("ODD", default=True)
    # prose: allow is no - a quoted value
    with pytest.raises(VariablesError, match="ODD is 'no', expected true or false"):
        variables.raise_if_invalid()


def test_names_that_are_not_set_are_a_mistake() -> None:
    variables = Variables({})
    assert variables.names("NAMES") == []
    with pytest.raises(VariablesError, match="NAMES is not set"):
        variables.raise_if_invalid()
