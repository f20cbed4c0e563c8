"""The order in which regions take over."""

import pytest

from iot_dr.route53.chain import Chain, chain_of
from tests.support.settings import REGIONS, settings


def test_the_chain_of_an_environment_is_its_failover_order_and_its_choices() -> None:
    chosen = settings(
        regions=list(REGIONS[:3]),
        primary_region=REGIONS[1],
        health={"mode": "shallow"},
        recovery={"fail_back": "auto"},
    )
    order = (REGIONS[1], REGIONS[0], REGIONS[2])
    assert chain_of(chosen) == Chain(order=order, mode="shallow", fail_back="auto")


@pytest.mark.parametrize("primary", REGIONS)
def test_the_keeper_of_a_chain_is_that_of_the_settings(primary: str) -> None:
    chosen = settings(regions=list(REGIONS), primary_region=primary)
    assert chain_of(chosen).keeper == chosen.keeper(primary)


@pytest.mark.parametrize("order", [(), ("a",), ("a", "a"), ("a", "b", "a"), tuple("abcdef")])
def test_no_chain_has_one_region_or_six_or_one_twice(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="2 to 5 regions, each once"):
        Chain(order=order)
