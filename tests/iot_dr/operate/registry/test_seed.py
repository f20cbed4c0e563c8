"""A region that is brought to what another one holds."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from functions.registry.capture import Capture
from functions.registry.entity import Entity, Kind
from functions.registry.row import Row
from functions.registry.stamp import HybridClock
from functions.registry.state import hash_of
from iot_dr.observe.aws.errors import NotAllowedError
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.entity_reconciler import EntityOutcome, EntityReconciler, RegionAccess
from iot_dr.operate.registry.ledger import Ledger, ledger
from iot_dr.operate.registry.seed import Seed
from modules.device_policy_name import device_policy_name
from stacks.stack_context import stack_context
from tests.iot_dr.operate.registry.conftest import CENTRAL, DEV, NAMES, WEST, Place, replicate

NOW = 1_800_000_000_000
DAY = 86_400_000
SUBJECT = {"command": "seed"}
THING = Entity.parse("thing/sensor-1")
DESIRED = Entity.parse("shadow/sensor-1//desired")


@dataclass
class Run:
    """Seeds central from west; `slept` are the waits between rounds."""

    west: Place
    central: Place
    now: int = NOW
    slept: list[float] = field(default_factory=list[float])

    def seed(self, book: Ledger) -> Seed:
        access, target = self.west.fresh(), self.central
        target.fresh()
        reconciler = EntityReconciler(
            source=RegionAccess(region=WEST, access=access, log=self.west.log),
            target=RegionAccess(region=CENTRAL, access=target.access, log=target.log),
            by="a test",
            now=lambda: self.now,
        )
        return Seed(
            reconciler=reconciler,
            ledger=book,
            source=EntityReader(registry=access, threads=1),
            target=EntityReader(registry=target.access, threads=1),
            threads=2,
            sleep=self.slept.append,
        )

    def __call__(self, path: Path | None = None, *, delete: bool = False) -> Seed:
        with ledger(path, SUBJECT) as book:
            seed = self.seed(book)
            seed.run()
            if delete:
                seed.find_surplus()
                seed.delete_surplus()
            self.left = book.reasons(20)
        replicate(self.west, self.central)
        return seed


@pytest.fixture
def run(west: Place, central: Place) -> Run:
    return Run(west, central)


@pytest.fixture
def fleet(west: Place, pem: str) -> str:
    """Something of each kind in the west; gives the certificate's id."""
    iot = west.here.iot
    iot.create_thing_type(thingTypeName="sensor")
    iot.create_thing_group(thingGroupName="z-plant")
    iot.create_thing_group(thingGroupName="a-hall", parentGroupName="z-plant")
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    for name in ("publish", *NAMES.excluded_policies):
        iot.create_policy(policyName=name, policyDocument=json.dumps(document))
    certificate = iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
    iot.attach_policy(policyName="publish", target=certificate["certificateArn"])
    iot.create_thing(thingName="sensor-1", thingTypeName="sensor")
    iot.attach_thing_principal(
        thingName="sensor-1",
        principal=certificate["certificateArn"],
        thingPrincipalType="EXCLUSIVE_THING",
    )
    iot.add_thing_to_thing_group(thingName="sensor-1", thingGroupName="a-hall")
    west.here.iot_data.update_thing_shadow(
        thingName="sensor-1", payload=b'{"state": {"desired": {"on": 1}, "reported": {"on": 0}}}'
    )
    return certificate["certificateId"]


def states(place: Place) -> dict[str, Any]:
    """Return all that a region holds."""
    access = place.fresh()
    results = {
        entity.key: access.read(entity)
        for kind in Kind
        for page in access.entities(kind)
        for entity in page.entities
    }
    return {key: state for key, state in results.items() if state is not None}


def rows(place: Place, entity: Entity) -> dict[str, Row]:
    return {row.region: row for row in place.log.rows(entity)}


def row_of(place: Place, entity: Entity, **changes: Any) -> Row:
    """Write a row of the place's region that says what it holds now."""
    region = WEST if place.here.region == WEST else CENTRAL
    capture = Capture(
        access=place.access, table=place.log, clock=HybridClock(region, lambda: NOW - DAY)
    )
    row = capture(entity)
    assert row is not None
    return place.log.put(replace(row, **changes), row.revision) if changes else row


@pytest.mark.usefixtures("fleet")
def test_a_new_region_holds_all_of_it_and_no_function_takes_it_for_a_change(
    run: Run, west: Place, central: Place
) -> None:
    run()
    assert run.left == []
    assert states(central) == states(west)
    assert len(states(central)) == 8
    for key in states(central):
        entity = Entity.parse(key)
        for place, region in ((west, WEST), (central, CENTRAL)):
            capture = Capture(access=place.access, table=place.log, clock=HybridClock(region))
            assert capture(entity) is None
        both = rows(central, entity)
        assert both[CENTRAL].stamp == both[WEST].stamp
        assert both[CENTRAL].seen == both[WEST].seen


@pytest.mark.usefixtures("fleet")
def test_seeding_twice_changes_nothing_the_second_time(
    run: Run, west: Place, central: Place
) -> None:
    run()
    before = central.items(), west.items()
    seed = run()
    assert west.here.changes == central.here.changes == []
    assert set(seed.outcomes) == {EntityOutcome.SAME}
    assert (central.items(), west.items()) == before


@pytest.mark.usefixtures("fleet")
def test_the_rows_of_the_source_are_taken_as_they_are(
    run: Run, west: Place, central: Place
) -> None:
    row = row_of(west, THING)
    run()
    assert rows(central, THING)[CENTRAL].stamp == row.stamp == rows(west, THING)[WEST].stamp


