"""A copy becomes the owner when home is gone for good, and not before."""

import json
from collections.abc import Callable

import pytest

from iot_dr.delivery.state.moved_tables import TableNotThereError, with_moved_tables
from iot_dr.delivery.state.promotion import Promotion, PromotionError, promotion
from iot_dr.observe.state.states_overview import read_states
from iot_dr.observe.state.store import Store, StoreError, UnreachableError
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import STACKS, World
from tests.support.settings import settings
from tests.support.state_files import state_file, state_resource

HOME, CENTRAL = "eu-west-1", "eu-central-1"
LOCKS = {f"{stack}.tfstate.tflock" for stack in STACKS}


@pytest.fixture
def lost(world: World) -> World:
    """Home's bucket is gone, its copies and their stale locks stand in two regions."""
    for region in (CENTRAL, "eu-north-1"):
        world.copies(region)
        for stack in STACKS:
            world.lock(region, stack)
    world.lose("eu-west-1")
    return world


def intended(world: World, region: str = CENTRAL) -> Promotion:
    return promotion(world.settings, region, world.store)


def test_it_is_refused_while_home_answers_and_says_what_to_do(world: World) -> None:
    world.copies(CENTRAL)
    with pytest.raises(PromotionError, match="HANDOVER_REGION=eu-central-1"):
        intended(world)
    assert "promoted.json" not in world.objects(CENTRAL)


def test_it_fences_every_copy_and_clears_the_locks_of_the_promoted_ones(lost: World) -> None:
    lost.lock(CENTRAL, "iot-dev-iot-eu-central-1")
    promoted = intended(lost)
    assert list(promoted.copies) == list(STACKS)
    assert {holder and holder.who for holder in promoted.locks.values()} == {"operator@host"}
    assert promoted.carry_out(lost.store) == ()
    assert not LOCKS & lost.objects(CENTRAL)
    assert "iot-dev-iot-eu-central-1.tfstate.tflock" in lost.objects(CENTRAL)
    assert lost.objects("eu-north-1") >= LOCKS
    fences = read_states(lost.settings, lost.store).fences
    assert {fence.owner_region for fence in fences} == {CENTRAL}
    assert len(fences) == 2


def test_looking_changes_nothing(lost: World) -> None:
    before = lost.objects(CENTRAL)
    intended(lost)
    assert lost.objects(CENTRAL) == before


class Interrupted(Store):
    """A store whose process ends at its n-th change."""

    def __init__(self, store: Store, changes: int) -> None:
        super().__init__(None)
        self._store = store
        self._left = changes

    def write(self, location: StateLocation, content: bytes) -> None:
        self._count()
        self._store.write(location, content)

    def delete(self, location: StateLocation) -> None:
        self._count()
        self._store.delete(location)

    def _count(self) -> None:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1


