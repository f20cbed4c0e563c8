"""One region at a time, and the region that serves after the others."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from environments.settings import Settings
from iot_dr.rollout.turn import Turn, turn_location
from iot_dr.rollout.turns import (
    NothingDoneError,
    OtherRegionsTurnError,
    PrimaryChangesTooError,
    Turns,
)
from iot_dr.state.objects import SandboxObjects
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform.sandbox.sandbox import create_buckets
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location
from tests.support.settings import REGIONS, settings

THREE = settings(regions=list(REGIONS[:3]))


def sandbox(folder: Path) -> SandboxObjects:
    SandboxFolder(folder).prepare()
    create_buckets(folder, THREE.state_buckets)
    return SandboxObjects(folder)


@pytest.fixture
def objects(tmp_path: Path) -> SandboxObjects:
    return sandbox(tmp_path)


def stack(what: str, region: str | None = None, of: Settings = THREE) -> StackNode:
    return next(
        node
        for node in platform_graph(of).nodes
        if node.what == what and region in {None, node.region}
    )


WEST, CENTRAL, NORTH = (stack("iot", region) for region in REGIONS[:3])


def change(objects: SandboxObjects, node: StackNode, of: Settings = THREE) -> None:
    """Change a region, which has its turn meanwhile and none afterwards."""
    with Turns(of, objects).taken(node, is_changed=True):
        assert has_turn(objects, node)
    assert not has_turn(objects, node)


def leave_half_changed(objects: SandboxObjects, node: StackNode, of: Settings = THREE) -> None:
    """Leave a region as an apply that failed midway does, an hour ago."""
    with (
        pytest.raises(RuntimeError),
        Turns(of, objects).taken(node, is_changed=True),
    ):
        raise RuntimeError
    place = turn_location(of, node)
    told = json.loads(objects.read(place) or b"")
    began = datetime.now(UTC) - timedelta(hours=1)
    told["since"] = f"{began:%Y-%m-%d %H:%M:%S} UTC"
    objects.write(place, json.dumps(told).encode())


def has_turn(objects: SandboxObjects, node: StackNode) -> bool:
    return objects.read(turn_location(THREE, node)) is not None


def serve_from(objects: SandboxObjects, region: str) -> None:
    content = json.dumps({"outputs": {"primary_region": {"value": region}}}).encode()
    objects.write(state_location(THREE, stack("entry-point")), content)


def test_while_a_region_is_changed_no_other_one_is(objects: SandboxObjects) -> None:
    with Turns(THREE, objects).taken(CENTRAL, is_changed=True):
        with pytest.raises(OtherRegionsTurnError, match=f"{CENTRAL.name} is being changed"):
            change(objects, WEST)
        assert not has_turn(objects, WEST)
    change(objects, WEST)
    assert not has_turn(objects, CENTRAL)


def test_a_region_left_half_changed_keeps_the_others_until_it_has_gone_through(
    objects: SandboxObjects,
) -> None:
    leave_half_changed(objects, CENTRAL)
    for other in (WEST, NORTH):
        with pytest.raises(OtherRegionsTurnError, match="`iot-dr apply --wave 4 --plans plans`"):
            change(objects, other)
    change(objects, CENTRAL)
    change(objects, WEST)


def test_an_empty_plan_makes_a_half_changed_region_whole(objects: SandboxObjects) -> None:
    leave_half_changed(objects, CENTRAL)
    with Turns(THREE, objects).taken(CENTRAL, is_changed=False):
        pass
    assert not has_turn(objects, CENTRAL)
    change(objects, WEST)


def test_an_empty_plan_goes_through_while_another_region_is_changed(
    objects: SandboxObjects,
) -> None:
    leave_half_changed(objects, CENTRAL)
    with Turns(THREE, objects).taken(WEST, is_changed=False):
        pass
    assert has_turn(objects, CENTRAL)


def test_a_plan_that_was_refused_before_anything_was_done_leaves_the_turn_to_others(
    objects: SandboxObjects,
) -> None:
    with (
        pytest.raises(NothingDoneError),
        Turns(THREE, objects).taken(CENTRAL, is_changed=True),
    ):
        raise NothingDoneError("stale")
    change(objects, WEST)


@pytest.mark.parametrize("error", [RuntimeError(), KeyboardInterrupt(), SystemExit(143)])
def test_a_region_whose_change_is_broken_off_counts_as_half_changed(
    objects: SandboxObjects, error: BaseException
) -> None:
    with (
        pytest.raises(type(error)),
        Turns(THREE, objects).taken(CENTRAL, is_changed=True),
    ):
        raise error
    assert has_turn(objects, CENTRAL)


@pytest.mark.parametrize("error", [NothingDoneError("stale"), RuntimeError()])
def test_a_region_that_was_half_changed_before_stays_so_when_it_fails_again(
    objects: SandboxObjects, error: Exception
) -> None:
    leave_half_changed(objects, CENTRAL)
    with (
        pytest.raises(type(error)),
        Turns(THREE, objects).taken(CENTRAL, is_changed=True),
    ):
        raise error
    assert has_turn(objects, CENTRAL)


def test_two_half_changed_regions_wait_for_a_person(objects: SandboxObjects) -> None:
    """Nothing of ours brings it about; what a stranger did must not be taken for whole."""
    leave_half_changed(objects, CENTRAL)
    objects.write(turn_location(THREE, WEST), Turn.now().content())
    for node in (WEST, CENTRAL):
        with pytest.raises(OtherRegionsTurnError):
            change(objects, node)
        assert has_turn(objects, node)


def test_one_that_comes_second_to_the_same_region_takes_no_turn_away(
    objects: SandboxObjects,
) -> None:
    with Turns(THREE, objects).taken(CENTRAL, is_changed=True):
        with (
            pytest.raises(NothingDoneError),
            Turns(THREE, objects).taken(CENTRAL, is_changed=True),
        ):
            raise NothingDoneError("the state is locked")
        with pytest.raises(OtherRegionsTurnError):
            change(objects, WEST)
    assert not has_turn(objects, CENTRAL)


def test_an_empty_plan_takes_no_turn_away_that_has_just_begun(objects: SandboxObjects) -> None:
    with Turns(THREE, objects).taken(CENTRAL, is_changed=True):
        with Turns(THREE, objects).taken(CENTRAL, is_changed=False):
            pass
        assert has_turn(objects, CENTRAL)


def test_a_turn_that_another_took_over_is_left_to_it(objects: SandboxObjects) -> None:
    with Turns(THREE, objects).taken(CENTRAL, is_changed=True):
        objects.write(turn_location(THREE, CENTRAL), Turn.now().content())
    assert has_turn(objects, CENTRAL)


def test_a_half_changed_region_that_is_to_leave_keeps_the_others_all_the_same(
    objects: SandboxObjects,
) -> None:
    leave_half_changed(objects, NORTH)
    leaving = settings(regions=list(REGIONS[:2]), leaving=[REGIONS[2]])
    with pytest.raises(OtherRegionsTurnError, match="If it is leaving, take that back first"):
        change(objects, WEST, leaving)


@pytest.mark.parametrize("what", ["state", "hosted-zone", "entry-point"])
def test_a_stack_that_serves_no_devices_takes_no_turn(objects: SandboxObjects, what: str) -> None:
    leave_half_changed(objects, CENTRAL)
    with Turns(THREE, objects).taken(stack(what), is_changed=True):
        assert not has_turn(objects, stack(what))


def test_who_changes_a_region_since_when_is_told_safely(objects: SandboxObjects) -> None:
    turn = Turn("2026-11-25 03:00:00 UTC", "\x1b[31m\u202ea stranger\n")
    objects.write(turn_location(THREE, CENTRAL), turn.content())
    with pytest.raises(OtherRegionsTurnError, match="since 2026-11-25 03:00:00 UTC by") as told:
        change(objects, WEST)
    assert str(told.value).isprintable()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"since": 1}', b"[" * 100_000])
def test_a_damaged_turn_is_one_all_the_same(objects: SandboxObjects, content: bytes) -> None:
    objects.write(turn_location(THREE, CENTRAL), content)
    with pytest.raises(OtherRegionsTurnError, match="since unknown by unknown"):
        change(objects, WEST)


def test_a_build_is_named_by_its_id_and_a_person_by_user_and_machine() -> None:
    assert Turn.now({"CODEBUILD_BUILD_ID": "plan:1"}).by == "plan:1"
    assert "@" in Turn.now({}).by


def test_a_region_is_not_changed_together_with_the_primary(objects: SandboxObjects) -> None:
    serve_from(objects, REGIONS[1])
    for node in (WEST, CENTRAL, NORTH):
        with pytest.raises(PrimaryChangesTooError, match=f"served by {REGIONS[1]}"):
            change(objects, node)
        assert not has_turn(objects, node)
        with Turns(THREE, objects).taken(node, is_changed=False):
            pass
    change(objects, WEST, settings(regions=list(REGIONS[:3]), primary_region=REGIONS[1]))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b'{"outputs": {}}', b"[" * 100_000),
        b'{"outputs": {"primary_region": {"value": ["x"]}}}',
    ],
)
def test_where_nobody_is_known_to_serve_every_region_may_be_changed(
    objects: SandboxObjects, content: bytes
) -> None:
    objects.write(state_location(THREE, stack("entry-point")), content)
    change(objects, WEST)


def test_a_region_whose_bucket_does_not_answer_is_lost_and_has_no_turn(tmp_path: Path) -> None:
    class Lost(SandboxObjects):
        def read(self, location: StateLocation) -> bytes | None:
            return None if location.region == CENTRAL.region else super().read(location)

    leave_half_changed(sandbox(tmp_path), CENTRAL)
    change(Lost(tmp_path), WEST)
    assert has_turn(sandbox(tmp_path), CENTRAL)


@pytest.mark.parametrize("moment", ["before its turn is written", "before it looks at others"])
def test_of_two_that_begin_at_once_at_most_one_changes_its_region(
    moment: str, tmp_path: Path
) -> None:
    begun: list[str] = []

    class Meeting(SandboxObjects):
        """The other one begins, and goes on as far as it can, in the middle of this one."""

        def write(self, location: StateLocation, content: bytes) -> None:
            if moment == "before its turn is written":
                self._meet()
            super().write(location, content)
            if moment != "before its turn is written":
                self._meet()

        def _meet(self) -> None:
            turn = Turns(THREE, plain).taken(WEST, is_changed=True)
            with contextlib.suppress(OtherRegionsTurnError):
                turn.__enter__()
                begun.append(WEST.name)

    plain = sandbox(tmp_path)
    with contextlib.suppress(OtherRegionsTurnError):
        Turns(THREE, Meeting(tmp_path)).taken(CENTRAL, is_changed=True).__enter__()
        begun.append(CENTRAL.name)
    assert len(begun) <= 1
