"""The registers of a switch: what a use writes into them, and what it leaves alone."""

import json
from typing import Any

import pytest

from functions.register import parse_register
from iot_dr.common.user_error import UserError
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import AwsError, NotAllowedError
from iot_dr.observe.switch.registers import RegisterEntry, Registers, UnreadableRegisterError
from iot_dr.observe.switch.switching import NoRecordError
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place, used

WHO = "arn:aws:iam::111111111111:user/ada"
NAME = f"/iot-dr/example/dev/switch/register/{WEST}"
DENIED = b'{"__type": "AccessDeniedException", "message": "not you"}'


def parameter(place: Place, alarm_region: str) -> dict[str, Any]:
    (found,) = place.client("ssm", alarm_region).get_parameters(Names=[NAME])["Parameters"]
    return found


def entry(place: Place, alarm_region: str) -> dict[str, Any]:
    return json.loads(parameter(place, alarm_region)["Value"])


def refuse(place: Place, operation: str, alarm_region: str, part: bytes = b"") -> None:
    """Refuse an operation in an alarm region, if its body has a part."""

    def answer(request: ApiRequest) -> Reply | None:
        target = request.headers.get("X-Amz-Target", "")
        is_it = target.endswith(f".{operation}") and request.region == alarm_region
        return (
            Reply(400, DENIED, "application/x-amz-json-1.1")
            if is_it and part in request.body
            else None
        )

    place.faults.answers.insert(0, answer)


def test_a_use_writes_who_when_and_why_in_both_alarm_regions_as_publishers_read_it(
    place: Place,
) -> None:
    used(place.switching(WEST), WHO, "it {{drops}} messages", forced=False)
    for alarm_region in (CENTRAL, NORTH):
        written = entry(place, alarm_region)
        assert (written["value"], written["who"]) == ("away", WHO)
        assert written["reason"] == "it {{drops}} messages"
        read = parse_register(parameter(place, alarm_region))
        assert (read.value, read.number, read.without) == ("away", written["number"], "")
    kept = place.switching(WEST).newest().entry
    assert kept
    assert kept.number == entry(place, NORTH)["number"]


def test_each_use_has_a_number_above_all_that_any_alarm_region_has(place: Place) -> None:
    parameters = place.client("ssm", NORTH)
    text = '{"value": "back", "number": 99999999999}'
    parameters.put_parameter(Name=NAME, Value=text, Type="String", Overwrite=True)
    used(place.switching(WEST), WHO, "a test", forced=False)
    assert entry(place, CENTRAL)["number"] == entry(place, NORTH)["number"] == 100_000_000_000
    used(place.switching(WEST, "back"), WHO, "a test", forced=False)
    assert entry(place, CENTRAL)["number"] == 100_000_000_001


def test_a_switch_back_is_not_set_where_its_publisher_would_revert_it(place: Place) -> None:
    used(place.switching(WEST), WHO, "a test", forced=False)
    refuse(place, "PutParameter", NORTH, b"register")
    result = used(place.switching(WEST, "back"), WHO, "a test", forced=False)
    assert result.unset.keys() == {NORTH}
    assert place.values_put(WEST) == [1.0, 1.0, 0.0]
    assert (entry(place, CENTRAL)["value"], entry(place, NORTH)["value"]) == ("back", "away")


def test_a_switch_away_is_set_where_the_register_could_not_be_written(place: Place) -> None:
    refuse(place, "PutParameter", NORTH, b"register")
    result = used(place.switching(WEST), WHO, "a test", forced=False)
    assert result.unset == {}
    assert place.values_put(WEST) == [1.0, 1.0]


def test_without_any_register_nothing_is_set_unless_that_is_forced(place: Place) -> None:
    for alarm_region in (CENTRAL, NORTH):
        refuse(place, "PutParameter", alarm_region, b"register")
    with pytest.raises(NoRecordError, match="--force switches without a record"):
        used(place.switching(WEST, "back"), WHO, "a test", forced=False)
    assert place.values_put(WEST) == []
    kept = place.switching(WEST).newest().entry
    assert kept
    assert kept.outcome == "failed"
    result = used(place.switching(WEST, "back"), WHO, "a test", forced=True)
    assert place.values_put(WEST) == [0.0, 0.0]
    assert result.unset == {}


def test_a_forced_switch_back_says_which_registers_still_say_away(place: Place) -> None:
    used(place.switching(WEST), WHO, "a test", forced=False)
    for alarm_region in (CENTRAL, NORTH):
        refuse(place, "PutParameter", alarm_region, b"register")
    result = used(place.switching(WEST, "back"), WHO, "a test", forced=True)
    assert result.unset.keys() == {CENTRAL, NORTH}


