"""Keys of entities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.entity import Entity, EntityError, Half, Kind


def test_a_key_names_kind_and_name() -> None:
    assert Entity(Kind.THING, "sensor-1").key == "thing/sensor-1"
    assert Entity.shadow("sensor-1", "config", Half.DESIRED).key == "shadow/sensor-1/config/desired"
    classic = Entity.parse("shadow/sensor-1//reported")
    assert classic == Entity.shadow("sensor-1", "", Half.REPORTED)


def test_kinds_stand_in_the_order_in_which_they_need_each_other() -> None:
    kinds = list(Kind)
    for needed, by in [
        (Kind.THING_TYPE, Kind.THING), (Kind.THING_GROUP, Kind.THING),
        (Kind.POLICY, Kind.CERTIFICATE), (Kind.CERTIFICATE, Kind.THING), (Kind.THING, Kind.SHADOW),
    ]:  # fmt: skip
        assert kinds.index(needed) < kinds.index(by)


@pytest.mark.parametrize(
    "key",
    [
        "", "thing", "thing/", "thing/a b", "thing/a/b", "things/a", "Thing/a", "thing/ä",
        "thing/sensor-1\n", "thing/" + "a" * 129, "certificate/123", "certificate/" + "g" * 64,
        "shadow/sensor-1", "shadow/sensor-1/config", "shadow/sensor-1/config/delta",
        "shadow//config/desired", "shadow/sensor-1/a/b/desired", "policy/a/b",
    ],
)  # fmt: skip
def test_what_aws_allows_no_name_for_is_not_an_entity(key: str) -> None:
    with pytest.raises(EntityError):
        Entity.parse(key)


@given(st.text())
def test_a_text_is_an_entity_s_key_or_refused(key: str) -> None:
    try:
        entity = Entity.parse(key)
    except EntityError:
        return
    assert entity.key == key
