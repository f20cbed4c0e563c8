"""How long changes took."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.operate.registry.region_rows import LagHistogram

MILLISECONDS = st.lists(st.integers(0, 10**10), min_size=2, max_size=300)


@given(lags=MILLISECONDS)
def test_percentiles_are_those_of_statistics_to_three_digits(lags: list[int]) -> None:
    counted = LagHistogram()
    for lag in lags:
        counted.add(lag)
    half, late = counted.quantile(0.5), counted.quantile(0.99)
    assert half is not None
    assert late is not None
    assert half * 1000 == pytest.approx(statistics.median_low(lags), rel=0.005)
    rank = sorted(lags)[math.ceil(0.99 * len(lags)) - 1]
    assert late * 1000 == pytest.approx(rank, rel=0.005)
    cuts = statistics.quantiles(lags, n=100, method="inclusive")
    assert cuts[97] * 0.995 <= late * 1000


@given(some=MILLISECONDS, others=MILLISECONDS)
def test_two_counts_together_are_one_of_all(some: list[int], others: list[int]) -> None:
    one, two, whole = LagHistogram(), LagHistogram(), LagHistogram()
    for lags, counts in ((some, (one, whole)), (others, (two, whole))):
        for lag in lags:
            for count in counts:
                count.add(lag)
    one.merge(two)
    assert one == whole
    assert one.count == len(some) + len(others)


def test_none_has_no_percentile_and_clocks_that_disagree_make_no_lag() -> None:
    lags = LagHistogram()
    assert lags.quantile(0.5) is None
    lags.add(-20)
    assert lags.quantile(0.99) == 0
