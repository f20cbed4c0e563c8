"""A record of abandoned regions is read completely or reported as damaged."""

import json
from typing import Any

import pytest

from iot_dr.observe.state.abandoned import (
    AbandonedRecordError,
    AbandonedRegion,
    abandoned_in,
    abandoned_location,
    content_of,
)
from stacks.state_location import StateLocation

PLACE = abandoned_location(StateLocation(bucket="b", key="dev/iot-dev-state.tfstate", region="r"))
REGION = AbandonedRegion(
    region="eu-west-1",
    since="2026-01-02T03:04:05+00:00",
    who="ops@host",
    serial=3,
    resources={"iot-dev-entry-point": {"aws_x.y": "id"}},
)


def test_what_is_written_is_read() -> None:
    assert abandoned_in(content_of((REGION,)), PLACE) == (REGION,)
    assert abandoned_in(None, PLACE) == ()


@pytest.mark.parametrize(
    "change",
    [{"resources": ["aws_x.y"]}, {"resources": {"a": "b"}}, {"serial": "3"}, {"region": None}],
)
def test_a_record_of_another_form_is_reported(change: dict[str, Any]) -> None:
    record = json.loads(content_of((REGION,)))
    record["regions"][0] |= change
    with pytest.raises(AbandonedRecordError, match=r"s3://b/dev/abandoned\.json: is not a read"):
        abandoned_in(json.dumps(record).encode(), PLACE)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{}", b"\xff", b""])
def test_another_file_is_reported(content: bytes) -> None:
    with pytest.raises(AbandonedRecordError):
        abandoned_in(content, PLACE)
