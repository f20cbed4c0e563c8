"""Where the device name leads, as a resolver answers."""

import socket

import pytest

from functions.probe.deadline import Deadline
from functions.watcher.device_name import DeviceNameProbe, LedAwayError

DEVICE_NAME = "mqtt.iot-dev.example.com"
PRIMARY = "mqtt-eu-west-1.iot-dev.example.com"
STANDBY = "mqtt-eu-central-1.iot-dev.example.com"
THIRD = "mqtt-eu-north-1.iot-dev.example.com"
ENDPOINT = "a1-ats.iot.eu-central-1.amazonaws.com"


def probe(*names: str) -> DeviceNameProbe:
    def lookup(name: str) -> tuple[str, list[str], list[str]]:
        assert name == DEVICE_NAME
        if not names:
            raise socket.gaierror
        return names[0], list(names[1:]), ["192.0.2.1"]

    regions = {PRIMARY: "eu-west-1", STANDBY: "eu-central-1"}
    followed = DeviceNameProbe(
        DEVICE_NAME, watched="eu-west-1", earlier=(), regions=regions, lookup=lookup
    )
    followed(Deadline(1))
    return followed


@pytest.mark.parametrize(
    "names",
    [
        pytest.param((ENDPOINT, DEVICE_NAME, PRIMARY), id="the primary's name"),
        pytest.param((ENDPOINT, DEVICE_NAME), id="no name that is known"),
        pytest.param((), id="a lookup that fails"),
    ],
)
def test_devices_that_are_led_to_the_primary_or_nobody_knows_where_are_left_alone(
    names: tuple[str, ...],
) -> None:
    assert probe(*names).has_led_here == (PRIMARY in names)


def test_devices_that_are_led_to_another_region_are_noticed() -> None:
    with pytest.raises(LedAwayError):
        probe(ENDPOINT, DEVICE_NAME, STANDBY)


def test_the_last_name_of_the_answer_may_be_a_regional_name() -> None:
    with pytest.raises(LedAwayError):
        probe(STANDBY, DEVICE_NAME)


def test_it_knows_whether_the_name_has_led_to_the_primary() -> None:
    answers = iter([PRIMARY, STANDBY])
    followed = DeviceNameProbe(
        DEVICE_NAME,
        watched="eu-west-1",
        earlier=(),
        regions={PRIMARY: "eu-west-1", STANDBY: "eu-central-1"},
        lookup=lambda name: (ENDPOINT, [name, next(answers)], []),
    )
    assert not followed.has_led_here
    followed(Deadline(1))
    assert followed.has_led_here
    with pytest.raises(LedAwayError):
        followed(Deadline(1))
    assert followed.has_led_here


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [(PRIMARY, "eu-west-1"), (STANDBY, "eu-central-1"), (ENDPOINT, "")],
)
def test_a_standby_is_not_passed_while_devices_use_it_or_an_earlier_region(
    name: str, leads_to: str
) -> None:
    followed = DeviceNameProbe(
        DEVICE_NAME,
        watched="eu-central-1",
        earlier=["eu-west-1"],
        regions={PRIMARY: "eu-west-1", STANDBY: "eu-central-1", THIRD: "eu-north-1"},
        lookup=lambda asked: (name, [asked], []),
    )
    followed(Deadline(1))
    assert (followed.leads_to, followed.has_led_here) == (leads_to, bool(leads_to))


def test_an_answer_after_a_watched_standby_is_noticed() -> None:
    followed = DeviceNameProbe(
        DEVICE_NAME,
        watched="eu-central-1",
        earlier=["eu-west-1"],
        regions={PRIMARY: "eu-west-1", STANDBY: "eu-central-1", THIRD: "eu-north-1"},
        lookup=lambda asked: (THIRD, [asked], []),
    )
    with pytest.raises(LedAwayError):
        followed(Deadline(1))
    assert (followed.leads_to, followed.has_led_here) == ("eu-north-1", False)