@pytest.mark.parametrize(
    "changes", [1, 3, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in (0, 2, 4))]
)
def test_it_can_be_repeated_after_an_interruption_anywhere(lost: World, changes: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        intended(lost).carry_out(Interrupted(lost.store, changes))
    first = read_states(lost.settings, lost.store).fences
    again = intended(lost)
    again.carry_out(lost.store)
    assert not LOCKS & lost.objects(CENTRAL)
    assert set(read_states(lost.settings, lost.store).fences) == {again.fence}
    assert set(first) <= {again.fence}
    intended(lost).carry_out(lost.store)


def table(region: str, *replicas: str) -> dict[str, object]:
    """Return a table of device data as a state has it."""

    def place(of: str) -> dict[str, object]:
        arn = f"arn:aws:dynamodb:{of}:111111111111:table/devices"
        return {"arn": arn, "stream_arn": f"{arn}/stream/1", "stream_label": "1"}

    return {
        "name": "devices",
        "region": region,
        **place(region),
        "replica": [
            {"region_name": each, "propagate_tags": True, **place(each)} for each in replicas
        ],
    }


def of_tables(attributes: dict[str, object], serial: int = 7) -> bytes:
    resource = state_resource("aws_dynamodb_table.devices", str(attributes["region"]))
    return state_file({**resource, "instances": [{"attributes": attributes}]}, serial=serial)


def place_of_tables(world: World) -> StateLocation:
    bucket = world.settings.state_bucket(CENTRAL)
    return StateLocation(bucket=bucket, key=f"dev/{STACKS[0]}.tfstate", region=CENTRAL)


def test_tables_of_the_former_home_are_those_of_the_promoted_region_and_it_is_a_replica() -> None:
    moved = with_moved_tables(of_tables(table(HOME, CENTRAL, "eu-north-1")), HOME, CENTRAL)
    assert moved == of_tables(table(CENTRAL, HOME, "eu-north-1"), serial=8)


def test_a_state_whose_tables_are_elsewhere_stays_as_it_is() -> None:
    content = of_tables(table(CENTRAL, HOME))
    assert with_moved_tables(content, HOME, CENTRAL) is content


def test_a_region_without_the_data_is_not_promoted(lost: World) -> None:
    lost.store.write(place_of_tables(lost), of_tables(table(HOME, "eu-north-1")))
    with pytest.raises(
        TableNotThereError, match=r"devices has no replica in eu-central-1; .*north"
    ):
        intended(lost)
    assert "promoted.json" not in lost.objects(CENTRAL)


def test_a_promotion_moves_the_tables_once(lost: World) -> None:
    place = place_of_tables(lost)
    lost.store.write(place, of_tables(table(HOME, CENTRAL)))
    for _ in range(2):
        intended(lost).carry_out(lost.store)
        stored = lost.store.read(place)
        assert stored
        assert json.loads(stored.content)["serial"] == 8


def test_a_standby_that_is_gone_too_keeps_nobody_from_promoting_another(lost: World) -> None:
    lost.lose("eu-north-1")
    (missed,) = intended(lost).carry_out(lost.store)
    assert missed.region == "eu-north-1"
    assert "promoted.json" in lost.objects(CENTRAL)


def test_a_second_region_cannot_be_promoted_too(lost: World) -> None:
    intended(lost).carry_out(lost.store)
    with pytest.raises(
        PromotionError, match=r"set home_region: eu-central-1 in environments/dev\.yaml"
    ):
        intended(lost, "eu-north-1")


@pytest.fixture
def living(world: World) -> World:
    """Home answers, another region is the primary, and two have equal copies of its states."""
    _deployed(world)
    return world


def _deployed(world: World, *, primary: str = CENTRAL, missing: str = "") -> None:
    """Put states with the buckets of all regions but one, and with a primary, everywhere."""
    buckets = [
        state_resource("aws_s3_bucket.state", region, bucket=world.settings.state_bucket(region))
        for region in world.settings.regions
        if region != missing
    ]
    for region in (HOME, CENTRAL, "eu-north-1"):
        world.copies(region)
        state = state_file(*buckets, serial=3)
        entry_point = state_file(outputs={"primary_region": primary}, serial=3)
        world.put(region, f"{STACKS[0]}.tfstate", state)
        world.put(region, f"{STACKS[2]}.tfstate", entry_point)


def leaving(world: World) -> Promotion:
    return promotion(world.settings, CENTRAL, world.store, home_lives=True)


def test_a_living_home_is_followed_by_a_region_whose_copies_are_up_to_date(living: World) -> None:
    leaving(living).carry_out(living.store)
    fences = read_states(living.settings, living.store).fences
    assert {(fence.owner_region, fence.former_bucket) for fence in fences} == {
        (CENTRAL, "example-iot-dev-eu-west-1")
    }
    assert len(fences) == 2
    assert "promoted.json" not in living.objects(HOME)


def _behind(world: World) -> None:
    world.state(HOME, STACKS[1], 4, written=2e9)


def _of_another_lineage(world: World) -> None:
    world.state(HOME, STACKS[1], 3, lineage="b", written=2e9)


def _locked(world: World) -> None:
    world.lock(HOME, STACKS[1])


@pytest.mark.parametrize(
    ("happens", "problem"),
    [
        (_behind, "copy has serial 3, and the state has 4: S3 has not replicated it yet"),
        (_of_another_lineage, "has not replicated it yet"),
        (_locked, "locked by operator@host.*; wait until no run is active"),
    ],
)
def test_a_living_home_keeps_its_states_while_somebody_works_on_them(
    living: World, happens: Callable[[World], None], problem: str
) -> None:
    begun = leaving(living)
    happens(living)
    for attempt in (lambda: leaving(living), lambda: begun.carry_out(living.store)):
        with pytest.raises(PromotionError, match=f"{STACKS[1]}: its .*{problem}"):
            attempt()
        # Also if it happens after the look: nobody is fenced off from a home that is ahead.
        for region in (CENTRAL, "eu-north-1"):
            assert "promoted.json" not in living.objects(region)


def test_a_living_home_keeps_its_states_while_a_regional_stack_is_deployed(living: World) -> None:
    # The same deploy changes the entry point next, in home's state, and looked for a fence before.
    begun = leaving(living)
    living.lock(CENTRAL, "iot-dev-iot-eu-central-1")
    for attempt in (lambda: leaving(living), lambda: begun.carry_out(living.store)):
        with pytest.raises(PromotionError, match="iot-dev-iot-eu-central-1: its state is locked"):
            attempt()
        assert "promoted.json" not in living.objects(CENTRAL)


@pytest.mark.parametrize(
    ("deployed", "problem"),
    [
        ({"primary": HOME}, "eu-west-1 cannot leave yet: it is the primary"),
        ({"missing": "eu-north-1"}, "cannot leave yet: only eu-central-1 would remain of"),
    ],
)
def test_a_living_home_keeps_its_states_until_it_can_leave_in_one_deployment(
    living: World, deployed: dict[str, str], problem: str
) -> None:
    _deployed(living, **deployed)
    with pytest.raises(PromotionError, match=problem):
        leaving(living)
    assert "promoted.json" not in living.objects(CENTRAL)


def test_a_copy_that_was_promoted_and_written_is_not_taken_for_one_that_lags(
    living: World,
) -> None:
    leaving(living).carry_out(living.store)
    living.state(CENTRAL, STACKS[1], 4, written=2e9)
    with pytest.raises(PromotionError, match="the copies are the owners already; set home_region"):
        leaving(living)


def test_a_fence_of_an_earlier_promotion_is_put_back(living: World) -> None:
    leaving(living).carry_out(living.store)
    before = living.path(CENTRAL, "promoted.json").read_bytes()
    again = leaving(living)
    living.lock(HOME, STACKS[1])
    with pytest.raises(PromotionError, match="locked"):
        again.carry_out(living.store)
    for region in (CENTRAL, "eu-north-1"):
        assert living.path(region, "promoted.json").read_bytes() == before


def test_a_living_home_keeps_its_states_without_a_copy_of_each(living: World) -> None:
    living.path(CENTRAL, f"{STACKS[1]}.tfstate").unlink()
    with pytest.raises(PromotionError, match="its copy has serial none, and the state has 3"):
        leaving(living)
    # A stack that was never applied needs none.
    living.path(HOME, f"{STACKS[1]}.tfstate").unlink()
    assert leaving(living).missing == (STACKS[1],)


def test_a_home_that_lives_must_answer_to_leave(lost: World) -> None:
    with pytest.raises(UnreachableError, match="example-iot-dev-eu-west-1"):
        leaving(lost)


def test_the_promoted_region_can_itself_be_replaced_later(lost: World) -> None:
    intended(lost).carry_out(lost.store)
    lost.lose(CENTRAL)
    regions = [CENTRAL, "eu-north-1"]
    later = settings(regions=regions, home_region=CENTRAL, primary_region=CENTRAL)
    second = promotion(later, "eu-north-1", lost.store)
    assert second.fence.owner_region == "eu-north-1"
    second.carry_out(lost.store)
    (fence,) = read_states(later, lost.store).fences
    assert fence.former_bucket == "example-iot-dev-eu-central-1"


def test_a_stack_without_a_copy_is_reported(lost: World) -> None:
    lost.path(CENTRAL, "iot-dev-entry-point.tfstate").unlink()
    assert intended(lost).missing == ("iot-dev-entry-point",)


def _no_copy(world: World) -> None:
    for stack in STACKS:
        world.path(CENTRAL, f"{stack}.tfstate").unlink()


def _corrupt(world: World) -> None:
    world.put(CENTRAL, "iot-dev-hosted-zone.tfstate", b"{")


@pytest.mark.parametrize(
    ("spoil", "problem"), [(_no_copy, "holds no copy"), (_corrupt, "restore an earlier version")]
)
def test_no_copy_and_a_corrupt_one_are_not_promoted(
    lost: World, spoil: Callable[[World], None], problem: str
) -> None:
    spoil(lost)
    with pytest.raises(PromotionError, match=problem):
        intended(lost)


@pytest.mark.parametrize(
    ("region", "problem"), [("eu-west-1", "is home"), ("us-east-2", "holds no copies")]
)
def test_home_and_a_strange_region_are_refused(lost: World, region: str, problem: str) -> None:
    with pytest.raises(PromotionError, match=problem):
        intended(lost, region)


def test_a_region_to_promote_that_does_not_answer_is_reported(lost: World) -> None:
    lost.lose(CENTRAL)
    with pytest.raises(UnreachableError, match=r"example-iot-dev-eu-central-1 \(eu-central-1\)"):
        intended(lost)


def test_without_credentials_home_does_not_count_as_gone(
    lost: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(StoreError):
        promotion(lost.settings, CENTRAL, Store(None))
