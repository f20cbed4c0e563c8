"""Examples of a hypothesis strategy as a list, the same in each run."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

_Value = TypeVar("_Value")


def collected(strategy: st.SearchStrategy[_Value], most: int) -> list[_Value]:
    """Return up to `most` examples, for a judge that takes all of them at once."""
    results: list[_Value] = []

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(strategy)
    def collect(value: _Value) -> None:
        results.append(value)

    collect()
    return results
