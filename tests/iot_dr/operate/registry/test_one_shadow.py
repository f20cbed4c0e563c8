"""One answer for both halves of a shadow."""

from io import BytesIO
from typing import Any

from iot_dr.operate.registry.one_shadow import OneShadow


class Client:
    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def get_thing_shadow(self, **place: str) -> dict[str, Any]:
        self.asked.append(place)
        return {"payload": BytesIO(b"%d" % len(self.asked))}

    def list_named_shadows_for_thing(self, **_place: str) -> str:
        return "as it is"


def read(shadow: OneShadow, **place: str) -> bytes:
    return shadow.get_thing_shadow(**place)["payload"].read()


def test_both_halves_come_of_one_answer_and_the_next_pair_of_another() -> None:
    client = Client()
    shadow = OneShadow(client, lambda: 0.0)
    assert [read(shadow, thingName="a") for _ in range(4)] == [b"1", b"1", b"2", b"2"]


def test_another_shadow_and_a_later_time_are_asked_for() -> None:
    client, now = Client(), [0.0]
    shadow = OneShadow(client, lambda: now[0])
    assert read(shadow, thingName="a") == b"1"
    assert read(shadow, thingName="a", shadowName="b") == b"2"
    assert read(shadow, thingName="a") == b"3"
    now[0] = 1.0
    assert read(shadow, thingName="a") == b"4"


def test_all_else_is_the_clients() -> None:
    assert OneShadow(Client()).list_named_shadows_for_thing(thingName="a") == "as it is"
