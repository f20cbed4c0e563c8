"""What `iot-dr state status` sees."""

import pytest

from iot_dr.observe.state.fence import FenceError
from iot_dr.observe.state.states_overview import CopyLag, StatesOverview, StateView, read_states
from tests.iot_dr.observe.state.world import World
from tests.support.settings import settings

ZONE = "iot-dev-hosted-zone"


def at(states: StatesOverview, stack: str, region: str) -> StateView:
    (seen,) = [e for e in states.states if (e.stack, e.location.region) == (stack, region)]
    return seen


def test_every_state_and_every_copy_is_listed_once(world: World) -> None:
    states = read_states(world.settings, world.store)
    assert [(e.stack, e.location.region, e.is_copy) for e in states.states[:4]] == [
        ("iot-dev-state", "eu-west-1", False),
        ("iot-dev-state", "eu-central-1", True),
        ("iot-dev-state", "eu-north-1", True),
        (ZONE, "eu-west-1", False),
    ]
    regional = [e for e in states.states if e.stack.startswith("iot-dev-iot-")]
    assert {(e.stack, e.location.region, e.is_copy) for e in regional} == {
        (f"iot-dev-iot-{region}", region, False) for region in world.settings.regions
    }
    assert not any(e.snapshot or e.is_locked or e.problem for e in states.states)


def test_of_a_region_that_leaves_its_own_state_is_listed_and_no_copy(world: World) -> None:
    leaving = settings(regions=["eu-west-1", "eu-central-1"], leaving_regions=["eu-north-1"])
    world.state("eu-north-1", "iot-dev-iot-eu-north-1", 4)
    states = read_states(leaving, world.store)
    (there,) = [each for each in states.states if each.location.region == "eu-north-1"]
    assert (there.stack, there.is_copy) == ("iot-dev-iot-eu-north-1", False)
    assert there.snapshot
    assert there.snapshot.serial == 4


def test_a_copy_is_behind_its_original_by_serials_and_seconds(world: World) -> None:
    world.state("eu-west-1", ZONE, 7, written=2000.0)
    world.state("eu-central-1", ZONE, 5, written=1400.0)
    world.state("eu-north-1", ZONE, 7, written=2000.0)
    states = read_states(world.settings, world.store)
    assert states.lag(at(states, ZONE, "eu-central-1")) == CopyLag(serials=2, seconds=600.0)
    assert states.lag(at(states, ZONE, "eu-north-1")) == CopyLag(serials=0, seconds=0.0)
    assert states.lag(at(states, ZONE, "eu-west-1")) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b'{"lineage": "a", "serial": "x"}'])
def test_a_copy_of_another_lineage_or_a_corrupt_one_has_no_lag(
    world: World, content: bytes
) -> None:
    world.state("eu-west-1", ZONE, 7)
    world.state("eu-central-1", ZONE, 7, lineage="b")
    world.put("eu-north-1", f"{ZONE}.tfstate", content)
    states = read_states(world.settings, world.store)
    for region in ("eu-central-1", "eu-north-1"):
        assert states.lag(at(states, ZONE, region)) == CopyLag(serials=None, seconds=None)
    corrupt = at(states, ZONE, "eu-north-1").snapshot
    assert corrupt
    assert corrupt.is_corrupt


def test_a_lock_names_its_owner_and_time(world: World) -> None:
    world.lock("eu-west-1", ZONE)
    world.lock("eu-central-1", ZONE, b"not json")
    states = read_states(world.settings, world.store)
    holder = at(states, ZONE, "eu-west-1").holder
    assert str(holder) == "operator@host, apply since 2026-01-02 03:04:05 UTC"
    stale = at(states, ZONE, "eu-central-1")
    assert stale.is_locked
    assert stale.holder is None


def test_a_home_that_is_gone_is_reported_and_the_other_regions_are_seen(world: World) -> None:
    world.copies("eu-central-1")
    world.lose("eu-west-1")
    states = read_states(world.settings, world.store)
    assert at(states, ZONE, "eu-west-1").problem == (
        "example-iot-dev-eu-west-1 (eu-west-1): there is no such bucket"
    )
    copy = at(states, ZONE, "eu-central-1")
    assert copy.problem is None
    assert copy.snapshot
    assert states.lag(copy) is None


def test_a_damaged_fence_is_reported_by_its_place(world: World) -> None:
    world.put("eu-north-1", "promoted.json", b"{}")
    with pytest.raises(FenceError, match=r"s3://example-iot-dev-eu-north-1/dev/promoted\.json"):
        read_states(world.settings, world.store)
