import resource

import pytest

from iot_dr.drill.fleet.machine import (
    Limits,
    TooFewDescriptorsError,
    measured_limits,
    most_links,
    raise_limit,
    refuse_too_many,
)
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.processes import children


@needs_mosquitto
@in_loop
async def test_what_the_machine_can_do_is_measured() -> None:
    limits = await measured_limits()

    assert limits.cores >= 1
    assert limits.descriptors == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    # No machine does less than ten, and none that exists does a hundred thousand.
    assert 10 < limits.connect_rate < 100_000
    assert not any("connect_process" in each or "mosquitto" in each for each in children().values())


_LIMITS = Limits(cores=2, descriptors=20_000, connect_rate=500)


def test_devices_that_the_machine_cannot_serve_are_seen() -> None:
    most = _LIMITS.most_devices(speed=10, ceiling=30)

    assert _LIMITS.machine(most, 10, 30).is_enough
    assert not _LIMITS.machine(most + 1, 10, 30).is_enough


def test_a_slower_clock_and_longer_waits_allow_more_devices() -> None:
    most = _LIMITS.most_devices(speed=10, ceiling=30)

    assert _LIMITS.most_devices(speed=5, ceiling=30) == 2 * most
    assert _LIMITS.most_devices(speed=10, ceiling=60) == 2 * most


def test_devices_need_two_open_files_each_in_a_region_and_one_in_the_fleet() -> None:
    few = Limits(cores=2, descriptors=256, connect_rate=500)

    assert few.most_devices(speed=1, ceiling=30) == most_links(256) // 2 < 128
    assert Limits(cores=2, descriptors=50, connect_rate=500).most_devices(1, 30) == 0


def test_too_few_open_files_are_reported_with_the_number_to_ask_for() -> None:
    most = most_links(raise_limit())

    refuse_too_many(most)
    message = rf"{most + 1} devices .* `ulimit -n {most + 101}`, or use at most {most} devices"
    with pytest.raises(TooFewDescriptorsError, match=message):
        refuse_too_many(most + 1)
