"""A run is kept from a state that was promoted elsewhere."""

from pathlib import Path

import pytest

from iot_dr.delivery.state.guard import (
    NotPromotedError,
    OtherCertificateError,
    PromotedError,
    refuse_other_certificate,
    refuse_promoted,
    s3_fetch,
    sandbox_fetch,
)
from iot_dr.delivery.state.promotion import promotion
from iot_dr.observe.state.fence import Fence, FenceError
from iot_dr.terraform.stack_document import StackDocument
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import STACKS, World
from tests.support.refusal import refusal
from tests.support.settings import settings
from tests.support.state_files import state_file, state_resource
from tests.support.synthesized_once import SynthesizedOnce

WEST, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stacks as the file has them: before and after a promotion, and with a region leaving."""
    out = tmp_path_factory.mktemp("stacks")
    regions = [WEST, CENTRAL, NORTH]
    SynthesizedOnce().synthesize([settings(regions=regions)], out / "before")
    after = settings(regions=regions[1:], home_region=CENTRAL, primary_region=CENTRAL)
    SynthesizedOnce().synthesize([after], out / "after")
    left = after.model_copy(update={"leaving_regions": (WEST,)})
    SynthesizedOnce().synthesize([left], out / "left")
    SynthesizedOnce().synthesize(
        [settings(regions=regions[:2], leaving_regions=[NORTH])], out / "smaller"
    )
    return out


@pytest.fixture
def promoted(world: World) -> World:
    """Home was gone, Frankfurt was promoted, and home is back."""
    world.copies(CENTRAL)
    world.lose("eu-west-1")
    promotion(world.settings, CENTRAL, world.store).carry_out(world.store)
    return world


def test_nothing_is_refused_before_a_promotion(world: World, stacks: Path) -> None:
    assert refused(world, stacks / "before" / "stacks") == []


def test_the_global_stacks_are_kept_from_homes_states(promoted: World, stacks: Path) -> None:
    for stack in STACKS:
        with pytest.raises(PromotedError) as caught:
            refuse_promoted(stacks / "before" / "stacks", stack, sandbox_fetch(promoted.folder))
        assert str(caught.value).startswith(f"{stack}: its state in example-iot-dev-eu-west-1 ")
        assert "set home_region: eu-central-1" in str(caught.value)


def test_any_one_fence_that_is_left_is_enough(promoted: World, stacks: Path) -> None:
    promoted.path(CENTRAL, "promoted.json").unlink()
    with pytest.raises(PromotedError):
        refuse_promoted(stacks / "before" / "stacks", STACKS[0], sandbox_fetch(promoted.folder))


def test_regional_stacks_and_the_new_owners_run_on(promoted: World, stacks: Path) -> None:
    fetch = sandbox_fetch(promoted.folder)
    for region in promoted.settings.regions:
        own = stacks / "before" / "stacks", f"iot-dev-iot-{region}"
        assert refusal(refuse_promoted, *own, fetch) == ""
    assert refused(promoted, stacks / "after" / "stacks") == []


@pytest.mark.usefixtures("promoted")
def test_s3_is_asked_as_the_sandbox_is(stacks: Path) -> None:
    with pytest.raises(PromotedError):
        refuse_promoted(stacks / "before" / "stacks", STACKS[0], s3_fetch())


def test_a_standby_that_is_gone_keeps_nobody_from_homes_states(world: World, stacks: Path) -> None:
    world.lose(CENTRAL)
    own = stacks / "before" / "stacks", STACKS[0]
    assert refusal(refuse_promoted, *own, s3_fetch()) == ""


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

    assert refusal(refuse_promoted, stacks / "before" / "stacks", STACKS[0], fetch) == ""


def refused(world: World, stacks: Path) -> list[str]:
    """Return the stacks that are refused although there is no fence."""
    refusals: dict[str, str] = {}
    for stack in sorted(stacks.iterdir()):
        try:
            refuse_promoted(stacks, stack.name, sandbox_fetch(world.folder))
        except NotPromotedError as error:
            refusals[stack.name] = str(error)
    for name, message in refusals.items():
        assert message.startswith(f"{name}: home_region: {CENTRAL}: not promoted: ")
        assert "belong to example-iot-dev-eu-west-1. " in message
        assert f"iot-dr state promote --region {CENTRAL} --env dev" in message
    return list(refusals)


def test_another_home_is_refused_before_its_promotion(world: World, stacks: Path) -> None:
    world.owned(WEST, CENTRAL, NORTH, by=WEST)
    everything = sorted([*STACKS, f"iot-dev-iot-{CENTRAL}", f"iot-dev-iot-{NORTH}"])
    assert refused(world, stacks / "after" / "stacks") == everything


def test_a_living_home_does_not_leave(world: World, stacks: Path) -> None:
    world.owned(WEST, by=WEST)
    # No copy has come yet: what home's own bucket says is enough.
    everything = sorted([*STACKS, f"iot-dev-iot-{CENTRAL}", f"iot-dev-iot-{WEST}"])
    assert refused(world, stacks / "left" / "stacks") == everything


def test_with_the_fence_the_new_home_runs_and_the_former_may_leave(
    promoted: World, stacks: Path
) -> None:
    promoted.owned(WEST, CENTRAL, NORTH, by=WEST)
    for which in ("after", "left"):
        assert refused(promoted, stacks / which / "stacks") == []


def test_once_the_new_home_copies_no_fence_is_needed(world: World, stacks: Path) -> None:
    world.owned(CENTRAL, NORTH, by=CENTRAL)
    assert refused(world, stacks / "after" / "stacks") == []


@pytest.mark.parametrize("which", ["before", "smaller"])
def test_home_as_it_is_and_a_standby_that_leaves_run_on(
    which: str, world: World, stacks: Path
) -> None:
    world.owned(WEST, CENTRAL, NORTH, by=WEST)
    assert refused(world, stacks / which / "stacks") == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"resources": [{"type": 1}]}', b"\xff"])
def test_a_copy_that_is_corrupt_blocks_no_region(
    content: bytes, world: World, stacks: Path
) -> None:
    world.put(CENTRAL, f"{STACKS[0]}.tfstate", content)
    assert refused(world, stacks / "before" / "stacks") == []


def test_s3_is_asked_for_the_owner_too(world: World, stacks: Path) -> None:
    world.owned(WEST, CENTRAL, by=WEST)
    with pytest.raises(NotPromotedError):
        refuse_promoted(stacks / "left" / "stacks", f"iot-dev-iot-{WEST}", s3_fetch())


CERTIFICATE, DOMAIN = "aws_acm_certificate", "aws_iot_domain_configuration"
PLACE = StateLocation(
    bucket="example-iot-dev-eu-central-1",
    key="dev/iot-dev-iot-eu-central-1.tfstate",
    region=CENTRAL,
)


def regional_stack(*types: str, **data: object) -> StackDocument:
    backend = {"bucket": PLACE.bucket, "key": PLACE.key, "region": PLACE.region}
    resource = {type_: {"one": {}} for type_ in types}
    return StackDocument(
        {"resource": resource, "data": data, "terraform": {"backend": {"s3": backend}}}
    )


def state_with(*types: str) -> bytes:
    return state_file(*(state_resource(f"{each}.one") for each in types))


@pytest.mark.parametrize(
    ("stored", "declared"),
    [
        pytest.param((DOMAIN, CERTIFICATE), (DOMAIN, CERTIFICATE), id="its own"),
        pytest.param((DOMAIN,), (DOMAIN,), id="of the zone's stack"),
        pytest.param((), (DOMAIN, CERTIFICATE), id="not deployed"),
        pytest.param((CERTIFICATE,), (DOMAIN,), id="rotation, not served"),
        pytest.param((DOMAIN, CERTIFICATE), (), id="the region leaves"),
    ],
)
def test_a_certificate_that_stays_in_its_stack_is_accepted(
    stored: tuple[str, ...], declared: tuple[str, ...]
) -> None:
    content = state_with(*stored)
    stack = regional_stack(*declared)
    assert refusal(refuse_other_certificate, stack, lambda _: content) == ""


@pytest.mark.parametrize(
    ("stored", "declared", "remedy"),
    [
        ((DOMAIN, CERTIFICATE), (DOMAIN,), f"set it to {CENTRAL}"),
        ((DOMAIN,), (DOMAIN, CERTIFICATE), "set it back to null, and zone to what it was"),
    ],
)
def test_a_served_certificate_that_would_be_replaced_is_refused(
    stored: tuple[str, ...], declared: tuple[str, ...], remedy: str
) -> None:
    with pytest.raises(OtherCertificateError) as caught:
        refuse_other_certificate(regional_stack(*declared), lambda _: state_with(*stored))
    assert str(caught.value).startswith(
        "environments/dev.yaml: certificate_region: the state of the stack in"
    )
    assert remedy in str(caught.value)


def test_no_run_replaces_a_served_certificate(world: World, stacks: Path) -> None:
    world.put(CENTRAL, f"iot-dev-iot-{CENTRAL}.tfstate", state_with(DOMAIN))
    with pytest.raises(OtherCertificateError):
        refuse_promoted(
            stacks / "before" / "stacks", f"iot-dev-iot-{CENTRAL}", sandbox_fetch(world.folder)
        )


def test_a_certificate_that_is_looked_up_is_in_no_stack() -> None:
    stack = regional_stack(DOMAIN, **{CERTIFICATE: {"certificate": {}}})
    stored = state_with(DOMAIN, CERTIFICATE)
    assert refusal(refuse_other_certificate, stack, lambda _: stored) == ""


@pytest.mark.parametrize("content", [None, b"", b"[]"])
def test_an_unreadable_state_is_left_to_terraform(content: bytes | None) -> None:
    stack = regional_stack(DOMAIN, CERTIFICATE)
    assert refusal(refuse_other_certificate, stack, lambda _: content) == ""
