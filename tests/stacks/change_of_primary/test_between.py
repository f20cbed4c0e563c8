"""Between two updates of records, in whatever order: what the device name has, asks and answers."""

from collections.abc import Collection
from functools import partial
from itertools import permutations

import pytest

from environments.settings import Settings
from iot_dr.route53.apply_order import apply_points
from tests.stacks.change_of_primary.between import (
    at,
    changed_slots,
    led_and_asked,
    order,
    sides,
    subsets,
)
from tests.support.route53 import Leaf, Route53
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

CHANGES = [
    pytest.param(count, now, to, id=f"{count} regions, {now} to {to}")
    for count in (2, 3, 4, 5)
    for now, to in permutations(range(count), 2)
    if count < 4 or 0 in {now, to}
]


def change(count: int, now: int, to: int) -> tuple[Settings, Settings]:
    """Return settings before and after a change of primary, which are two places of regions."""
    regions = list(REGIONS[:count])
    before, after = (settings(regions=regions, primary_region=regions[each]) for each in (now, to))
    return before, after


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_no_moment_has_a_name_two_primary_or_none(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    before, after = map(synthesis, change(count, now, to))
    assert len(sides(before)) == 2 * count - 3
    for done in subsets(changed_slots(before, after)):
        for pair in sides(at(before, after, done)).values():
            assert pair == {"PRIMARY": 1, "SECONDARY": 1}, done


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_every_moment_a_record_asks_checks_of_the_region_that_it_leads_to(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    before, after = map(synthesis, change(count, now, to))
    for done in subsets(changed_slots(before, after)):
        asked = list(led_and_asked(at(before, after, done)))
        assert len(asked) == 2 * count - 2
        for slot, region, leaves in asked:
            assert {leaf.region for leaf in leaves} == {region}, (slot, done)


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_every_point_a_healthy_region_is_answered(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    """In the order of Terraform: two healthy regions suffice, and one if it is the new primary."""
    old, then = change(count, now, to)
    before, after = synthesis(old), synthesis(then)
    regions, new = old.regions, then.primary_region
    answered: set[str] = set()
    for done in apply_points(changed_slots(before, after), order(after)):
        route53 = Route53(at(before, after, done))
        for healthy in subsets(regions):
            answer = route53.answer(old.device_name, partial(_is_healthy, healthy))
            if done and new in healthy:
                assert answer == new, (done, healthy)
            elif len(healthy) > 1:
                assert answer in healthy, (done, healthy)
            if len(regions) - len(healthy) == 1 and answer not in healthy:
                answered.add(answer)
    assert answered == ({new} if count == 2 else set())


def _is_healthy(healthy: Collection[str], leaf: Leaf) -> bool:
    return leaf.region in healthy or leaf.type == "CLOUDWATCH_METRIC"


def test_without_an_order_all_records_may_lead_to_the_old_primary(synthesis: Synthesis) -> None:
    old, then = change(2, 0, 1)
    before, after = synthesis(old), synthesis(then)
    moments = [
        Route53(at(before, after, done)).answer(
            old.device_name, partial(_is_healthy, {then.primary_region})
        )
        for done in apply_points(changed_slots(before, after), {})
    ]
    assert old.primary_region in moments
