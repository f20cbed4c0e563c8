"""A run is kept from a state that was promoted elsewhere."""

from pathlib import Path

import pytest

from iot_dr.state.fence import Fence, FenceError
from iot_dr.state.guard import PromotedError, refuse_promoted, s3_fetch, sandbox_fetch
from iot_dr.state.promotion import promotion
from iot_dr.synthesis import synthesize
from stacks.state_location import StateLocation
from tests.iot_dr.state.world import STACKS, World
from tests.support.settings import settings

CENTRAL = "eu-central-1"


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stacks as the file has them before and after a promotion."""
    out = tmp_path_factory.mktemp("stacks")
    regions = ["eu-west-1", CENTRAL, "eu-north-1"]
    synthesize([settings(regions=regions)], out / "before")
    after = settings(regions=regions[1:], home_region=CENTRAL, primary_region=CENTRAL)
    synthesize([after], out / "after")
    return out


@pytest.fixture
def promoted(world: World) -> World:
    """Home was gone, Frankfurt was promoted, and home is back."""
    world.copies(CENTRAL)
    world.lose("eu-west-1")
    promotion(world.settings, CENTRAL, world.store).carry_out(world.store)
    return world


def test_nothing_is_refused_before_a_promotion(world: World, stacks: Path) -> None:
    for stack in (stacks / "before" / "stacks").iterdir():
        refuse_promoted(stack.parent, stack.name, sandbox_fetch(world.folder))


def test_the_global_stacks_are_kept_from_homes_states(promoted: World, stacks: Path) -> None:
    for stack in STACKS:
        with pytest.raises(PromotedError) as refusal:
            refuse_promoted(stacks / "before" / "stacks", stack, sandbox_fetch(promoted.folder))
        assert str(refusal.value).startswith(f"{stack}: its state in example-iot-dev-eu-west-1 ")
        assert "set home_region: eu-central-1" in str(refusal.value)


def test_any_one_fence_that_is_left_is_enough(promoted: World, stacks: Path) -> None:
    promoted.path(CENTRAL, "promoted.json").unlink()
    with pytest.raises(PromotedError):
        refuse_promoted(stacks / "before" / "stacks", STACKS[0], sandbox_fetch(promoted.folder))


def test_regional_stacks_and_the_new_owners_run_on(promoted: World, stacks: Path) -> None:
    fetch = sandbox_fetch(promoted.folder)
    for region in promoted.settings.regions:
        refuse_promoted(stacks / "before" / "stacks", f"iot-dev-iot-{region}", fetch)
    for stack in (stacks / "after" / "stacks").iterdir():
        refuse_promoted(stack.parent, stack.name, fetch)


@pytest.mark.usefixtures("promoted")
def test_s3_is_asked_as_the_sandbox_is(stacks: Path) -> None:
    with pytest.raises(PromotedError):
        refuse_promoted(stacks / "before" / "stacks", STACKS[0], s3_fetch())


def test_a_standby_that_is_gone_keeps_nobody_from_homes_states(world: World, stacks: Path) -> None:
    world.lose(CENTRAL)
    refuse_promoted(stacks / "before" / "stacks", STACKS[0], s3_fetch())


def test_a_damaged_fence_lets_nobody_past(world: World, stacks: Path) -> None:
    world.put(CENTRAL, "promoted.json", b"{")
    with pytest.raises(FenceError):
        refuse_promoted(stacks / "before" / "stacks", STACKS[0], sandbox_fetch(world.folder))


def test_a_fence_says_nothing_of_a_state_that_it_does_not_name(stacks: Path) -> None:
    fence = Fence(
        owner_region="eu-north-1",
        owner_bucket="b",
        former_bucket="a",
        since="2026-01-02T03:04:05+00:00",
        keys=("dev/another.tfstate",),
    )

    def fetch(_location: StateLocation, _role: str | None) -> bytes:
        return fence.content()

    refuse_promoted(stacks / "before" / "stacks", STACKS[0], fetch)
