"""Where the device name leads, as a resolver answers."""

import socket

import pytest

from functions.probe.deadline import Deadline
from functions.watcher.device_name import DeviceNameProbe, LedAwayError

DEVICE_NAME = "mqtt.iot-dev.example.com"
PRIMARY = "mqtt-eu-west-1.iot-dev.example.com"
STANDBY = "mqtt-eu-central-1.iot-dev.example.com"
ENDPOINT = "a1-ats.iot.eu-central-1.amazonaws.com"


def probe(*names: str) -> DeviceNameProbe:
    def lookup(name: str) -> tuple[str, list[str], list[str]]:
        assert name == DEVICE_NAME
        if not names:
            raise socket.gaierror
        return names[0], list(names[1:]), ["192.0.2.1"]

    regions = {PRIMARY: "eu-west-1", STANDBY: "eu-central-1"}
    followed = DeviceNameProbe(DEVICE_NAME, primary="eu-west-1", regions=regions, lookup=lookup)
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
    assert probe(*names).has_led_to_primary == (PRIMARY in names)


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
        primary="eu-west-1",
        regions={PRIMARY: "eu-west-1", STANDBY: "eu-central-1"},
        lookup=lambda name: (ENDPOINT, [name, next(answers)], []),
    )
    assert not followed.has_led_to_primary
    followed(Deadline(1))
    assert followed.has_led_to_primary
    with pytest.raises(LedAwayError):
        followed(Deadline(1))
    assert followed.has_led_to_primary
