"""The store distinguishes a missing object from a region that does not answer."""

import socket
from functools import partial

import pytest

from iot_dr.observe.state.store import Store, StoreError, UnreachableError
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import World

STATE = StateLocation(
    bucket="example-iot-dev-eu-west-1", key="dev/iot-dev-state.tfstate", region="eu-west-1"
)


def test_what_is_written_is_read_and_what_is_deleted_is_none(world: World) -> None:
    assert world.store.read(STATE) is None
    world.store.write(STATE, b"one")
    world.store.write(STATE, b"two")
    stored = world.store.read(STATE)
    assert stored
    assert stored.content == b"two"
    world.store.delete(STATE)
    world.store.delete(STATE)
    assert world.store.read(STATE) is None


def test_an_object_is_created_once(world: World) -> None:
    world.store.create(STATE, b"first")
    with pytest.raises(StoreError, match="example-iot-dev-eu-west-1"):
        world.store.create(STATE, b"second")
    stored = world.store.read(STATE)
    assert stored
    assert stored.content == b"first"


def test_a_bucket_that_is_gone_is_reported_by_its_name(world: World) -> None:
    assert world.store.has_bucket(STATE)
    world.lose("eu-west-1")
    assert not world.store.has_bucket(STATE)
    with pytest.raises(UnreachableError, match=r"example-iot-dev-eu-west-1 \(eu-west-1\): there"):
        world.store.read(STATE)


def test_a_region_where_nobody_listens_does_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        store = Store(None)
        for call in (store.has_bucket, store.read, store.delete, partial(store.write, content=b"")):
            with pytest.raises(UnreachableError, match="does not answer"):
                call(STATE)
    assert world.store.has_bucket(STATE)


def test_missing_credentials_are_not_reported_as_an_outage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    store = Store(None)
    for call in (store.has_bucket, store.read):
        with pytest.raises(StoreError, match=r"no usable AWS credentials: .*; `iot-dr doctor`"):
            call(STATE)
    assert world.store.has_bucket(STATE)


def test_a_role_is_assumed_by_the_regions_own_sts(world: World) -> None:
    world.state("eu-central-1", "iot-dev-state", 1)
    place = StateLocation(
        bucket="example-iot-dev-eu-central-1", key=STATE.key, region="eu-central-1"
    )
    assert Store("arn:aws:iam::111111111111:role/deploy").read(place)
