"""One region at a time, and the region that serves after the others."""

import contextlib
import math
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from environments.settings import Settings
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.rollout.leases import (
    Leases,
    LeaseTakenError,
    NothingChangedError,
    PrimaryChangeNotAloneError,
)
from iot_dr.delivery.rollout.region_leases import RegionLeases
from iot_dr.delivery.state.objects import RegionNotAnsweringError, SandboxObjects, TaggedObject
from iot_dr.terraform.lock_holder import lock_location
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from iot_dr.terraform.sandbox.sandbox import create_buckets
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location
from tests.support.settings import REGIONS, settings
from tests.support.state_files import state_file

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
    """Change a region, which has its lease during the change and none afterwards."""
    with Leases(of, objects).hold(node, is_changed=True):
        assert has_turn(objects, node)
    assert not has_turn(objects, node)


def leave_partially_applied(objects: SandboxObjects, node: StackNode, of: Settings = THREE) -> None:
    """Leave a region as an apply that failed midway does."""
    with (
        pytest.raises(RuntimeError),
        Leases(of, objects).hold(node, is_changed=True),
    ):
        raise RuntimeError


def begin(objects: SandboxObjects, node: StackNode) -> None:
    """Begin to change a region, and never end: killed at once, or still at work."""
    objects.write(lease_location(THREE, node), Lease.now().to_json())


def age(folder: Path, node: StackNode, by: timedelta) -> None:
    """Let a lease be written long ago."""
    place = lease_location(THREE, node)
    path = SandboxFolder(folder).path(ObjectName(place.bucket, place.key))
    written = path.stat().st_mtime - by.total_seconds()
    os.utime(path, (written, written))


def lock(objects: SandboxObjects, node: StackNode) -> StateLocation:
    """Lock a state as Terraform does it."""
    place = lock_location(state_location(THREE, node))
    objects.write(place, b"{}")
    return place


def stored_lease(objects: SandboxObjects, node: StackNode) -> bytes:
    return objects.read(lease_location(THREE, node)) or b""


def has_turn(objects: SandboxObjects, node: StackNode) -> bool:
    return objects.read(lease_location(THREE, node)) is not None


def serve_from(objects: SandboxObjects, region: str) -> None:
    content = state_file(outputs={"primary_region": region})
    objects.write(state_location(THREE, stack("entry-point")), content)


def test_while_a_region_is_changed_no_other_one_is(objects: SandboxObjects) -> None:
    with Leases(THREE, objects).hold(CENTRAL, is_changed=True):
        with pytest.raises(LeaseTakenError, match=f"{CENTRAL.name} is being changed"):
            change(objects, WEST)
        assert not has_turn(objects, WEST)
    change(objects, WEST)
    assert not has_turn(objects, CENTRAL)


def test_a_region_left_partially_applied_keeps_the_others_until_it_has_gone_through(
    objects: SandboxObjects,
) -> None:
    leave_partially_applied(objects, CENTRAL)
    for other in (WEST, NORTH):
        with pytest.raises(
            LeaseTakenError, match="`iot-dr apply --env dev --wave 4 --plans plans`"
        ):
            change(objects, other)
    change(objects, CENTRAL)
    change(objects, WEST)


def test_an_empty_plan_completes_a_partially_applied_region(objects: SandboxObjects) -> None:
    leave_partially_applied(objects, CENTRAL)
    with Leases(THREE, objects).hold(CENTRAL, is_changed=False):
        pass
    assert not has_turn(objects, CENTRAL)
    change(objects, WEST)


def test_an_empty_plan_goes_through_while_another_region_is_changed(
    objects: SandboxObjects,
) -> None:
    leave_partially_applied(objects, CENTRAL)
    with Leases(THREE, objects).hold(WEST, is_changed=False):
        pass
    assert has_turn(objects, CENTRAL)


def test_a_plan_that_was_refused_before_anything_was_done_leaves_the_turn_to_others(
    objects: SandboxObjects,
) -> None:
    with (
        pytest.raises(NothingChangedError),
        Leases(THREE, objects).hold(CENTRAL, is_changed=True),
    ):
        raise NothingChangedError("stale")
    change(objects, WEST)


@pytest.mark.parametrize("error", [RuntimeError(), KeyboardInterrupt(), SystemExit(143)])
def test_a_region_whose_change_is_broken_off_counts_as_partially_applied(
    objects: SandboxObjects, error: BaseException
) -> None:
    with (
        pytest.raises(type(error)),
        Leases(THREE, objects).hold(CENTRAL, is_changed=True),
    ):
        raise error
    assert has_turn(objects, CENTRAL)


