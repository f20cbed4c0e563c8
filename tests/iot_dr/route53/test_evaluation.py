"""The records and checks of our own designs, evaluated; an environment's config says the same."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from environments.settings import Settings
from functions.contract import Mode
from iot_dr.drill.rig.world.world import World
from iot_dr.generate.expectation import failover_config
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record
from tests.support.drill_worlds import world
from tests.support.region_health import RegionHealth, answer
from tests.support.settings import REGIONS, settings

KINDS: list[tuple[int, int, Mode]] = [
    (2, 0, "deep"),
    (3, 1, "shallow"),
    (4, 2, "deep"),
    (5, 4, "deep"),
]


def chosen_settings(count: int, primary: int, mode: Mode) -> Settings:
    regions = list(REGIONS[:count])
    return settings(
        regions=regions,
        home_region=regions[0],
        primary_region=regions[primary],
        health={"mode": mode},
    )


def states(platform: World, bad: set[str], away: set[str]) -> dict[str, bool]:
    """Let the checks of some regions fail, and others be switched away."""
    return {
        id_: platform.alarms[check.alarm].dimensions["Region"] not in away
        if check.alarm
        else check.region not in bad
        for id_, check in platform.checks.items()
    }


def subsets(regions: tuple[str, ...]) -> Iterator[set[str]]:
    for number in range(2 ** len(regions)):
        yield {region for at, region in enumerate(regions) if number >> at & 1}


@pytest.mark.parametrize(("count", "primary", "mode"), KINDS)
def test_the_answer_is_that_of_the_function_in_every_state(
    count: int, primary: int, mode: Mode
) -> None:
    given = chosen_settings(count, primary, mode)
    platform, config = world(given), failover_config(given)
    evaluation = platform.evaluation
    names = {site.regional_name: site.region for site in platform.sites}
    assert tuple(site.region for site in platform.sites) == config.order
    for bad in subsets(config.order):
        for away in subsets(config.order):
            health = {region: RegionHealth(deep=False, tcp=False) for region in bad}
            expected = answer(config, health, frozenset(away)).leads_to
            result = evaluation.answer(given.device_name, states(platform, bad, away))
            assert names[result.leads_to] == expected, (bad, away)


@pytest.mark.parametrize(("count", "primary", "mode"), KINDS)
def test_a_deep_check_speaks_for_the_primary_alone(count: int, primary: int, mode: Mode) -> None:
    platform = world(chosen_settings(count, primary, mode))
    checks = [platform.checks[id_] for id_ in platform.evaluation.check_ids()]
    used = {(each.type, each.region) for each in checks if each.region}
    first, *standbys = (site.region for site in platform.sites)
    own = "HTTPS" if mode == "deep" else "TCP"
    assert used == {(own, first), *(("TCP", region) for region in standbys)}


def changed(platform: World, which: str, /, **changes: Any) -> World:
    """Change the device name's record of a side."""
    records = [
        replace(record, **changes)
        if (record.name, record.side) == (platform.device_name, which)
        else record
        for record in platform.records
    ]
    return replace(platform, records=tuple(records))


def target(platform: World, *bad: str) -> str:
    """Return the region that the device name leads to while the checks of others fail."""
    result = platform.evaluation.answer(platform.device_name, states(platform, set(bad), set()))
    return next(site.region for site in platform.sites if site.regional_name == result.leads_to)


def test_a_record_without_a_check_is_always_healthy() -> None:
    platform = world(settings())
    first, two = (site.region for site in platform.sites)
    assert target(changed(platform, "PRIMARY", check=""), first) == first
    assert target(platform, first, two) == first
    assert target(changed(platform, "SECONDARY", check=""), first, two) == two


def test_a_check_that_is_disabled_is_healthy_and_one_that_is_inverted_says_the_opposite() -> None:
    platform = world(settings())
    first, two = (site.region for site in platform.sites)
    id_ = next(each.check for each in platform.records if each.side == "PRIMARY")
    assert id_

    def with_check(**changes: Any) -> World:
        return replace(
            platform, checks={**platform.checks, id_: replace(platform.checks[id_], **changes)}
        )

    assert target(with_check(disabled=True), first) == first
    assert target(with_check(inverted=True)) == two
    assert target(with_check(inverted=True), first) == first
    # docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html, Disabled.
    assert target(with_check(inverted=True, disabled=True)) == two


