"""The ids of the health checks, wherever they can be read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from iot_dr.observe.state.store import Store, StoredObject, UnreachableError
from iot_dr.observe.status.check_ids import CheckIdsError, check_ids_in_state
from stacks.state_location import StateLocation
from tests.iot_dr.observe.status.world import CENTRAL, SETTINGS, WEST
from tests.support.state_files import state_file

IDS = {WEST: {"tcp": "1", "deep": "2"}, CENTRAL: {"tcp": "3"}}
STATE = state_file(outputs={"health_check_ids": IDS})


@dataclass
class Buckets(Store):
    """State buckets by region: a state, None for no object, or an error for no answer."""

    content: dict[str, bytes | Callable[[], bytes] | None]

    def read(self, location: StateLocation) -> StoredObject | None:
        assert location.key == "dev/iot-dev-entry-point.tfstate"
        region_objects = self.content[location.region]
        content = region_objects() if callable(region_objects) else region_objects
        return None if content is None else StoredObject(content, datetime(2026, 1, 2, tzinfo=UTC))


def gone() -> bytes:
    raise UnreachableError("gone")


def test_homes_state_is_read_before_a_copy() -> None:
    old = STATE.replace(b'"3"', b'"old"')
    assert check_ids_in_state(SETTINGS, Buckets({WEST: STATE, CENTRAL: old}), 5) == IDS


@pytest.mark.parametrize("home", [gone, None, b"{}", b"no json", b'{"outputs": []}'])
def test_a_copy_is_read_if_homes_state_is_unusable(
    home: bytes | Callable[[], bytes] | None,
) -> None:
    assert check_ids_in_state(SETTINGS, Buckets({WEST: home, CENTRAL: STATE}), 5) == IDS


def test_each_reason_is_reported_once_with_advice() -> None:
    with pytest.raises(CheckIdsError) as raised:
        check_ids_in_state(SETTINGS, Buckets({WEST: b"{}", CENTRAL: None}), 5)
    message = str(raised.value)
    assert "dev-eu-west-1/dev/iot-dev-entry-point.tfstate hands over no health_check_ids" in message
    assert "in example-iot-dev-eu-central-1; is the entry point applied?" in message
    with pytest.raises(CheckIdsError, match=r"^gone$"):
        check_ids_in_state(SETTINGS, Buckets({WEST: gone, CENTRAL: gone}), 5)
