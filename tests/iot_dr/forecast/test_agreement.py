"""The pure function and Route 53 over the synthesized graph give the same answer, always."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from iot_dr.generate.expectation import failover_config
from iot_dr.route53.failover_config import FailoverConfig
from tests.iot_dr.forecast.platforms import Kind, Platform, alarms, platform
from tests.support.examples import examples
from tests.support.failover_history import Event, history, pages
from tests.support.region_health import HEALTHY, Health, RegionHealth, answer
from tests.support.route53 import Leaf

KINDS = [
    Kind(count, primary, mode, fail_back)
    for count in (2, 3, 4, 5)
    for primary in range(count)
    for mode in ("deep", "shallow")
    for fail_back in ("latched", "auto")
]
FEW = [
    Kind(2, 0, "deep", "latched"),
    Kind(2, 1, "shallow", "auto"),
    Kind(3, 1, "deep", "auto"),
    Kind(5, 2, "shallow", "latched"),
    Kind(5, 4, "deep", "latched"),
]
# Each is a number whose bits say, region by region, what fails and what an operator switches.
EVENTS = st.lists(st.integers(0, 2**20 - 1), min_size=30, max_size=60)


def events(config: FailoverConfig, numbers: Iterable[int]) -> list[Event]:
    """Read numbers as events, four bits a region: deep fails, TCP fails, away, back."""
    return [
        Event(
            health={
                region: RegionHealth(deep=not bit(number, at, 0), tcp=not bit(number, at, 1))
                for at, region in enumerate(config.order)
            },
            switched_away=frozenset(r for at, r in enumerate(config.order) if bit(number, at, 2)),
            switched_back=frozenset(r for at, r in enumerate(config.order) if bit(number, at, 3)),
        )
        for number in numbers
    ]


def bit(number: int, region: int, of: int) -> bool:
    return bool(number >> (4 * region + of) & 1)


def leaves(health: Health, switches: frozenset[str]) -> Callable[[Leaf], bool]:
    """Return what the leaf checks of the graph say in this state."""
    expected: dict[str, Callable[[str], bool]] = {
        "HTTPS": lambda region: health.get(region, HEALTHY).deep,
        "TCP": lambda region: health.get(region, HEALTHY).tcp,
        "CLOUDWATCH_METRIC": lambda region: region not in switches,
    }
    return lambda leaf: expected[leaf.type](leaf.region)


def looked_up(target: Platform, health: Health, switches: frozenset[str]) -> str:
    """Ask Route 53 for the device name."""
    return target.route53.answer(target.settings.device_name, leaves(health, switches))


@limits(max_examples=examples(25))
@given(st.sampled_from(KINDS), EVENTS)
def test_the_graph_and_the_function_give_the_same_answer_after_any_events(
    kind: Kind, numbers: list[int]
) -> None:
    target = platform(kind)
    config = failover_config(target.settings)
    happening = events(config, numbers)
    for event, moment in zip(happening, history(config, happening), strict=True):
        answered = looked_up(target, event.health, moment.switches)
        assert answered == moment.answer.leads_to, (event, moment)


@pytest.mark.parametrize("kind", FEW, ids=str)
def test_every_name_has_one_primary_and_one_secondary(kind: Kind) -> None:
    pairs = platform(kind).route53.pairs
    assert len(pairs) == 2 * kind.count - 3
    for name, pair in pairs.items():
        assert {side: len(records) for side, records in pair.items()} == {
            "PRIMARY": 1,
            "SECONDARY": 1,
        }, name


@pytest.mark.parametrize("kind", FEW, ids=str)
def test_a_standby_that_its_fleet_storms_leaves_the_answer_where_it_is(kind: Kind) -> None:
    target = platform(kind)
    config = failover_config(target.settings)
    gone = {config.primary: RegionHealth(deep=False, tcp=False)}
    stormed = {region: RegionHealth(deep=False) for region in config.order[1:]}
    for health in (gone, gone | stormed):
        assert answer(config, health, frozenset()).leads_to == config.order[1]
        assert looked_up(target, health, frozenset()) == config.order[1]


@pytest.mark.parametrize("kind", FEW, ids=str)
def test_the_graph_uses_one_deep_check_every_tcp_check_and_each_switch_but_the_last(
    kind: Kind,
) -> None:
    target = platform(kind)
    order = target.settings.failover_order
    first = "HTTPS" if kind.mode == "deep" else "TCP"
    assert target.route53.leaves() == {
        Leaf(first, order[0]),
        *(Leaf("TCP", region) for region in order[1:]),
        *(Leaf("CLOUDWATCH_METRIC", region) for region in order[:-1]),
    }


@pytest.mark.parametrize("kind", FEW, ids=str)
def test_each_alarm_of_the_function_exists_and_notifies_a_topic_of_its_region(
    kind: Kind,
) -> None:
    target = platform(kind)
    config = failover_config(target.settings)
    gone = RegionHealth(deep=False, tcp=False)
    failing: list[Health] = [
        *({region: gone} for region in config.order),
        dict.fromkeys(config.order, gone),
        {region: RegionHealth(deep=False) for region in config.order},
    ]
    switches = frozenset(config.order)
    assert alarms(target) == {
        page for health in failing for page in pages(config, health, switches)
    }
