"""The number of devices that a drill rehearses, and what it says about it."""

from iot_dr.drill.drill import DEVICES, fewer_devices
from iot_dr.drill.fleet.machine import Limits
from tests.iot_dr.drill.report.reports import report
from tests.support.drill_recordings import kill, rehearsed

SLOW = Limits(cores=2, descriptors=4096, connect_rate=182)


def test_a_drill_with_fewer_devices_than_by_default_says_why() -> None:
    why = fewer_devices(145, SLOW, 15)
    assert why.startswith("145 devices instead of 300: this machine connects 182 devices a second")
    assert "--speed 15" in why
    written = report(rehearsed(kill(20, fewer=why)), rehearsed(kill(20, fewer=why)))
    assert " ".join(written.text().split()).count(why) == 1
    assert written.document()["outages"][0]["fewer"] == why


def test_a_drill_with_as_many_devices_as_by_default_says_nothing() -> None:
    assert fewer_devices(DEVICES, SLOW, 15) == ""
