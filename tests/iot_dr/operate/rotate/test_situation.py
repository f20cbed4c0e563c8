from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.alarms import NoAlarmError
from iot_dr.observe.switch.audit import AuditRecord
from iot_dr.observe.switch.health import HealthObservation
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.rotation import Rotation, RotationRecord
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.operate.drain.other_regions import OtherRegions
from iot_dr.operate.rotate.rotation_terraform import PlannedRun
from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS, RotationStep
from iot_dr.operate.rotate.serving import ServedView
from iot_dr.operate.rotate.situation import RotationSituation, Step
from iot_dr.route53.check import AlarmState
from iot_dr.terraform_json.change import Action, PlannedAction
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEGUN = Rotation(
    who="arn:ada", at=AT, before="arn:old", was_away=False, last_who="arn:ada", last_at=AT
)
NEVER = RotationRecord(0, None)
NEVER_PUT = AuditRecord(0, None)
UNDER_WAY = RotationRecord(1, BEGUN)
SERVED = ServedView(issued="ab", names={}, is_healthy=True)
NOT_SERVED = ServedView(
    issued="ab", names={"mqtt": Handshake(address="192.0.2.1", problem="refused")}, is_healthy=True
)
REPLACING = {CERTIFICATE: Action.REPLACE, **dict.fromkeys(DOMAINS, Action.REPLACE)}
HALF = {**REPLACING, DOMAINS[0]: Action.CREATE}
SERVING = Handshake(address="192.0.2.1")
UNFIT = Handshake(address="192.0.2.1", problem="certificate unfit: for another name")
UNSEEN = UnknownValue("as one of TLS 1.2 may")
NOTHING: Mapping[str, Action] = {}
GONE = NoAnswerError("ssm:GetParameter in eu-west-1: no answer")


def look(  # noqa: PLR0913 - one for each thing that a look sees
    *,
    own: RotationRecord | UserError = NEVER,
    other: RotationRecord | UserError = NEVER,
    changes: Mapping[str, Action] = REPLACING,
    switch: AlarmState | UserError = "OK",
    served: ServedView = SERVED,
    arn: str | None = "arn:old",
    healthy: bool | None = True,
    kept: AuditRecord | UserError = NEVER_PUT,
    others_switch: AlarmState | UserError = "OK",
    elsewhere: Handshake | UnknownValue = SERVING,
    standing: frozenset[str] = frozenset(DOMAINS),
    is_forced: bool = False,
) -> RotationSituation:
    """Look at eu-central-1, by default on a day when all is well."""
    health = {
        WEST: HealthObservation(healthy, "Route 53"),
        CENTRAL: HealthObservation(True, "Route 53"),
    }
    outlook = Outlook(
        settings=DEV,
        region=CENTRAL,
        action="away",
        health=health,
        switches={WEST: others_switch, CENTRAL: switch},
    )
    plan = PlannedRun(
        run=RotationStep(stack="iot-dev-iot-eu-central-1", options=(), may_change=frozenset()),
        changes=tuple(PlannedAction(*each) for each in changes.items()),
        document={},
        terraform=cast("Any", None),
        file=Path("none"),
        commands=cast("Any", None),
    )
    return RotationSituation(
        settings=DEV,
        region=CENTRAL,
        switch=SwitchSituation(outlook=outlook, kept=kept, who="arn:bob"),
        elsewhere=OtherRegions(outlook=outlook, served={WEST: elsewhere}),
        records={WEST: other, CENTRAL: own},
        arn=arn,
        standing=standing,
        plans=(plan,) if arn else (),
        served=served,
        is_forced=is_forced,
    )


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        (look(), "away"),
        (look(switch="ALARM"), "drain"),
        (look(own=UNDER_WAY), "away"),
        (look(own=UNDER_WAY, switch="ALARM"), "drain"),
        (
            look(own=UNDER_WAY, switch="ALARM", changes=NOTHING, served=NOT_SERVED, arn="arn:new"),
            "serve",
        ),
        (look(own=UNDER_WAY, switch="ALARM", changes=HALF), "replace"),
        # Somebody switched it back too early.
        (look(own=UNDER_WAY, changes=NOTHING, served=NOT_SERVED, arn="arn:new"), "away"),
        (look(own=UNDER_WAY, switch="ALARM", changes=NOTHING, arn="arn:new"), "back"),
        (look(own=UNDER_WAY, changes=NOTHING, arn="arn:new"), "back"),
        # Whether it is away is unknown: it is set again, which changes nothing.
        (look(own=UNDER_WAY, switch=NoAlarmError("none")), "away"),
    ],
)
def test_the_step_is_found_from_what_is(seen: RotationSituation, step: Step) -> None:
    assert seen.step == step


