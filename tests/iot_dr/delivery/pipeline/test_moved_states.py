"""Plans that change nothing, and what has become of the states that they were made on."""

import json
from pathlib import Path

import pytest

from environments.settings import Settings
from iot_dr.delivery.pipeline.moved_states import MovedStateError, refuse_moved_states
from iot_dr.delivery.rollout.turn import Turn, turn_location
from iot_dr.delivery.state.objects import Found, SandboxObjects, SilentRegionError
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, StateVersion
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location
from tests.support.settings import settings
from tests.support.wave_world import WaveWorld

SETTINGS: Settings = settings()
WEST, CENTRAL = (
    next(node for node in platform_graph(SETTINGS).nodes if node.name == f"iot-dev-iot-{region}")
    for region in ("eu-west-1", "eu-central-1")
)
LINEAGE = "b32ed590-8453-9a9b-2564-40d48d98f312"


def planned(node: StackNode, lineage: str, serial: int) -> PlannedStack:
    return PlannedStack(
        name=node.name,
        what=node.what,
        region=node.region,
        role=node.role,
        wave=3,
        status="planned",
        state=StateVersion(lineage, serial),
    )


@pytest.fixture
def objects(tmp_path: Path) -> SandboxObjects:
    SandboxFolder(tmp_path).prepare()
    return SandboxObjects(tmp_path)


def stands(objects: SandboxObjects, node: StackNode, lineage: str, serial: int) -> None:
    state = {"version": 4, "serial": serial, "lineage": lineage}
    objects.write(state_location(SETTINGS, node), json.dumps(state).encode())


def test_a_state_that_is_the_same_is_let_pass_and_none_where_there_was_none(
    objects: SandboxObjects,
) -> None:
    stands(objects, CENTRAL, LINEAGE, 3)
    stacks = [planned(CENTRAL, LINEAGE, 3), planned(WEST, "", 0)]
    refuse_moved_states(SETTINGS, objects, stacks)


@pytest.mark.parametrize(
    ("lineage", "serial"), [(LINEAGE, 2), (LINEAGE, 4), ("another", 3), ("", 0)]
)
def test_any_other_is_refused_in_one_sentence(
    objects: SandboxObjects, lineage: str, serial: int
) -> None:
    stands(objects, CENTRAL, LINEAGE, 3)
    with pytest.raises(MovedStateError) as error:
        refuse_moved_states(
            SETTINGS, objects, [planned(WEST, "", 0), planned(CENTRAL, lineage, serial)]
        )
    assert str(error.value) == (
        f"{CENTRAL.name}: its state has moved on since this plan was made: start a new execution"
    )


def test_a_state_that_is_gone_is_not_the_one_that_was_planned_on(objects: SandboxObjects) -> None:
    with pytest.raises(MovedStateError, match="has moved on"):
        refuse_moved_states(SETTINGS, objects, [planned(CENTRAL, LINEAGE, 3)])


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"lineage": 1, "serial": 1}'])
def test_what_is_no_state_is_refused(objects: SandboxObjects, content: bytes) -> None:
    objects.write(state_location(SETTINGS, CENTRAL), content)
    with pytest.raises(MovedStateError, match="what is stored as its state is none"):
        refuse_moved_states(SETTINGS, objects, [planned(CENTRAL, "", 0)])


def test_a_region_that_does_not_answer_is_not_taken_for_unchanged(tmp_path: Path) -> None:
    class Lost(SandboxObjects):
        def find(self, location: StateLocation) -> Found | None:
            raise SilentRegionError(f"{location.bucket} ({location.region}): S3 does not answer")

    with pytest.raises(SilentRegionError, match="eu-central-1"):
        refuse_moved_states(SETTINGS, Lost(tmp_path), [planned(CENTRAL, "", 0)])


@pytest.mark.usefixtures("lent")
def test_a_plan_tells_the_state_that_it_was_made_on_and_what_was_left_half_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Terraform itself: first on nothing, then on what stands."""
    monkeypatch.chdir(tmp_path)
    world = WaveWorld(tmp_path)

    def stack(plans: Path) -> PlannedStack:
        made = PlanManifest.read(plans)
        assert made
        (only,) = made.stacks
        return only

    first = world.plan(1)
    assert stack(first).state == StateVersion("", 0)
    objects = SandboxObjects(world.sandbox)
    refuse_moved_states(SETTINGS, objects, [stack(first)])
    world.apply(first)
    empty = stack(world.plan(1))
    assert empty.state
    assert empty.state.serial == 1
    refuse_moved_states(SETTINGS, objects, [empty])
    assert not empty.was_left
    objects.write(turn_location(SETTINGS, CENTRAL), Turn.now().left.content())
    assert stack(world.plan(3)).was_left


@pytest.mark.parametrize("is_left", [True, False])
def test_a_region_that_is_not_whole_is_not_taken_for_unchanged(
    objects: SandboxObjects, is_left: bool
) -> None:
    """An apply that failed early has left its turn, and the state as it was."""
    stands(objects, CENTRAL, LINEAGE, 3)
    turn = Turn.now().left if is_left else Turn.now()
    objects.write(turn_location(SETTINGS, CENTRAL), turn.content())
    with pytest.raises(MovedStateError, match="is being changed, or was left half-changed"):
        refuse_moved_states(SETTINGS, objects, [planned(CENTRAL, LINEAGE, 3)])
