"""Mistakes are readable lines, whatever they quote."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import ABSENT, Mistake, SettingsError, dotted


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        (
            Mistake("dev.yaml", 7, "regions[1]", "mars-1", "is not a region"),
            "dev.yaml:7: regions[1]: 'mars-1' is not a region",
        ),
        (Mistake("dev.yaml", None, "domain", ABSENT, "is missing"), "dev.yaml: domain: is missing"),
        (Mistake("dev.yaml", 1, "", ABSENT, "is empty"), "dev.yaml:1: is empty"),
        (
            Mistake("dev.yaml", 1, "ttl", True, "is not a number"),
            "dev.yaml:1: ttl: true is not a number",
        ),
        (
            Mistake("dev.yaml", 1, "ttl", None, "is not a number"),
            "dev.yaml:1: ttl: null is not a number",
        ),
    ],
)
def test_a_mistake_has_file_line_key_value_and_message(mistake: Mistake, line: str) -> None:
    assert str(mistake) == line


@given(st.text(), st.text())
def test_keys_and_values_are_shortened_and_stay_on_the_line(key: str, value: str) -> None:
    line = str(Mistake("dev.yaml", 1, dotted(("tags", key)), value, "is wrong"))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert len(line) < 170


@pytest.mark.parametrize(
    ("steps", "key"),
    [
        ((), ""),
        (("health", "interval"), "health.interval"),
        (("regions", 1), "regions[1]"),
        (("tags", "a.b"), "tags['a.b']"),
        (("a b", "c"), "['a b'].c"),
    ],
)
def test_steps_are_written_as_one_key(steps: tuple[str | int, ...], key: str) -> None:
    assert dotted(steps) == key


def test_an_error_has_a_line_for_each_mistake_and_can_be_pickled() -> None:
    first = Mistake("dev.yaml", 1, "a", 1, "is wrong")
    second = Mistake("dev.yaml", 2, "b", ABSENT, "is missing")
    error = pickle.loads(pickle.dumps(SettingsError((first, second))))  # noqa: S301 - made here
    assert error.mistakes == (first, second)
    assert str(error) == "dev.yaml:1: a: 1 is wrong\ndev.yaml:2: b: is missing"