@pytest.mark.parametrize("error", [NothingChangedError("stale"), RuntimeError()])
def test_a_region_that_was_partially_applied_before_stays_so_when_it_fails_again(
    objects: SandboxObjects, error: Exception
) -> None:
    leave_partially_applied(objects, CENTRAL)
    with (
        pytest.raises(type(error)),
        Leases(THREE, objects).hold(CENTRAL, is_changed=True),
    ):
        raise error
    assert has_turn(objects, CENTRAL)


def test_of_two_partially_applied_regions_the_one_that_was_left_first_goes_first(
    tmp_path: Path,
) -> None:
    objects = sandbox(tmp_path)
    leave_partially_applied(objects, WEST)
    earlier = replace(Lease.read(stored_lease(objects, WEST)), since="2026-11-25 03:00:00 UTC")
    objects.write(lease_location(THREE, WEST), earlier.to_json())
    # The primary's region is gone while the standby is changed, and comes back partially applied.
    with pytest.raises(RuntimeError), silent(objects, WEST).hold(CENTRAL, is_changed=True):
        raise RuntimeError
    with pytest.raises(LeaseTakenError, match=f"{WEST.name} was left partially applied"):
        change(objects, CENTRAL)
    change(objects, WEST)
    change(objects, CENTRAL)


def test_a_region_that_could_not_mark_its_turn_goes_first_all_the_same(tmp_path: Path) -> None:
    """Its S3 was silent when it failed; during that time the other one counted as the only one."""
    objects = sandbox(tmp_path)
    old = replace(Lease.now(), since="2026-11-25 03:00:00 UTC")
    objects.write(lease_location(THREE, CENTRAL), old.to_json())
    age(tmp_path, CENTRAL, timedelta(minutes=11))
    left = replace(Lease.now(), since="2026-11-25 04:00:00 UTC", is_left=True)
    objects.write(lease_location(THREE, WEST), left.to_json())
    leases = Leases(THREE, objects)
    assert leases.blocking_stack(CENTRAL) is None
    change(objects, CENTRAL)
    change(objects, WEST)


def test_a_write_whose_answer_was_lost_is_known_again(tmp_path: Path) -> None:
    class Lossy(SandboxObjects):
        """Stores, and says that another one was faster, as the second try of a write finds."""

        def write_if_unchanged(
            self, location: StateLocation, tag: str | None, content: bytes
        ) -> str | None:
            super().write_if_unchanged(location, tag, content)
            return None

    objects = sandbox(tmp_path)
    with Leases(THREE, Lossy(tmp_path)).hold(CENTRAL, is_changed=True):
        assert has_turn(objects, CENTRAL)
    assert not has_turn(objects, CENTRAL)


def test_a_turn_that_was_written_without_any_answer_is_taken_back(tmp_path: Path) -> None:
    class Silenced(SandboxObjects):
        def write_if_unchanged(
            self, location: StateLocation, tag: str | None, content: bytes
        ) -> str | None:
            super().write_if_unchanged(location, tag, content)
            raise RegionNotAnsweringError("S3 does not answer")

    objects = sandbox(tmp_path)
    with pytest.raises(RegionNotAnsweringError):
        change(Silenced(tmp_path), CENTRAL)
    assert not has_turn(objects, CENTRAL)


def test_what_goes_first_stays_first_however_often_it_fails(objects: SandboxObjects) -> None:
    leave_partially_applied(objects, WEST)
    since = Lease.read(stored_lease(objects, WEST)).since
    leave_partially_applied(objects, WEST)
    assert Lease.read(stored_lease(objects, WEST)).since == since
    assert Lease.read(stored_lease(objects, WEST)).is_left


def test_nobody_comes_second_to_a_region_that_is_being_changed(objects: SandboxObjects) -> None:
    with Leases(THREE, objects).hold(CENTRAL, is_changed=True):
        with pytest.raises(LeaseTakenError, match=f"{CENTRAL.name} is being changed"):
            change(objects, CENTRAL)
        with pytest.raises(LeaseTakenError):
            change(objects, WEST)
    assert not has_turn(objects, CENTRAL)
    change(objects, WEST)


@pytest.mark.parametrize("outcome", ["whole", "partially applied"])
def test_a_second_one_never_takes_the_turn_of_the_first_away(
    objects: SandboxObjects, outcome: str
) -> None:
    """The second comes while the first is at work, whichever way that ends."""
    first = Leases(THREE, objects).hold(CENTRAL, is_changed=True)
    first.__enter__()
    with pytest.raises(LeaseTakenError):
        change(objects, CENTRAL)
    error = None if outcome == "whole" else RuntimeError()
    with contextlib.suppress(RuntimeError):
        first.__exit__(type(error) if error else None, error, None)
    assert has_turn(objects, CENTRAL) is (outcome == "partially applied")


