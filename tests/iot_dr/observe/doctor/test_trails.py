"""Trails: room for the stacks' own, or one of the account that logs what writes."""

from typing import Any

import pytest

from iot_dr.observe.doctor.checks import trails
from tests.iot_dr.observe.doctor.world import CENTRAL, WEST, World, only, statuses
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

CLASSIC = {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "All"}]}


def advanced(**fields: tuple[str, list[str]]) -> dict[str, Any]:
    every = {"eventCategory": ("Equals", ["Management"]), **fields}
    selectors = [{"Field": name, how: values} for name, (how, values) in every.items()]
    return {"AdvancedEventSelectors": [{"FieldSelectors": selectors}]}


def world(count: int, selectors: object = CLASSIC, **data: object) -> World:
    listed = [
        {"Name": f"trail-{number}", "TrailARN": f"arn:aws:cloudtrail:{WEST}:222222222222:trail/t"}
        for number in range(count)
    ]
    answers: Any = {
        ("describe_trails", WEST): {"trailList": listed},
        ("describe_trails", CENTRAL): {"trailList": []},
        "get_trail_status": {"IsLogging": selectors is not None},
        "get_event_selectors": selectors,
    }
    return World(answers, settings=settings(data=data))


def test_a_sixth_trail_of_a_region_blocks_a_deploy(synthesis: Synthesis) -> None:
    full, free = trails.examine(world(5).account(synthesis))
    assert (full.region, full.status, full.blocks) == (WEST, "missing", True)
    names = "trail-0, trail-1, trail-2, trail-3, trail-4"
    assert full.message == (
        f"5 used of 5 ({names}), and 1 more is needed; AWS does not raise this quota"
    )
    assert "data.create_trail" in full.remedy
    assert (free.status, free.message) == ("ok", "0 used of 5, 1 more needed")


def test_a_fifth_trail_and_one_in_the_state_have_room(synthesis: Synthesis) -> None:
    assert statuses(trails.examine(world(4).account(synthesis)))[0] == (WEST, "ok")
    own = world(5)
    own.state(f"iot-dev-device-registry-{WEST}", "aws_cloudtrail.registry_trail", region=WEST)
    assert statuses(trails.examine(own.account(synthesis)))[0] == (WEST, "ok")


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]},
        advanced(),
        advanced(readOnly=("Equals", ["false"])),
        advanced(eventSource=("NotEquals", ["kms.amazonaws.com"])),
    ],
)
def test_a_trail_of_the_account_that_logs_writes_is_enough(
    synthesis: Synthesis, selectors: object
) -> None:
    account = world(5, selectors, create_trail=False).account(synthesis)
    assert account.of_type("aws_cloudtrail") == []
    west, central = trails.examine(account)
    assert (west.status, west.message) == ("ok", "trail-0 logs management events that write")
    assert (central.status, central.blocks) == ("missing", True)


@pytest.mark.parametrize(
    "selectors",
    [
        None,
        {},
        {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}]},
        {"EventSelectors": [{"IncludeManagementEvents": False, "ReadWriteType": "All"}]},
        advanced(readOnly=("Equals", ["true"])),
        advanced(eventSource=("NotEquals", ["iot.amazonaws.com"])),
        advanced(eventName=("Equals", ["CreateThing"])),
        advanced(eventCategory=("Equals", ["Data"])),
    ],
    ids=["stopped", "none", "reads", "data", "advanced reads", "not iot", "one call", "category"],
)
def test_a_trail_that_does_not_log_writes_is_not_enough(
    synthesis: Synthesis, selectors: object
) -> None:
    west = next(iter(trails.examine(world(1, selectors, create_trail=False).account(synthesis))))
    assert (west.status, west.blocks) == ("missing", True)
    assert "no trail logs management events that write" in west.message


def test_without_data_no_trail_is_needed(synthesis: Synthesis) -> None:
    assert only(trails.examine(World({}).account(synthesis))).status == "ok"
