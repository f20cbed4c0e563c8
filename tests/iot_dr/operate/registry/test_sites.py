"""How often a region is asked."""

from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from iot_dr.operate.registry.sites import SHARE, RateLimit, ShadowCache, quota


@dataclass
class Time:
    now: float = 0.0
    slept: list[float] = field(default_factory=list[float])

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pace(time: Time, rate: float | None = None) -> RateLimit:
    return RateLimit(rate, lambda: time.now, time.sleep)


@pytest.mark.parametrize("operation", ["ListThings", "DescribeThing", "GetThingShadow"])
def test_an_api_is_called_below_its_default_quota(operation: str) -> None:
    time = Time()
    result = pace(time)
    for _ in range(21):
        result.wait(operation)
    assert 20 / time.now == pytest.approx(SHARE * quota(operation)[1])


def test_one_api_does_not_hold_up_another_but_all_of_shadows_count_as_one() -> None:
    time = Time()
    result = pace(time, rate=2)
    result.wait("ListThings")
    result.wait("DescribeThing")
    result.wait("GetThingShadow")
    assert time.slept == []
    result.wait("ListNamedShadowsForThing")
    assert time.slept == [0.5]


def test_a_pause_earns_no_burst() -> None:
    time = Time()
    result = pace(time, rate=1)
    result.wait("ListThings")
    time.now += 100
    result.wait("ListThings")
    result.wait("ListThings")
    assert time.slept == [1.0]


def test_every_request_of_a_client_is_held_back_before_anybody_answers_it() -> None:
    time, first = Time(), list[Any]()

    def register_first(event: str, handler: object) -> None:
        assert event == "before-send"
        first.append(handler)

    events = SimpleNamespace(register_first=register_first)
    pace(time, rate=1).attach(SimpleNamespace(meta=SimpleNamespace(events=events)))
    for _ in range(3):
        assert first[0](event_name="before-send.iot.ListThings", request=None) is None
    assert time.slept == [1.0, 1.0]


class Client:
    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def get_thing_shadow(self, **place: str) -> dict[str, Any]:
        self.asked.append(place)
        return {"payload": BytesIO(b"%d" % len(self.asked))}

    def list_named_shadows_for_thing(self, **_place: str) -> str:
        return "as it is"


def read(shadow: ShadowCache, **place: str) -> bytes:
    return shadow.get_thing_shadow(**place)["payload"].read()


def test_both_halves_come_of_one_answer_and_the_next_pair_of_another() -> None:
    client = Client()
    shadow = ShadowCache(client, lambda: 0.0)
    assert [read(shadow, thingName="a") for _ in range(4)] == [b"1", b"1", b"2", b"2"]


def test_another_shadow_and_a_later_time_are_asked_for() -> None:
    client, now = Client(), [0.0]
    shadow = ShadowCache(client, lambda: now[0])
    assert read(shadow, thingName="a") == b"1"
    assert read(shadow, thingName="a", shadowName="b") == b"2"
    assert read(shadow, thingName="a") == b"3"
    now[0] = 1.0
    assert read(shadow, thingName="a") == b"4"


def test_all_else_is_the_clients() -> None:
    assert ShadowCache(Client()).list_named_shadows_for_thing(thingName="a") == "as it is"