@pytest.mark.parametrize(("before", "after"), [("away", "away"), ("back", "unset"), ("", "unset")])
def test_a_use_that_fails_leaves_only_a_former_away_to_be_published(
    before: str, after: str, place: Place
) -> None:
    if before:
        used(place.switching(WEST, "away" if before == "away" else "back"), WHO, "x", forced=False)
    for alarm_region in (CENTRAL, NORTH):
        refuse(place, "PutMetricData", alarm_region)
    with pytest.raises(NotAllowedError):
        used(place.switching(WEST, "back" if before == "away" else "away"), WHO, "x", forced=False)
    assert {entry(place, alarm_region)["value"] for alarm_region in (CENTRAL, NORTH)} == {after}


def test_a_use_that_fails_leaves_the_away_of_another_operator(place: Place) -> None:
    switching = place.switching(WEST)
    switching.register(WHO, "a test", forced=False)
    used(place.switching(WEST), "arn:aws:iam::111111111111:user/bob", "a test", forced=False)
    for alarm_region in (CENTRAL, NORTH):
        refuse(place, "PutMetricData", alarm_region)
    with pytest.raises(NotAllowedError):
        switching.set()
    assert {entry(place, alarm_region)["value"] for alarm_region in (CENTRAL, NORTH)} == {"away"}


def test_a_use_that_fails_and_cannot_be_reverted_says_so(place: Place) -> None:
    used(place.switching(WEST), WHO, "a test", forced=False)
    switching = place.switching(WEST, "back")
    switching.register(WHO, "a test", forced=False)
    for alarm_region in (CENTRAL, NORTH):
        refuse(place, "PutMetricData", alarm_region)
        refuse(place, "PutParameter", alarm_region, b"register")
    with pytest.raises(AwsError, match=f"register in {CENTRAL} and {NORTH} has the new value"):
        switching.set()
    kept = switching.newest().entry
    assert kept
    assert (switching.stage, kept.outcome) == ("registered", "begun")


def test_a_completion_without_an_alarm_region_leaves_the_away_of_another_operator(
    place: Place,
) -> None:
    switching = place.switching(WEST, "back")
    used(switching, WHO, "a test", forced=False)
    used(place.switching(WEST), "arn:aws:iam::111111111111:user/bob", "a test", forced=False)
    change = switching._registered  # noqa: SLF001 - without a change of Route 53
    assert change.complete_without(CENTRAL) == {}
    assert entry(place, NORTH)["value"] == "away"


def test_a_completion_without_an_alarm_region_returns_the_register_that_refuses(
    place: Place,
) -> None:
    switching = place.switching(WEST, "back")
    used(switching, WHO, "a test", forced=False)
    refuse(place, "PutParameter", NORTH, b"register")
    change = switching._registered  # noqa: SLF001 - as above
    assert change.complete_without(CENTRAL).keys() == {NORTH}


def test_a_switch_back_without_a_lost_alarm_region_says_so_once_it_is_completed(
    place: Place,
) -> None:
    used(place.switching(WEST), WHO, "a test", forced=False)
    place.faults.fail("refuse", CENTRAL)
    switching = place.switching(WEST, "back")
    used(switching, WHO, "a test", forced=False)
    before = entry(place, NORTH)
    assert before["without"] == ""
    route53 = place.client("route53", "us-east-1")
    children = {
        check["Id"]: check["HealthCheckConfig"].get("ChildHealthChecks")
        for check in route53.list_health_checks()["HealthChecks"]
    }
    for id_ in switching.remove_alarm_region(CENTRAL):
        # As it was, for other tests.
        route53.update_health_check(
            HealthCheckId=id_,
            ChildHealthChecks=children[id_],
            HealthThreshold=len(children[id_]),
        )
    after = entry(place, NORTH)
    assert (after["value"], after["without"]) == ("back", CENTRAL)
    assert after["number"] > before["number"]


def test_registers_are_read_by_alarm_region_with_the_reason_of_an_unknown_one(place: Place) -> None:
    place.client("ssm", NORTH).put_parameter(Name=NAME, Value="x", Type="String", Overwrite=True)
    registers = Registers(SETTINGS, Clients(None, CallLimits(connect=1, read=5, attempts=1)))
    read = registers.read(WEST)
    assert read[CENTRAL] is None
    assert isinstance(read[NORTH], UnreadableRegisterError)
    used(place.switching(WEST), WHO, "a test", forced=False)
    place.faults.fail("refuse", CENTRAL)
    read = registers.read(WEST)
    assert isinstance(read[CENTRAL], UserError)
    assert isinstance(read[NORTH], RegisterEntry)
