"""Halves of shadows."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity
from functions.registry.state import canonical_json
from tests.functions.registry.access.here import Here
from tests.support.examples import examples

DESIRED = Entity.parse("shadow/sensor-1/config/desired")
REPORTED = Entity.parse("shadow/sensor-1/config/reported")
CLASSIC = Entity.parse("shadow/sensor-1//desired")

# No nulls in objects: in a shadow they mean that there is nothing.
_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner | st.none(), max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
_DOCUMENTS = st.dictionaries(st.sampled_from("abcdeü"), _VALUES, max_size=4)


@pytest.fixture(autouse=True)
def thing(here: Here, there: Here) -> None:
    """Moto wants one; AWS does not."""
    for region in (here, there):
        region.iot.create_thing(thingName="sensor-1")
        region.forget()


def _shadow(here: Here, **state: Any) -> None:
    """Update the shadow as a device or an application does."""
    payload = json.dumps({"state": state})
    here.iot_data.update_thing_shadow(thingName="sensor-1", shadowName="config", payload=payload)
    here.forget()


def _payload(here: Here) -> dict[str, Any]:
    """Return what was sent by the last call, an update."""
    assert here.calls[-1] == "UpdateThingShadow"
    return json.loads(here.given[-1]["payload"])


@pytest.mark.parametrize("entity", [DESIRED, REPORTED, CLASSIC])
def test_a_half_goes_over(here: Here, there: Here, entity: Entity) -> None:
    state = {"document": {"colour": {"r": 1, "g": [1, {"b": None}]}, "on": True}}
    there.access.write(entity, state)
    here.access.write(entity, there.access.read(entity))
    assert here.access.read(entity) == state


def test_halves_that_are_missing_or_empty_are_none(here: Here) -> None:
    assert here.access.read(DESIRED) is None
    _shadow(here, desired={}, reported={"on": True})
    assert here.access.read(DESIRED) is None
    for entity in (DESIRED, CLASSIC):
        here.access.write(entity, None)
        here.access.write(entity, {"document": {}})
    assert here.changes == []


@given(first=_DOCUMENTS, second=_DOCUMENTS)
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_half_becomes_any_other_and_a_second_write_changes_nothing(
    here: Here, first: dict[str, Any], second: dict[str, Any]
) -> None:
    for document in (first, second):
        state = {"document": document} if document else None
        here.access.write(DESIRED, state)
        assert canonical_json(here.access.read(DESIRED)) == canonical_json(state)
        here.forget()
        here.access.write(DESIRED, state)
        assert here.changes == []


def test_the_other_half_stays(here: Here) -> None:
    _shadow(here, desired={"on": True}, reported={"on": False})
    here.access.write(DESIRED, {"document": {"on": False, "level": 3}})
    assert here.access.read(REPORTED) == {"document": {"on": False}}
    here.access.write(DESIRED, None)
    assert here.access.read(DESIRED) is None
    assert here.access.read(REPORTED) == {"document": {"on": False}}
    assert "DeleteThingShadow" not in here.calls


def test_the_last_half_takes_the_shadow_with_it(here: Here) -> None:
    _shadow(here, desired={"on": True})
    here.access.write(DESIRED, None)
    assert here.changes == ["DeleteThingShadow"]
    here.forget()
    here.access.write(DESIRED, None)
    assert here.changes == []


def test_only_what_differs_is_sent_and_what_is_to_go_is_null(here: Here) -> None:
    document = {
        "same": 1,
        "gone": 1,
        "in": {"same": 1, "gone": 1, "new": 1},
        "list": [1, 2],
        "was": 1,
    }
    _shadow(here, desired=document)
    wanted = {"same": 1, "in": {"same": 1, "new": 2}, "list": [2], "was": {"b": 1}, "now": 1}
    here.access.write(DESIRED, {"document": wanted})
    assert _payload(here)["state"] == {
        "desired": {
            "gone": None,
            "in": {"gone": None, "new": 2},
            "list": [2],
            "was": {"b": 1},
            "now": 1,
        }
    }


def test_true_is_not_taken_for_1(here: Here) -> None:
    _shadow(here, desired={"on": 1, "list": [0]})
    here.access.write(DESIRED, {"document": {"on": True, "list": [False]}})
    assert _payload(here)["state"] == {"desired": {"on": True, "list": [False]}}


def test_an_update_can_be_identified_by_its_token_and_names_the_version_that_was_read(
    here: Here,
) -> None:
    here.access.write(DESIRED, {"document": {"on": True}})
    first = _payload(here)
    assert "version" not in first
    here.access.write(DESIRED, {"document": {"on": False}})
    second = _payload(here)
    assert second["version"] == 1
    assert first["clientToken"] != second["clientToken"]
    for token in (first["clientToken"], second["clientToken"]):
        assert token.startswith("iot-dr-")
        assert len(token) <= 64


def test_a_shadow_that_changes_at_the_same_time_is_tried_again(here: Here) -> None:
    _shadow(here, desired={"on": True})
    old = here.iot_data.get_thing_shadow(thingName="sensor-1", shadowName="config")
    payload = old["payload"].read()
    _shadow(here, desired={"on": False})
    here.answers["GetThingShadow"] = lambda _given: {"payload": io.BytesIO(payload)}
    with pytest.raises(
        RetryableError, match=r"^shadow/sensor-1/config/desired: .*ConflictException"
    ):
        here.access.write(DESIRED, {"document": {"level": 3}})


def test_numbers_and_texts_come_as_they_were(here: Here, there: Here) -> None:
    text = (
        '{"state": {"desired": {"big": 123456789012345678901234567890, "tenth": 0.1, '
        '"small": 1e-300, "name": "Gr\\u00fc\\u00dfe \\ud83d\\ude00", "half": "\\ud800"}}}'
    )
    there.iot_data.update_thing_shadow(thingName="sensor-1", shadowName="config", payload=text)
    here.access.write(DESIRED, there.access.read(DESIRED))
    assert here.access.read(DESIRED) == {"document": json.loads(text)["state"]["desired"]}
    sent = here.given[-2]["payload"]
    assert "Grüße 😀".encode() in sent
    assert rb"\ud800" in sent


@pytest.mark.parametrize(
    "text",
    ['{"state": {"desired": {"a": 1e999}}}', '{"state": {"desired": {"a": NaN}}}', "{", "[]"],
)
def test_what_has_no_place_in_json_never_goes_over(here: Here, text: str) -> None:
    here.answers["GetThingShadow"] = lambda _given: {"payload": io.BytesIO(text.encode())}
    with pytest.raises(PermanentError, match=r"^shadow/sensor-1/config/desired: "):
        here.access.read(DESIRED)


def test_a_shadow_over_the_limit_never_works(here: Here) -> None:
    # moto takes any size.
    here.refuse("UpdateThingShadow", "RequestEntityTooLargeException", status=413)
    with pytest.raises(PermanentError, match="UpdateThingShadow: RequestEntityTooLargeException"):
        here.access.write(DESIRED, {"document": {"text": "x" * 9000}})


@pytest.mark.parametrize("document", [None, [], "text", 1])
def test_a_half_that_is_not_an_object_never_works(here: Here, document: Any) -> None:
    with pytest.raises(PermanentError, match="document of its state must be of type dict"):
        here.access.write(DESIRED, {"document": document})


def test_a_thing_is_waited_for_where_aws_asks_for_one(here: Here) -> None:
    # moto does, AWS does not.
    with pytest.raises(RetryableError, match="ResourceNotFoundException"):
        here.access.write(Entity.parse("shadow/other/config/desired"), {"document": {"on": True}})


def test_a_shadow_needs_no_thing(here: Here) -> None:
    taken: list[Mapping[str, Any]] = []

    def update(given: Mapping[str, Any]) -> Mapping[str, Any]:
        taken.append(given)
        return {}

    here.answers["UpdateThingShadow"] = update
    here.access.write(Entity.parse("shadow/other//desired"), {"document": {"on": True}})
    assert [given["thingName"] for given in taken] == ["other"]
    assert here.calls == ["GetThingShadow", "UpdateThingShadow"]
