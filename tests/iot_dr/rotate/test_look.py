from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from iot_dr.aws.errors import NoAnswerError
from iot_dr.rotate.look import RotationLook, Step
from iot_dr.rotate.record import Noted, Rotation
from iot_dr.rotate.runs import CERTIFICATE, DOMAINS, Run
from iot_dr.rotate.serving import ServedSight
from iot_dr.rotate.workbench import Planned
from iot_dr.status.endpoint import Endpoint
from iot_dr.status.unknown import Unknown
from iot_dr.switch.alarms import AlarmState, NoAlarmError
from iot_dr.switch.audit import Kept
from iot_dr.switch.health import Seen
from iot_dr.switch.outlook import Outlook
from iot_dr.switch.switching import Look
from iot_dr.terraform.change import Action, Change
from iot_dr.user_error import UserError
from tests.iot_dr.rotate.world import CENTRAL, DEV, WEST

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEGUN = Rotation(
    who="arn:ada", at=AT, before="arn:old", was_away=False, last_who="arn:ada", last_at=AT
)
NEVER = Noted(0, None)
NEVER_PUT = Kept(0, None)
UNDER_WAY = Noted(1, BEGUN)
SERVED = ServedSight(issued="ab", names={}, is_healthy=True)
NOT_SERVED = ServedSight(
    issued="ab", names={"mqtt": Endpoint(address="192.0.2.1", problem="refused")}, is_healthy=True
)
REPLACING = {CERTIFICATE: Action.REPLACE, **dict.fromkeys(DOMAINS, Action.REPLACE)}
HALF = {**REPLACING, DOMAINS[0]: Action.CREATE}
NOTHING: Mapping[str, Action] = {}
GONE = NoAnswerError("ssm:GetParameter in eu-west-1: no answer")


def look(  # noqa: PLR0913 - one for each thing that a look sees
    *,
    own: Noted | UserError = NEVER,
    other: Noted | UserError = NEVER,
    changes: Mapping[str, Action] = REPLACING,
    switch: AlarmState | UserError = "OK",
    served: ServedSight = SERVED,
    arn: str | None = "arn:old",
    healthy: bool | None = True,
    kept: Kept | UserError = NEVER_PUT,
    others_switch: AlarmState | UserError = "OK",
) -> RotationLook:
    """Look at eu-central-1, by default on a day when all is well."""
    health = {WEST: Seen(healthy, "Route 53"), CENTRAL: Seen(True, "Route 53")}
    outlook = Outlook(
        settings=DEV,
        region=CENTRAL,
        action="away",
        health=health,
        switches={WEST: others_switch, CENTRAL: switch},
    )
    plan = Planned(
        run=Run(stack="iot-dev-iot-eu-central-1", options=(), may_change=frozenset()),
        changes=tuple(Change(*each) for each in changes.items()),
        document={},
        terraform=cast("Any", None),
        file=Path("none"),
        commands=cast("Any", None),
    )
    return RotationLook(
        settings=DEV,
        region=CENTRAL,
        switch=Look(outlook=outlook, kept=kept, who="arn:bob"),
        records={WEST: other, CENTRAL: own},
        arn=arn,
        plans=(plan,) if arn else (),
        served=served,
    )


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        (look(), "away"),
        (look(switch="ALARM"), "drain"),
        (look(own=UNDER_WAY), "away"),
        (look(own=UNDER_WAY, switch="ALARM"), "drain"),
        (look(own=UNDER_WAY, switch="ALARM", changes=NOTHING, served=NOT_SERVED), "serve"),
        (look(own=UNDER_WAY, switch="ALARM", changes=HALF), "replace"),
        # Somebody switched it back too early.
        (look(own=UNDER_WAY, changes=NOTHING, served=NOT_SERVED), "away"),
        (look(own=UNDER_WAY, switch="ALARM", changes=NOTHING), "back"),
        (look(own=UNDER_WAY, changes=NOTHING), "back"),
        # Whether it is away is not known: it is put once more, which changes nothing.
        (look(own=UNDER_WAY, switch=NoAlarmError("none")), "away"),
    ],
)
def test_the_step_is_found_from_what_is(seen: RotationLook, step: Step) -> None:
    assert seen.step == step


def test_on_a_good_day_nothing_speaks_against_it() -> None:
    assert [*look().refusals()] == []
    assert [*look(own=UNDER_WAY, switch="ALARM").refusals()] == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (look(own=GONE), "what is kept of the rotation of eu-central-1 cannot be read: ssm"),
        (look(other=GONE), "whether eu-west-1 is being rotated is not known: ssm"),
        (look(other=UNDER_WAY), "eu-west-1 is being rotated, begun by arn:ada"),
        (look(kept=GONE), "the record of the switch of eu-central-1 cannot be read"),
        (look(switch=NoAlarmError("no alarm follows it")), "no alarm follows it"),
        (look(healthy=False), "no region but eu-central-1 is known to be healthy"),
        (look(healthy=None), "eu-west-1 is unknown"),
        (look(others_switch="ALARM"), "eu-west-1 is switched away"),
        (look(others_switch=GONE), "eu-west-1 is healthy, its switch unknown"),
        (look(arn=None), "is in no state: deploy the environment first"),
        (
            look(served=replace(SERVED, issued=Unknown("no acm:GetCertificate"))),
            "whether the new certificate is served would not be known: no acm:GetCertificate",
        ),
    ],
)
def test_it_refuses(seen: RotationLook, told: str) -> None:
    (refusal,) = seen.refusals()
    assert told in refusal


@pytest.mark.parametrize(("handover", "refused"), [(CENTRAL, True), (WEST, False), (None, False)])
def test_home_is_not_rotated_while_its_hand_over_is_read_from_a_copy(
    handover: str | None, refused: bool
) -> None:
    settings = DEV.model_copy(update={"handover_region": handover})
    told = [*replace(look(), region=WEST, settings=settings).refusals()]
    assert any("handover_region is eu-central-1" in each for each in told) is refused
    assert [*replace(look(), settings=settings).refusals()] == []


def test_what_was_begun_goes_on_although_another_region_s_record_cannot_be_read() -> None:
    assert [*look(own=UNDER_WAY, other=GONE, switch="ALARM").refusals()] == []


def test_half_deleted_it_goes_on_although_no_other_region_is_healthy() -> None:
    seen = look(own=UNDER_WAY, changes=HALF, switch="ALARM", healthy=False)
    assert [*seen.refusals()] == []


def test_what_was_replaced_is_ended_although_no_other_region_is_healthy() -> None:
    seen = look(own=UNDER_WAY, changes=NOTHING, switch="ALARM", healthy=False)
    assert [*seen.refusals()] == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (look(), "nothing to abandon"),
        (look(own=Noted(2, BEGUN.by("arn:bob", "done"))), "nothing to abandon"),
        (look(own=UNDER_WAY, arn="arn:new", changes=NOTHING), "there is no way back, only on"),
        (
            look(own=UNDER_WAY, changes=HALF),
            "there is no way back, only on",
        ),
    ],
)
def test_it_cannot_be_abandoned(seen: RotationLook, told: str) -> None:
    problem = seen.no_way_back()
    assert problem
    assert told in problem


def test_until_something_is_deleted_it_can_be_abandoned() -> None:
    assert look(own=UNDER_WAY, switch="ALARM", healthy=False).no_way_back() is None
