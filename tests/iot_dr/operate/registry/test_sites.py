"""How often a region is asked."""

from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.status.comparison_quota import SHARE
from iot_dr.operate.registry.sites import RateLimit, RegistryClients, ShadowCache, quota
from tests.iot_dr.operate.registry.conftest import DEV


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


class Quotas(Clients):
    """Answers with a quota of the account, and a number of things, or refuses both."""

    def __init__(self, quota: float | None, things: int | None = None) -> None:
        super().__init__(None)
        self._quota, self._things = quota, things

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        if method == "get_service_quota" and self._quota is not None:
            assert arguments["QuotaCode"] == "L-00ACEBE9"
            return {"Quota": {"Value": self._quota}}
        if method == "get_statistics" and self._things is not None:
            return {"statistics": {"count": self._things}}
        raise NoAnswerError(f"{service} in {region}: no answer")


@pytest.mark.parametrize(
    ("quota", "things", "rate", "text"),
    [
        (10, 1_000_000, None, "about 34.7 h for 1,000,000 things, at 8 a second of 10"),
        (10, 1_000_000, None, "for an hour request 348: aws service-quotas"),
        (100, 1_000_000, None, "with --rate 80 3.5 h"),
        (100, 1_000_000, 80.0, "about 3.5 h for 1,000,000 things, at 80 a second of 100"),
        (10, 1_000_000, 80.0, "about 27.8 h"),
        (10, None, None, "about 3.5 h for 100,000 things"),
        (None, None, None, "eu-west-1: unknown how long it takes: service-quotas in eu-west-1"),
    ],
)
def test_how_long_a_comparison_takes_is_said_by_the_account_s_own_quota(
    quota: float | None, things: int | None, rate: float | None, text: str
) -> None:
    assert text in RegistryClients(DEV, rate, Quotas(quota, things)).estimate("eu-west-1")
