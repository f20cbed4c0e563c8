"""Between two updates of records, in whatever order: what the device name has, asks and answers."""

from collections.abc import Collection
from functools import partial
from itertools import permutations

import pytest

from iot_dr.operate.role.change_of_primary import ChangeOfPrimary
from iot_dr.route53.apply_order import apply_points
from tests.iot_dr.operate.role.between import (
    at,
    changed_slots,
    led_and_asked,
    order,
    sides,
    subsets,
)
from tests.iot_dr.operate.role.plans import change_of
from tests.support.route53 import Leaf, Route53
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

CHANGES = [
    pytest.param(count, now, to, id=f"{count} regions, {now} to {to}")
    for count in (2, 3, 4, 5)
    for now, to in permutations(range(count), 2)
    if count < 4 or 0 in {now, to}
]


def change(count: int, now: int, to: int) -> ChangeOfPrimary:
    regions = list(REGIONS[:count])
    return change_of(
        settings(regions=regions, primary_region=regions[now]),
        settings(regions=regions, primary_region=regions[to]),
    )


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_no_moment_has_a_name_two_primary_or_none(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    changed = change(count, now, to)
    before, after = synthesis(changed.now), synthesis(changed.then)
    assert len(sides(before)) == 2 * count - 3
    for done in subsets(changed_slots(before, after)):
        for pair in sides(at(before, after, done)).values():
            assert pair == {"PRIMARY": 1, "SECONDARY": 1}, done


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_every_moment_a_record_asks_checks_of_the_region_that_it_leads_to(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    changed = change(count, now, to)
    before, after = synthesis(changed.now), synthesis(changed.then)
    for done in subsets(changed_slots(before, after)):
        asked = list(led_and_asked(at(before, after, done)))
        assert len(asked) == 2 * count - 2
        for slot, region, leaves in asked:
            assert {leaf.region for leaf in leaves} == {region}, (slot, done)


@pytest.mark.parametrize(("count", "now", "to"), CHANGES)
def test_at_every_point_a_healthy_region_is_answered_but_where_the_report_warns(
    synthesis: Synthesis, count: int, now: int, to: int
) -> None:
    """In the order of Terraform: two healthy regions suffice, and one if it is the new primary."""
    changed = change(count, now, to)
    before, after = synthesis(changed.now), synthesis(changed.then)
    regions, new = changed.now.regions, changed.then.primary_region
    answered: set[str] = set()
    for done in apply_points(changed_slots(before, after), order(after)):
        route53 = Route53(at(before, after, done))
        for healthy in subsets(regions):
            answer = route53.answer(changed.now.device_name, partial(_is_healthy, healthy))
            if done and new in healthy:
                assert answer == new, (done, healthy)
            elif len(healthy) > 1:
                assert answer in healthy, (done, healthy)
            if len(regions) - len(healthy) == 1 and answer not in healthy:
                answered.add(answer)
    assert tuple(sorted(answered)) == changed.without_standby
    assert answered == ({new} if count == 2 else set())


def _is_healthy(healthy: Collection[str], leaf: Leaf) -> bool:
    return leaf.region in healthy or leaf.type == "CLOUDWATCH_METRIC"


def test_without_an_order_all_records_may_lead_to_the_old_primary(synthesis: Synthesis) -> None:
    changed = change(2, 0, 1)
    before, after = synthesis(changed.now), synthesis(changed.then)
    moments = [
        Route53(at(before, after, done)).answer(
            changed.now.device_name, partial(_is_healthy, {changed.then.primary_region})
        )
        for done in apply_points(changed_slots(before, after), {})
    ]
    assert changed.now.primary_region in moments
