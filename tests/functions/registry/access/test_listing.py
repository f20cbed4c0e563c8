"""What a region holds, page by page."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from moto.iot.models import iot_backends

from functions.registry.access import PermanentError, excluded
from functions.registry.entity import Entity, Kind
from tests.functions.registry.access.here import ACCOUNT, Here

_ID = "0123456789abcdef" * 4
_ANSWERS = {
    Kind.THING_TYPE: ("ListThingTypes", "thingTypes", {"thingTypeName": "lamp"}, "nextToken"),
    Kind.THING_GROUP: ("ListThingGroups", "thingGroups", {"groupName": "plant"}, "nextToken"),
    Kind.POLICY: ("ListPolicies", "policies", {"policyName": "read"}, "nextMarker"),
    Kind.CERTIFICATE: ("ListCertificates", "certificates", {"certificateId": _ID}, "nextMarker"),
    Kind.CA_CERTIFICATE: (
        "ListCACertificates", "certificates", {"certificateId": _ID}, "nextMarker",
    ),
    Kind.THING: ("ListThings", "things", {"thingName": "sensor"}, "nextToken"),
}  # fmt: skip


def _seed(here: Here, names: list[str]) -> None:
    """Make things in moto itself: a call for each would take seconds."""
    for name in names:
        iot_backends[ACCOUNT][here.region].create_thing(name, "", None)


@pytest.mark.parametrize("kind", _ANSWERS)
def test_a_list_goes_on_where_another_one_stopped(here: Here, kind: Kind) -> None:
    # Of these moto has ListThings in pages, and ListCACertificates not at all.
    operation, items, item, next_token = _ANSWERS[kind]
    token = "marker" if next_token == "nextMarker" else "nextToken"
    given_cursors: list[str | None] = []

    def listed(given: Mapping[str, Any]) -> Mapping[str, Any]:
        cursor = given.get(token)
        given_cursors.append(cursor)
        following = {None: "one", "one": "two"}.get(cursor)
        return {items: [item], **({next_token: following} if following else {})}

    here.answers[operation] = listed
    here.answers["DescribeThingGroup"] = lambda _given: {}
    first = next(here.access.entities(kind))
    assert first.cursor == "one"
    rest = list(here.access.entities(kind, first.cursor))
    assert given_cursors == [None, "one", "two"]
    assert [page.cursor for page in rest] == ["two", None]
    assert [entity.kind for page in (first, *rest) for entity in page.entities] == [kind] * 3


def test_things_come_in_pages(here: Here) -> None:
    names = [f"sensor-{number:03}" for number in range(260)]
    _seed(here, names)
    first, second = here.access.entities(Kind.THING)
    assert len(first.entities) == 250
    listed = [entity.name for entity in (*first.entities, *second.entities)]
    assert listed == names


def test_all_kinds_are_listed(here: Here, issue: Callable[[str], str]) -> None:
    pem = issue("device-1")
    here.iot.create_thing_type(thingTypeName="lamp")
    here.iot.create_thing_group(thingGroupName="plants")
    here.iot.create_thing_group(thingGroupName="plant-1", parentGroupName="plants")
    here.iot.create_policy(policyName="read", policyDocument="{}")
    here.iot.register_certificate_without_ca(
        certificatePem=pem[pem.index("-----BEGIN CERTIFICATE") :]
    )
    here.iot.create_thing(thingName="sensor-1")
    counts = {
        kind: sum(len(page.entities) for page in here.access.entities(kind))
        for kind in Kind
        if kind is not Kind.CA_CERTIFICATE
    }
    assert list(counts.values()) == [1, 2, 1, 1, 1, 2]


def test_shadows_come_with_both_halves_by_pages_of_things(here: Here) -> None:
    _seed(here, [f"sensor-{number:03}" for number in range(51)])
    here.iot_data.update_thing_shadow(
        thingName="sensor-000", shadowName="config", payload='{"state": {"desired": {"on": true}}}'
    )
    first, second = here.access.entities(Kind.SHADOW)
    assert [entity.key for entity in first.entities[:4]] == [
        "shadow/sensor-000//desired",
        "shadow/sensor-000//reported",
        "shadow/sensor-000/config/desired",
        "shadow/sensor-000/config/reported",
    ]
    assert (len(first.entities), len(second.entities)) == (102, 2)
    (again,) = here.access.entities(Kind.SHADOW, first.cursor)
    assert again == second


def test_reported_halves_that_are_excluded_are_neither_listed_nor_read(here: Here) -> None:
    _seed(here, ["sensor-1"])
    here.iot_data.update_thing_shadow(
        thingName="sensor-1", payload='{"state": {"desired": {"a": 1}, "reported": {"a": 2}}}'
    )
    access = here.fresh(excluded=excluded([], [], reported=True))
    (page,) = access.entities(Kind.SHADOW)
    assert [entity.key for entity in page.entities] == ["shadow/sensor-1//desired"]
    assert access.read(Entity.parse("shadow/sensor-1//desired")) == {"document": {"a": 1}}
    assert access.read(Entity.parse("shadow/sensor-1//reported")) is None


def test_the_names_of_a_things_shadows_come_from_all_pages(here: Here) -> None:
    # moto gives them in one.
    here.iot.create_thing(thingName="sensor-1")

    def named(given: Mapping[str, Any]) -> Mapping[str, Any]:
        return (
            {"results": ["b"]} if given.get("nextToken") else {"results": ["a"], "nextToken": "x"}
        )

    here.answers["ListNamedShadowsForThing"] = named
    (page,) = here.access.entities(Kind.SHADOW)
    assert {entity.name.split("/")[1] for entity in page.entities} == {"", "a", "b"}


def test_a_thing_that_goes_concurrently_stops_no_list(here: Here) -> None:
    here.iot.create_thing(thingName="sensor-1")
    here.refuse("ListNamedShadowsForThing", "ResourceNotFoundException", status=404)
    (page,) = here.access.entities(Kind.SHADOW)
    assert len(page.entities) == 2


def test_a_cursor_that_aws_does_not_take_is_reported(here: Here) -> None:
    here.refuse("ListThings", "InvalidRequestException", message="invalid nextToken")
    with pytest.raises(PermanentError, match=r"^list of thing: ListThings: .*invalid nextToken"):
        next(here.access.entities(Kind.THING, "stale"))
