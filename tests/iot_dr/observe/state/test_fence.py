"""A fence is read completely or reported as damaged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.observe.state.fence import Fence, FenceError, fence_location
from stacks.state_location import StateLocation

PLACE = fence_location(StateLocation(bucket="b", key="dev/iot-dev-state.tfstate", region="r"))
FENCE = Fence(
    owner_region="eu-central-1",
    owner_bucket="b",
    former_bucket="a",
    since="2026-01-02T03:04:05+00:00",
    keys=("dev/x.tfstate",),
)


def test_what_is_written_is_read() -> None:
    assert PLACE.key == "dev/promoted.json"
    assert Fence.read(FENCE.content(), PLACE) == FENCE


@given(st.binary())
def test_other_content_than_a_fence_is_reported(content: bytes) -> None:
    with pytest.raises(FenceError, match=r"s3://b/dev/promoted\.json"):
        Fence.read(content, PLACE)


@pytest.mark.parametrize(
    "change",
    [
        {"keys": "dev"},
        {"keys": [1]},
        {"owner_region": 1},
        {"owner_region": "\x1b[2Jeu-west-1"},
        {"former_bucket": "a\u202e"},
    ],
)
def test_a_fence_of_another_form_is_reported(change: dict[str, object]) -> None:
    with pytest.raises(FenceError):
        Fence.read(json.dumps(json.loads(FENCE.content()) | change).encode(), PLACE)


def test_a_fence_that_is_nested_deep_is_reported() -> None:
    with pytest.raises(FenceError, match="deeper than"):
        Fence.read(b"[" * 100_000, PLACE)


@given(st.integers(min_value=0, max_value=len(FENCE.content()) - 1))
def test_a_fence_cut_short_is_reported(length: int) -> None:
    with pytest.raises(FenceError):
        Fence.read(FENCE.content()[:length], PLACE)


@pytest.mark.parametrize("name", ["owner_region", "owner_bucket", "former_bucket", "since", "keys"])
def test_a_fence_that_lacks_something_is_reported(name: str) -> None:
    document = json.loads(FENCE.content())
    del document[name]
    with pytest.raises(FenceError):
        Fence.read(json.dumps(document).encode(), PLACE)
