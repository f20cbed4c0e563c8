"""How long changes took."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import SettingsError
from functions.registry.entity import Entity
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.region_rows import LagHistogram
from tests.support.settings import FLEET, JUST_IN_TIME, settings
from tests.support.synthesis import Synthesis

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


@pytest.mark.parametrize("provisioning", [None, FLEET, JUST_IN_TIME], ids=["none", "fleet", "ca"])
def test_the_commands_leave_out_what_the_functions_leave_out(
    provisioning: dict[str, str] | None, synthesis: Synthesis
) -> None:
    platform = settings(data={"provisioning": provisioning})
    stack = synthesis(platform)["iot-dev-device-registry-eu-central-1"]
    variables = stack.resources("aws_lambda_function")["registry_apply"]["environment"]["variables"]
    names = RegistryNames.of(platform)
    assert names.excluded_policies == set(variables["REGISTRY_EXCLUDED_POLICIES"].split(","))
    ca = variables["REGISTRY_EXCLUDED_CA_CERTIFICATES"]
    assert names.excluded_ca_certificates == ({ca} if ca else set())
    assert len(names.excluded_ca_certificates) == (provisioning is JUST_IN_TIME)


@pytest.mark.parametrize("copied", [True, False])
def test_reported_halves_of_shadows_are_left_out_where_the_settings_say_so(
    copied: bool, synthesis: Synthesis
) -> None:
    platform = settings(data={"copy_reported": copied})
    stack = synthesis(platform)["iot-dev-device-registry-eu-central-1"]
    for function in stack.resources("aws_lambda_function").values():
        variables = function["environment"]["variables"]
        assert variables.get("REGISTRY_COPY_REPORTED") == (None if copied else "false")
    excluded = RegistryNames.of(platform).excluded
    assert Entity.parse("shadow/a//desired") not in excluded
    assert (Entity.parse("shadow/a//reported") in excluded) is not copied


def test_a_ca_s_file_that_is_gone_is_reported_in_words() -> None:
    gone = {**JUST_IN_TIME, "ca_certificate": "tests/support/gone.pem"}
    with pytest.raises(SettingsError, match=r"gone\.pem' cannot be read: No such file"):
        RegistryNames.of(settings(data={"provisioning": gone}))
