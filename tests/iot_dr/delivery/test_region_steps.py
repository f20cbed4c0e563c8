"""The steps of a change of regions, from what is deployed."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import switch_alarm_regions
from iot_dr.delivery.region_steps import (
    DeployedRegions,
    RegionStep,
    TooManyRegionsError,
    region_steps,
    single_step,
)
from tests.support.settings import REGIONS, settings

A, B, C, D, E = REGIONS[:5]


def deployed(*regions: str, primary: str = "", leaving: tuple[str, ...] = ()) -> DeployedRegions:
    return DeployedRegions(regions=regions, leaving=leaving, primary=primary or regions[0])


def steps(*regions: str, after: DeployedRegions, primary: str = "") -> tuple[RegionStep, ...]:
    chosen = primary or regions[0]
    return region_steps(
        settings(regions=list(regions), home_region=chosen, primary_region=chosen), after
    )


def carried_out(step: RegionStep) -> DeployedRegions:
    """Return what the states have after a deployment of a step."""
    return DeployedRegions(
        regions=step.regions,
        leaving=step.leaving_regions,
        primary=step.primary_region,
    )


@pytest.mark.parametrize(
    ("after", "before"),
    [
        pytest.param((A, B), DeployedRegions(), id="nothing is deployed"),
        pytest.param((A, B), deployed(A, B), id="nothing changes"),
        pytest.param((A, B, C), deployed(A, B), id="a region is added"),
        pytest.param((A, B), deployed(B, A), id="the primary changes"),
    ],
)
def test_a_change_that_removes_no_region_is_one_deployment(
    after: tuple[str, ...], before: DeployedRegions
) -> None:
    assert steps(*after, after=before) == ()


def test_a_declared_departure_is_one_deployment() -> None:
    chosen = settings(regions=[A, B], leaving_regions=[C])
    assert region_steps(chosen, deployed(A, B, C)) == ()


def test_a_standby_is_replaced_after_the_new_one_was_added() -> None:
    add, leave = steps(A, C, after=deployed(A, B))
    assert (add.kind, add.regions, add.leaving_regions) == ("add", (A, B, C), ())
    assert (leave.kind, leave.regions, leave.leaving_regions) == ("leave", (A, C), (B,))
    assert (add.primary_region, leave.primary_region) == (A, A)
    assert str(add) == f"add {C} as standby"
    assert str(leave) == (
        f"lead no device to {B} any more and destroy what is there, once {A}, {C} serve devices"
    )


def test_the_primary_is_replaced_by_a_step_more() -> None:
    add, move, leave = steps(A, C, after=deployed(A, B, primary=B), primary=C)
    assert (add.regions, add.primary_region) == ((A, B, C), B)
    assert (move.kind, move.regions, move.primary_region) == ("move", (A, B, C), C)
    assert (leave.regions, leave.leaving_regions, leave.primary_region) == ((A, C), (B,), C)
    assert str(move) == f"make {C} the primary, once it serves devices"


def test_a_region_that_was_begun_to_be_removed_is_removed_until_nothing_is_left() -> None:
    (leave,) = steps(A, C, after=deployed(A, C, leaving=(B,)))
    assert (leave.kind, leave.about) == ("leave", (B,))
    assert steps(A, C, after=deployed(A, C)) == ()


def test_a_region_that_has_begun_to_leave_goes_on_leaving_while_another_is_added() -> None:
    add, leave = steps(A, D, C, after=deployed(A, C, leaving=(B,)))
    assert (add.kind, add.regions, add.leaving_regions) == ("add", (A, C, D), (B,))
    assert (leave.regions, leave.leaving_regions) == ((A, D, C), (B,))


def test_what_the_file_declares_as_leaving_leaves_in_the_last_step_too() -> None:
    declared = settings(regions=[A, C], leaving_regions=[D])
    (leave,) = region_steps(declared, deployed(A, B, C))
    assert leave.leaving_regions == (B, D)
    assert (leave.about, leave.unnamed) == ((B,), (B,))


def test_a_declared_departure_waits_until_new_regions_are_added_and_devices_are_moved() -> None:
    declared = settings(regions=[A, C], leaving_regions=[B], primary_region=C)
    add, move, leave = region_steps(declared, deployed(A, B))
    assert (add.regions, add.leaving_regions, add.primary_region) == ((A, B, C), (), A)
    assert (move.regions, move.leaving_regions, move.primary_region) == ((A, B, C), (), C)
    assert (leave.regions, leave.leaving_regions) == ((A, C), (B,))
    # The file names it: no command has to.
    assert (leave.about, leave.unnamed) == ((B,), ())
    assert region_steps(declared, deployed(A, B, C))[0] == move
    assert region_steps(declared, deployed(A, B, C, primary=C)) == ()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(deployed(A, B, C), ("leave", (C,)), id="a declared departure"),
        pytest.param(deployed(B, A), ("move", (A,)), id="another primary"),
        pytest.param(deployed(A, B), None, id="nothing"),
        pytest.param(deployed(A), None, id="a new region"),
        pytest.param(DeployedRegions(), None, id="the first deployment"),
        pytest.param(deployed(A, B, leaving=(C,)), None, id="what is left of a region"),
    ],
)
def test_what_one_deployment_takes_from_devices(
    before: DeployedRegions, expected: tuple[str, tuple[str, ...]] | None
) -> None:
    step = single_step(settings(regions=[A, B], leaving_regions=[C]), before)
    assert (step and (step.kind, step.about)) == expected
    assert not step or not step.unnamed


def test_each_step_is_an_edit_of_the_file_that_declares_it_alone() -> None:
    target = settings(regions=[A, C], primary_region=C)
    add, move, leave = region_steps(target, deployed(A, B))
    assert add.edit == f"regions: [{A}, {B}, {C}], primary_region: {A}"
    assert move.edit == f"regions: [{A}, {B}, {C}], primary_region: {C}"
    assert leave.edit == f"regions: [{A}, {C}], leaving_regions: [{B}], primary_region: {C}"
    now = deployed(A, B)
    for step in (add, move, leave):
        declared = target.model_copy(update=step.overrides)
        assert region_steps(declared, now) == ()
        now = carried_out(step)


def test_six_regions_at_once_are_refused() -> None:
    six = settings(regions=[A, B, C, D, "eu-west-3"], home_region=A, primary_region=A)
    assert E not in six.regions
    with pytest.raises(TooManyRegionsError, match=f"eu-west-3 cannot be added while {E}.* abandon"):
        region_steps(six, deployed(A, B, C, D, E))


@given(data=st.data())
def test_every_change_ends_and_no_step_removes_what_was_not_replaced(data: st.DataObject) -> None:
    orders = [each for count in (2, 3, 4) for each in permutations(REGIONS[:5], count)]
    former, target = data.draw(st.sampled_from(orders)), data.draw(st.sampled_from(orders))
    now = deployed(*former, primary=data.draw(st.sampled_from(former)))
    primary = data.draw(st.sampled_from(target))
    for _ in range(5):
        try:
            left = steps(*target, after=now, primary=primary)
        except TooManyRegionsError:
            assert len({*former, *target}) > 5
            return
        if not left:
            break
        step = left[0]
        gone = {*now.regions} - {*step.regions}
        # What goes is led to by nothing: all that replace it were there before, with the primary.
        assert not gone or {*target} <= {*now.regions}
        assert not gone or now.primary == primary
        assert gone <= {*step.leaving_regions}
        now = carried_out(step)
        if step.kind == "leave":
            now = DeployedRegions(regions=now.regions, primary=now.primary)
    assert steps(*target, after=now, primary=primary) == ()


def test_no_first_alarm_region_moves_before_its_region_leaves() -> None:
    for former, target in (((A, B), (A, C)), ((A, B), (C, B)), ((A, B, C), (C, D, A))):
        primary = next(region for region in former if region in target)
        add = steps(*target, after=deployed(*former, primary=primary), primary=primary)[0]
        for region in former:
            assert (
                switch_alarm_regions(add.regions, region)[0]
                == switch_alarm_regions(former, region)[0]
            )