@pytest.mark.usefixtures("fleet")
def test_what_is_out_of_date_in_the_target_does_not_win(
    run: Run, west: Place, central: Place
) -> None:
    central.here.iot.create_thing(
        thingName="sensor-1", attributePayload={"attributes": {"city": "Ulm"}}
    )
    run()
    assert states(central) == states(west)
    assert rows(west, THING)[CENTRAL].state == states(west)[THING.key]


@pytest.mark.usefixtures("fleet")
def test_a_row_that_says_more_than_the_region_holds_is_not_believed(
    run: Run, west: Place, central: Place
) -> None:
    run()
    for principal in central.here.iot.list_thing_principals(thingName="sensor-1")["principals"]:
        central.here.iot.detach_thing_principal(thingName="sensor-1", principal=principal)
    central.here.iot.delete_thing(thingName="sensor-1")
    run()
    assert states(central) == states(west)


def test_a_certificate_that_is_revoked_in_the_target_alone_stays_so(
    run: Run, west: Place, central: Place, fleet: str, pem: str
) -> None:
    iot = central.here.iot
    iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
    iot.update_certificate(certificateId=fleet, newStatus="REVOKED")
    seed = run()
    certificate = Entity(Kind.CERTIFICATE, fleet)
    assert states(central)[certificate.key]["status"] == "REVOKED"
    assert seed.outcomes[EntityOutcome.KEPT] == 1
    result = rows(west, certificate)[CENTRAL]
    assert result.state is not None
    assert result.state["status"] == "REVOKED"


@pytest.mark.usefixtures("fleet")
def test_what_needs_something_is_brought_in_a_later_round(run: Run, central: Place) -> None:
    run()
    assert "thing-group/a-hall" in states(central)
    assert run.slept == []


@pytest.mark.usefixtures("fleet")
def test_what_can_never_work_is_reported_and_holds_up_nothing_else(
    run: Run, west: Place, central: Place
) -> None:
    central.here.iot.create_thing_group(thingGroupName="a-hall")
    run()
    ((key, reason),) = run.left
    assert key == "thing-group/a-hall"
    assert "AWS moves no group" in reason
    assert states(central)[THING.key] == states(west)[THING.key]


@pytest.mark.usefixtures("fleet")
def test_what_stays_missing_is_given_up_after_waits(run: Run, central: Place) -> None:
    with ledger(None, SUBJECT) as book:
        seed = run.seed(book)
        central.here.refuse("CreateThingType", "ThrottlingException")
        seed.run()
        assert {key for key, _ in book.reasons(20)} >= {"thing-type/sensor", THING.key}
    assert run.slept
    run()
    assert run.left == []


@pytest.mark.usefixtures("fleet")
def test_an_interrupted_run_goes_on_where_it_stopped(
    run: Run, west: Place, central: Place, tmp_path: Path
) -> None:
    path = tmp_path / "ledger"
    with ledger(path, SUBJECT) as book:
        seed = run.seed(book)
        interrupt(central, "CreateThing")
        with pytest.raises(KeyboardInterrupt):
            seed.run()
    run(path)
    assert run.left == []
    assert "ListThingTypes" not in west.here.calls
    assert states(central) == states(west)


def interrupt(place: Place, operation: str) -> None:
    def answer(_given: object) -> dict[str, Any]:
        raise KeyboardInterrupt

    place.here.answers[operation] = answer


@pytest.mark.usefixtures("fleet")
def test_a_right_that_is_missing_is_reported_with_its_region(run: Run, central: Place) -> None:
    with ledger(None, SUBJECT) as book:
        seed = run.seed(book)
        central.here.refuse("CreatePolicy", "AccessDeniedException", status=403)
        with pytest.raises(NotAllowedError, match=f"iot:CreatePolicy in {CENTRAL}"):
            seed.run()


def only_here(place: Place) -> None:
    place.here.iot.create_thing(thingName="left-over")
    place.here.iot_data.update_thing_shadow(
        thingName="left-over", payload=b'{"state": {"desired": {"on": 1}}}'
    )


@pytest.mark.usefixtures("fleet")
def test_nothing_is_deleted_unless_asked(run: Run, central: Place) -> None:
    only_here(central)
    run()
    assert "thing/left-over" in states(central)


@pytest.mark.usefixtures("fleet")
def test_what_the_source_has_not_is_deleted_when_asked(
    run: Run, west: Place, central: Place
) -> None:
    only_here(central)
    seed = run(delete=True)
    assert states(central) == states(west)
    assert seed.outcomes[EntityOutcome.DELETED] == 2
    row = rows(west, Entity.parse("thing/left-over"))[CENTRAL]
    assert (row.state, row.hash) == (None, hash_of(None))
    assert not row.is_blank


@pytest.mark.parametrize("change", ["of today", "of a third region"])
def test_what_may_be_on_its_way_to_the_source_is_left(
    run: Run, west: Place, central: Place, change: str
) -> None:
    only_here(central)
    left_over = Entity.parse("thing/left-over")
    if change == "of today":
        row = row_of(central, left_over)
        run.now = row.stamp.milliseconds + DAY - 1
    else:
        row = row_of(central, left_over)
        run.now = row.stamp.milliseconds + 2 * DAY
        west.log.put(replace(row, region="us-east-1", revision=0), 0)
    run(delete=True)
    assert "thing/left-over" in states(central)


def test_an_excluded_policy_stays_each_regions_own(run: Run, fleet: str, central: Place) -> None:
    assert fleet
    run()
    names = {each["policyName"] for each in central.here.iot.list_policies()["policies"]}
    assert names == {"publish"}
    assert NAMES.excluded_policies == {device_policy_name(stack_context(DEV, WEST))}