def test_of_two_that_find_the_same_partially_applied_region_one_changes_it(tmp_path: Path) -> None:
    leave_partially_applied(sandbox(tmp_path), CENTRAL)

    class Late(SandboxObjects):
        """Another one is faster, between the look and the writing."""

        def write_if_unchanged(
            self, location: StateLocation, tag: str | None, content: bytes
        ) -> str | None:
            super().write_if_unchanged(
                location, tag, Lease.now({"CODEBUILD_BUILD_ID": "apply:1"}).to_json()
            )
            return super().write_if_unchanged(location, tag, content)

    with pytest.raises(LeaseTakenError, match="somebody else has just begun to change"):
        change(Late(tmp_path), CENTRAL)
    assert Lease.read(stored_lease(sandbox(tmp_path), CENTRAL)).by == "apply:1"


@pytest.mark.parametrize("is_locked", [True, False])
@pytest.mark.parametrize("is_old", [True, False])
def test_one_who_was_killed_is_known_by_his_age_and_the_missing_lock(
    tmp_path: Path, is_locked: bool, is_old: bool
) -> None:
    objects = sandbox(tmp_path)
    begin(objects, CENTRAL)
    if is_locked:
        lock(objects, CENTRAL)
    if is_old:
        age(tmp_path, CENTRAL, timedelta(minutes=11))
    is_dead = is_old and not is_locked
    expected = "was left partially applied" if is_dead else "is being changed"
    with pytest.raises(LeaseTakenError, match=f"{CENTRAL.name} {expected}"):
        change(objects, WEST)
    assert Leases(THREE, objects).is_partially_applied(CENTRAL) is is_dead
    with Leases(THREE, objects).hold(CENTRAL, is_changed=False):
        pass
    assert has_turn(objects, CENTRAL) is not is_dead


def test_a_rollout_skips_the_waves_before_a_partially_applied_region(
    objects: SandboxObjects,
) -> None:
    assert Leases(THREE, objects).blocking_stack(CENTRAL) is None
    leave_partially_applied(objects, WEST)
    leases = Leases(THREE, objects)
    assert leases.blocking_stack(CENTRAL) == leases.blocking_stack(NORTH) == WEST
    assert leases.blocking_stack(WEST) is None
    assert leases.blocking_stack(stack("entry-point")) is None


def test_nothing_is_skipped_for_a_region_of_an_earlier_wave_or_one_at_work(
    objects: SandboxObjects,
) -> None:
    leave_partially_applied(objects, CENTRAL)
    assert Leases(THREE, objects).blocking_stack(WEST) is None
    change(objects, CENTRAL)
    begin(objects, WEST)
    assert Leases(THREE, objects).blocking_stack(CENTRAL) is None


def test_an_empty_plan_takes_no_turn_away_that_has_just_begun(objects: SandboxObjects) -> None:
    with Leases(THREE, objects).hold(CENTRAL, is_changed=True):
        with Leases(THREE, objects).hold(CENTRAL, is_changed=False):
            pass
        assert has_turn(objects, CENTRAL)


def test_a_partially_applied_region_that_is_to_leave_keeps_the_others_all_the_same(
    objects: SandboxObjects,
) -> None:
    leave_partially_applied(objects, NORTH)
    leaving = settings(regions=list(REGIONS[:2]), leaving_regions=[REGIONS[2]])
    with pytest.raises(LeaseTakenError, match="If it is leaving, take that back first"):
        change(objects, WEST, leaving)


@pytest.mark.parametrize("what", ["state", "hosted-zone", "entry-point"])
def test_a_stack_that_serves_no_devices_takes_no_turn(objects: SandboxObjects, what: str) -> None:
    leave_partially_applied(objects, CENTRAL)
    with Leases(THREE, objects).hold(stack(what), is_changed=True):
        assert not has_turn(objects, stack(what))


def test_the_owner_and_time_of_a_change_are_safe_to_print(objects: SandboxObjects) -> None:
    lease = Lease("2026-11-25 03:00:00 UTC", "\x1b[31m\u202ea stranger\n", is_left=True)
    objects.write(lease_location(THREE, CENTRAL), lease.to_json())
    with pytest.raises(LeaseTakenError, match="since 2026-11-25 03:00:00 UTC by") as caught:
        change(objects, WEST)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"since": 1}', b"[" * 100_000])
def test_a_damaged_turn_is_one_all_the_same(objects: SandboxObjects, content: bytes) -> None:
    objects.write(lease_location(THREE, CENTRAL), content)
    with pytest.raises(LeaseTakenError, match="since unknown by unknown"):
        change(objects, WEST)


