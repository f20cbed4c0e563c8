import json
from datetime import UTC, datetime

import pytest

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.switch.audit import AuditTrail
from iot_dr.observe.switch.rotation import Rotation, RotationLog, RotationRecordError
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEGUN = Rotation(
    who="arn:ada", at=AT, before="arn:before", was_away=False, last_who="arn:bob", last_at=AT
)


def log() -> RotationLog:
    return RotationLog(SETTINGS, Clients(None))


@pytest.mark.usefixtures("place")
def test_a_region_that_was_never_rotated_has_no_record() -> None:
    noted = log().newest(WEST)
    assert (noted.number, noted.rotation, noted.summary) == (0, None, "never")


@pytest.mark.usefixtures("place")
def test_what_was_kept_is_read_on_any_machine() -> None:
    begun = BEGUN.model_copy(update={"who": "arn:{{odd}}"})
    assert log().write(CENTRAL, begun).number == 2
    noted = log().newest(CENTRAL)
    assert (noted.number, noted.rotation, noted.under_way) == (2, begun, begun)
    ended = begun.by("arn:cleo", "done")
    log().write(CENTRAL, ended)
    assert (log().newest(CENTRAL).number, log().newest(CENTRAL).under_way) == (4, None)


def test_it_is_stored_next_to_the_record_of_the_switch_which_stays(place: Place) -> None:
    log().write(CENTRAL, BEGUN)
    assert AuditTrail(SETTINGS, Clients(None)).last(CENTRAL) is None
    name = f"/iot-dr/example/dev/rotation/{CENTRAL}"
    (kept,) = place.client("ssm", WEST).get_parameter_history(Name=name)["Parameters"]
    assert json.loads(kept["Value"])["before"] == "arn:before"


def test_who_began_and_who_was_last_at_it_are_reported() -> None:
    assert BEGUN.line() == (
        "begun by arn:ada at 2026-01-02 03:04:05 UTC, last at it was arn:bob at"
        " 2026-01-02 03:04:05 UTC"
    )
    assert BEGUN.summary == "under way"
    done = BEGUN.model_copy(update={"outcome": "done"})
    assert done.line().endswith(", done by arn:bob at 2026-01-02 03:04:05 UTC")
    assert done.summary == "done 2026-01-02"


def test_foreign_content_is_reported_safe_to_print(place: Place) -> None:
    name = f"/iot-dr/example/dev/rotation/{CENTRAL}"
    place.client("ssm", WEST).put_parameter(
        Name=name, Value="\x1b[2J", Type="String", Overwrite=True
    )
    with pytest.raises(RotationRecordError) as error:
        log().newest(CENTRAL)
    assert str(error.value) == f"{name}: is not a record of a rotation: \\u001b[2J"
    assert "\x1b" not in BEGUN.model_copy(update={"who": "\x1b[2J"}).line()


def test_an_alarm_region_that_is_gone_is_reported(place: Place) -> None:
    place.faults.fail("refuse", WEST)
    place.faults.fail("refuse", NORTH)
    with pytest.raises(NoAnswerError, match="ssm:GetParameter in eu-"):
        log().newest(CENTRAL)
