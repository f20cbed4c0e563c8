"""How often a region is asked."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from iot_dr.operate.registry.pace import SHARE, Pace
from iot_dr.operate.registry.quotas import quota


@dataclass
class Time:
    now: float = 0.0
    slept: list[float] = field(default_factory=list[float])

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pace(time: Time, rate: float | None = None) -> Pace:
    return Pace(rate, lambda: time.now, time.sleep)


@pytest.mark.parametrize("operation", ["ListThings", "DescribeThing", "GetThingShadow"])
def test_an_api_is_called_below_its_default_quota(operation: str) -> None:
    time = Time()
    held = pace(time)
    for _ in range(21):
        held.wait(operation)
    assert 20 / time.now == pytest.approx(SHARE * quota(operation)[1])


def test_one_api_does_not_hold_up_another_but_all_of_shadows_count_as_one() -> None:
    time = Time()
    held = pace(time, rate=2)
    held.wait("ListThings")
    held.wait("DescribeThing")
    held.wait("GetThingShadow")
    assert time.slept == []
    held.wait("ListNamedShadowsForThing")
    assert time.slept == [0.5]


def test_a_pause_earns_no_burst() -> None:
    time = Time()
    held = pace(time, rate=1)
    held.wait("ListThings")
    time.now += 100
    held.wait("ListThings")
    held.wait("ListThings")
    assert time.slept == [1.0]


def test_every_request_of_a_client_is_held_back_before_anybody_answers_it() -> None:
    time, first = Time(), list[Any]()

    def register_first(event: str, handler: object) -> None:
        assert event == "before-send"
        first.append(handler)

    events = SimpleNamespace(register_first=register_first)
    pace(time, rate=1).hold(SimpleNamespace(meta=SimpleNamespace(events=events)))
    for _ in range(3):
        assert first[0](event_name="before-send.iot.ListThings", request=None) is None
    assert time.slept == [1.0, 1.0]
