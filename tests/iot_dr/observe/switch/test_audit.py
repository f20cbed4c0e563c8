"""The records of switches, kept in the region that stays."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.switch.audit import AuditEntry, AuditError, AuditTrail
from iot_dr.observe.switch.parameters import text_of
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
WHO = "arn:aws:iam::111111111111:user/ada"
ENTRY = AuditEntry(action="away", reason="no message goes through", who=WHO, at=AT)


@pytest.fixture
def trail(place: Place) -> AuditTrail:
    assert place.world.settings == SETTINGS
    return AuditTrail(SETTINGS, Clients(None))


def test_a_region_that_was_never_switched_has_no_record(trail: AuditTrail) -> None:
    assert trail.last(WEST) is None
    assert trail.newest(WEST).number == 0


def test_the_newest_record_is_given_and_the_history_is_kept(
    trail: AuditTrail, place: Place
) -> None:
    assert trail.write(WEST, ENTRY) == len(SETTINGS.alarm_regions(WEST))
    trail.close(WEST, ENTRY, "done")
    last = trail.last(WEST)
    assert last
    assert (last.reason, last.who, last.at, last.is_done) == (ENTRY.reason, WHO, AT, True)
    for alarm_region in SETTINGS.alarm_regions(WEST):
        history = place.client("ssm", alarm_region).get_parameter_history(Name=trail.name(WEST))
        assert [each["Version"] for each in history["Parameters"]] == [1, 2]


def test_the_record_is_in_two_alarm_regions_of_which_one_is_enough(
    trail: AuditTrail, place: Place
) -> None:
    for region in (WEST, "us-east-1"):
        place.faults.fail("refuse", region)
    trail.write(WEST, ENTRY)
    assert trail.last(WEST) == ENTRY
    place.faults.fail("refuse", CENTRAL)
    assert trail.last(WEST) == ENTRY
    later = ENTRY.model_copy(update={"reason": "stored in one"})
    trail.write(WEST, later)
    place.faults.fail("refuse", NORTH)
    with pytest.raises(NoAnswerError, match="ssm:GetParameter in eu-"):
        trail.last(WEST)


def test_the_latest_record_counts_if_alarm_regions_differ(trail: AuditTrail, place: Place) -> None:
    trail.write(WEST, ENTRY)
    later = ENTRY.model_copy(update={"reason": "stored in one"})
    parameters = place.client("ssm", NORTH)
    parameters.put_parameter(
        Name=trail.name(WEST), Value=text_of(later), Type="String", Overwrite=True
    )
    assert trail.last(WEST) == later


@pytest.mark.parametrize("text", ["what?", "{}", '{"action": "sideways"}', "\x1b[2J"])
def test_a_record_that_makes_no_sense_is_reported_and_can_be_followed_by_another(
    trail: AuditTrail, place: Place, text: str
) -> None:
    name = trail.name(WEST)
    place.client("ssm", CENTRAL).put_parameter(Name=name, Value=text, Type="String")
    with pytest.raises(AuditError, match=name) as raised:
        trail.last(WEST)
    assert str(raised.value).isprintable()
    assert trail.write(WEST, ENTRY) == 3
    assert trail.last(WEST) == ENTRY


@example(reason="see {{runbook}}", who="{{}}")
@given(reason=st.text(min_size=1, max_size=300), who=st.text(max_size=200))
def test_any_reason_comes_back_as_it_was_and_fits_where_it_is_kept(reason: str, who: str) -> None:
    try:
        (reason + who).encode()
    except UnicodeEncodeError:
        return
    entry = AuditEntry(action="back", reason=reason, who=who, at=AT)
    text = text_of(entry)
    assert AuditEntry.read(text, "x") == entry
    assert "{{" not in text
    assert entry.line().isprintable()


def test_a_record_shows_its_outcome_and_its_time_in_utc() -> None:
    line = f"away by {WHO} at 2026-11-25 03:00:00 UTC: no message goes through"
    assert ENTRY.model_copy(update={"outcome": "done"}).line() == line
    assert ENTRY.line() == f"{line} (begun, outcome unknown)"
    failed = AuditEntry.read(
        '{"at": "2026-11-25T05:00:00+02:00", "outcome": "failed", "who": "'
        + WHO
        + '", "action": "away", "reason": "no message goes through"}',
        "x",
    )
    assert failed.line() == f"{line} (failed, not switched)"