def test_a_build_is_named_by_its_id_and_a_person_by_user_and_machine() -> None:
    assert Lease.now({"CODEBUILD_BUILD_ID": "plan:1"}).by == "plan:1"
    assert "@" in Lease.now({}).by


def test_a_region_is_not_changed_together_with_the_primary(objects: SandboxObjects) -> None:
    serve_from(objects, REGIONS[1])
    for node in (WEST, CENTRAL, NORTH):
        with pytest.raises(PrimaryChangeNotAloneError, match=f"served by {REGIONS[1]}"):
            change(objects, node)
        assert not has_turn(objects, node)
        with Leases(THREE, objects).hold(node, is_changed=False):
            pass
    change(objects, WEST, settings(regions=list(REGIONS[:3]), primary_region=REGIONS[1]))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", state_file(), b"[" * 100_000),
        state_file(outputs={"primary_region": ["x"]}),
    ],
)
def test_where_nobody_is_known_to_serve_every_region_may_be_changed(
    objects: SandboxObjects, content: bytes
) -> None:
    objects.write(state_location(THREE, stack("entry-point")), content)
    change(objects, WEST)


class Silent(SandboxObjects):
    """One region answers nothing for so many asks, as `RegionNotAnsweringError` reports."""

    def __init__(self, folder: Path, node: StackNode, asks: float) -> None:
        super().__init__(folder)
        self._node, self._asks = node, asks

    def come_back(self) -> None:
        self._asks = 0

    def find(self, location: StateLocation) -> TaggedObject | None:
        if location.region == self._node.region and self._asks > 0:
            self._asks -= 1
            raise RegionNotAnsweringError("S3 does not answer")
        return super().find(location)


@dataclass
class MadeUpClock:
    now: float = 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def asking(objects: SandboxObjects, clock: MadeUpClock) -> Leases:
    patience = PollLimits(limit=120, interval=5, clock=clock, pause=clock.sleep)
    return Leases(THREE, objects, RegionLeases(THREE, objects, patience))


def silent(objects: SandboxObjects, node: StackNode, *, asks: float = math.inf) -> Leases:
    """Return leases that a region never answers to, or only after so many asks."""
    return asking(Silent(objects.folder, node, asks), MadeUpClock())


def test_a_region_that_is_silent_for_two_minutes_is_lost_and_has_no_turn(
    objects: SandboxObjects,
) -> None:
    leave_partially_applied(objects, CENTRAL)
    clock = MadeUpClock()
    with asking(Silent(objects.folder, CENTRAL, math.inf), clock).hold(WEST, is_changed=True):
        assert 120 <= clock.now < 130
    assert has_turn(objects, CENTRAL)


def test_a_region_that_was_lost_and_is_back_is_asked_again(objects: SandboxObjects) -> None:
    away = Silent(objects.folder, CENTRAL, math.inf)
    leases = asking(away, MadeUpClock())
    with leases.hold(WEST, is_changed=True):
        pass
    away.come_back()
    leave_partially_applied(objects, CENTRAL)
    with pytest.raises(LeaseTakenError), leases.hold(WEST, is_changed=True):
        pass


@pytest.mark.parametrize("asks", [1, 20])
def test_one_bad_answer_does_not_make_a_region_lost(objects: SandboxObjects, asks: int) -> None:
    leave_partially_applied(objects, CENTRAL)
    with (
        pytest.raises(LeaseTakenError),
        silent(objects, CENTRAL, asks=asks).hold(WEST, is_changed=True),
    ):
        pass


@pytest.mark.parametrize("moment", ["before its lease is written", "before it looks at others"])
def test_of_two_that_begin_at_once_at_most_one_changes_its_region(
    moment: str, tmp_path: Path
) -> None:
    begun: list[str] = []

    class Meeting(SandboxObjects):
        """The other one begins, and goes on as far as it can, in the middle of this one."""

        def write_if_unchanged(
            self, location: StateLocation, tag: str | None, content: bytes
        ) -> str | None:
            if moment == "before its lease is written":
                self._meet()
            written = super().write_if_unchanged(location, tag, content)
            if moment != "before its lease is written":
                self._meet()
            return written

        def _meet(self) -> None:
            lease = Leases(THREE, plain).hold(WEST, is_changed=True)
            with contextlib.suppress(LeaseTakenError):
                lease.__enter__()
                begun.append(WEST.name)

    plain = sandbox(tmp_path)
    with contextlib.suppress(LeaseTakenError):
        Leases(THREE, Meeting(tmp_path)).hold(CENTRAL, is_changed=True).__enter__()
        begun.append(CENTRAL.name)
    assert len(begun) <= 1