def test_a_calculated_check_needs_as_many_children_as_its_threshold_says() -> None:
    platform = world(settings())
    first, two = (site.region for site in platform.sites)
    id_ = next(each.check for each in platform.records if each.side == "PRIMARY")
    assert id_
    for threshold, expected in ((0, first), (1, first), (2, two), (3, two)):
        check = replace(platform.checks[id_], child_threshold=threshold)
        assert target(replace(platform, checks={**platform.checks, id_: check}), first) == expected


def test_an_alias_that_does_not_evaluate_its_target_is_always_healthy() -> None:
    platform = world(settings(regions=list(REGIONS[:3])))
    first, two, three = (site.region for site in platform.sites)
    assert target(platform, first, two, three) == first
    assert target(changed(platform, "SECONDARY", evaluates_target=False), first, two, three) == two
    # With a check of its own it needs both.
    id_ = next(each.id for each in platform.checks.values() if each.region == three)
    assert target(changed(platform, "SECONDARY", check=id_), first, three) == first
    assert target(changed(platform, "SECONDARY", check=id_), first) == two


def test_a_plain_record_is_answered_whatever_its_check_says() -> None:
    platform = world(settings())
    first, _ = (site.region for site in platform.sites)
    alone = changed(platform, "PRIMARY", side="")
    remaining = tuple(each for each in alone.records if each.side != "SECONDARY")
    assert target(replace(alone, records=remaining), first) == first
    with pytest.raises(KeyError):
        platform.evaluation.answer("nothing.example.com", {})


def check(id_: str, threshold: int, *children: str, **changes: Any) -> HealthCheck:
    """Return a check that is calculated from others."""
    changes = {"child_threshold": threshold, **changes}
    return HealthCheck(id=id_, type="CALCULATED", children=children, **changes)


@pytest.mark.parametrize(
    ("threshold", "states", "expected"),
    [
        (1, {"a": None, "b": True}, True),
        (1, {"a": None, "b": False}, None),
        (2, {"a": None, "b": False}, False),
        (3, {"a": None, "b": None}, False),
        (0, {"a": None, "b": None}, True),
        # A check that nothing is known of is healthy.
        (2, {}, True),
    ],
)
def test_a_status_is_known_where_the_states_that_are_unknown_cannot_change_it(
    threshold: int, states: dict[str, bool | None], *, expected: bool | None
) -> None:
    evaluation = Evaluation((), [check("both", threshold, "a", "b")])
    assert evaluation.status("both", states).healthy is expected
    inverted = Evaluation((), [check("both", threshold, "a", "b", inverted=True)])
    opposite = None if expected is None else not expected
    assert inverted.status("both", states).healthy is opposite


def test_checks_and_aliases_that_lead_back_to_themselves_have_no_known_status() -> None:
    checks = [check("one", 1, "two"), check("two", 1, "one")]
    loop = Record(
        name="a", targets=("b",), is_alias=True, evaluates_target=True, routing="failover"
    )
    evaluation = Evaluation([loop, replace(loop, name="b", targets=("a",))], checks)
    assert evaluation.status("one", {}).healthy is None
    assert evaluation.record_status(loop, {}).healthy is None
    assert evaluation.answer("a", {}).leads_to in {"a", "b"}


def test_each_answer_that_unknown_states_allow_is_given_once() -> None:
    pair = Record(name="mqtt", routing="failover")
    evaluation = Evaluation(
        [
            replace(pair, side="SECONDARY", targets=("two",), check="b"),
            replace(pair, side="PRIMARY", targets=("one",), check="a"),
        ],
        (),
    )

    def answers(states: dict[str, bool | None]) -> list[tuple[str, bool]]:
        result = evaluation.answers("mqtt", states)
        return [(answer.leads_to, answer.is_fallback) for answer in result]

    assert answers({"a": True, "b": None}) == [("one", False)]
    assert answers({"a": None, "b": True}) == [("one", False), ("two", False)]
    assert answers({"a": False, "b": None}) == [("two", False), ("one", True)]


def test_records_and_checks_with_the_same_content_are_the_same_key() -> None:
    assert len({Record(name="a", targets=("b",)), Record(name="a", targets=("b",))}) == 1
    assert len({check("c", 1, "d"), check("c", 1, "d")}) == 1