def test_on_a_good_day_nothing_speaks_against_it() -> None:
    assert [*look().refusals()] == []
    assert [*look(own=UNDER_WAY, switch="ALARM").refusals()] == []


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (look(own=GONE), "the rotation record of eu-central-1 cannot be read: ssm"),
        (look(other=GONE), "whether eu-west-1 is being rotated is unknown: ssm"),
        (look(other=UNDER_WAY), "eu-west-1 is being rotated, begun by arn:ada"),
        (look(kept=GONE), "the record of the switch of eu-central-1 cannot be read"),
        (look(switch=NoAlarmError("no alarm follows it")), "no alarm follows it"),
        (look(healthy=False), "no region but eu-central-1 is known to be healthy"),
        (look(healthy=None), "eu-west-1 is unknown"),
        (look(others_switch="ALARM"), "eu-west-1 is switched away"),
        (look(others_switch=GONE), "eu-west-1 is healthy, its switch unknown"),
        (look(switch=GONE), "whether eu-central-1 is switched away is unknown: ssm"),
        (look(elsewhere=UNFIT), "eu-west-1 does not serve mqtt.iot-dev.example.com (certificate"),
        (look(elsewhere=UNFIT, is_forced=True), "eu-west-1 does not serve mqtt.iot-dev"),
        (look(elsewhere=UNSEEN), "whether eu-west-1 serves mqtt.iot-dev.example.com is unknown"),
        (look(elsewhere=UNSEEN, is_forced=True, healthy=None), "eu-west-1 is unknown"),
        (look(arn=None), "is not in a state: deploy the environment first"),
        (
            look(served=replace(SERVED, issued=UnknownValue("no acm:GetCertificate"))),
            "whether the new certificate is served could not be checked: no acm:GetCertificate",
        ),
    ],
)
def test_it_refuses(seen: RotationSituation, message: str) -> None:
    (refusal,) = seen.refusals()
    assert message in refusal


def test_forced_a_healthy_region_does_of_which_it_cannot_be_seen_what_it_serves() -> None:
    assert [*look(elsewhere=UNSEEN, is_forced=True).refusals()] == []


def test_an_unknown_switch_holds_up_nothing_that_was_begun() -> None:
    assert [*look(own=UNDER_WAY, switch=GONE).refusals()] == []


def test_half_deleted_and_without_the_alarm_region_the_way_on_is_reported() -> None:
    seen = look(own=GONE, kept=GONE, switch=GONE, changes=HALF)
    assert not seen.is_repair
    assert any(
        "eu-central-1 has no endpoint: --force recreates it" in each for each in seen.refusals()
    )


@pytest.mark.parametrize(
    "gone", [{"changes": HALF}, {"standing": frozenset[str]()}], ids=["planned", "in the state"]
)
def test_forced_the_endpoint_is_made_again_without_the_alarm_region(gone: dict[str, Any]) -> None:
    seen = look(own=GONE, other=GONE, kept=GONE, switch=GONE, healthy=None, is_forced=True, **gone)
    assert (seen.is_repair, seen.step) == (True, "replace")
    assert [*seen.refusals()] == []


def test_forced_nothing_is_made_again_where_there_is_an_endpoint() -> None:
    seen = look(own=GONE, is_forced=True)
    assert not seen.is_repair
    assert any("cannot be read" in each for each in seen.refusals())


def test_without_a_certificate_what_was_begun_is_not_taken_for_replaced() -> None:
    seen = look(own=UNDER_WAY, switch="ALARM", arn=None, standing=frozenset())
    assert (seen.is_replaced, seen.step) == (False, "replace")
    assert [*seen.refusals()] == []


@pytest.mark.parametrize(("handover", "refused"), [(CENTRAL, True), (WEST, False), (None, False)])
def test_home_is_not_rotated_while_its_hand_over_is_read_from_a_copy(
    handover: str | None, refused: bool
) -> None:
    settings = DEV.model_copy(update={"handover_region": handover})
    results = [*replace(look(), region=WEST, settings=settings).refusals()]
    assert any("handover_region is eu-central-1" in each for each in results) is refused
    assert [*replace(look(), settings=settings).refusals()] == []


def test_what_was_begun_goes_on_although_another_region_s_record_cannot_be_read() -> None:
    assert [*look(own=UNDER_WAY, other=GONE, switch="ALARM").refusals()] == []


def test_half_deleted_it_goes_on_although_no_other_region_is_healthy() -> None:
    seen = look(own=UNDER_WAY, changes=HALF, switch="ALARM", healthy=False)
    assert [*seen.refusals()] == []


def test_what_was_replaced_is_ended_although_no_other_region_is_healthy() -> None:
    seen = look(own=UNDER_WAY, changes=NOTHING, arn="arn:new", switch="ALARM", healthy=False)
    assert [*seen.refusals()] == []


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (look(), "nothing to abandon"),
        (look(own=RotationRecord(2, BEGUN.by("arn:bob", "done"))), "nothing to abandon"),
        (look(own=UNDER_WAY, arn="arn:new", changes=NOTHING), "can only be finished"),
        (
            look(own=UNDER_WAY, changes=HALF),
            "can only be finished",
        ),
    ],
)
def test_it_cannot_be_abandoned(seen: RotationSituation, message: str) -> None:
    problem = seen.abandon_problem()
    assert problem
    assert message in problem


def test_until_something_is_deleted_it_can_be_abandoned() -> None:
    assert look(own=UNDER_WAY, switch="ALARM", healthy=False).abandon_problem() is None
