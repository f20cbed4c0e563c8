"""The change of the device name's records in an account that is as strict as Route 53."""

from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from environments.settings import Settings
from iot_dr.common.waiting import PollLimits
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.observe.switch.record_sets import RecordSet, are_equal
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.operate.adopt.device_name import (
    ExistingNameRecords,
    NotAppliedError,
    NotChangedError,
    NothingToAdoptError,
)
from stacks.state_location import StateLocation
from tests.iot_dr.operate.adopt.world import AT_ONCE, CENTRAL, NAME, WEST, Adoptable, adoptable
from tests.support.aws_account import lead_to
from tests.support.settings import REGIONS, settings

STATE = StateLocation(
    bucket="example-iot-dev-eu-west-1", key="dev/iot-dev-entry-point.tfstate", region=WEST
)


def silent(_passed: float, _missing: str) -> None:
    """Report no progress."""


def cut_over(platform: Adoptable) -> ChangeBatch:
    records = platform.records
    return ChangeBatch("cut over", records.current(), records.failover_pair())


def test_the_pair_leads_to_both_regions_with_the_checks_of_their_roles(
    platform: Adoptable,
) -> None:
    checks = platform.world.checks
    pair = {record["Failover"]: record for record in platform.records.failover_pair()}
    assert pair["PRIMARY"]["HealthCheckId"] == checks[WEST]["calculated_tcp"]
    assert pair["SECONDARY"]["HealthCheckId"] == checks[CENTRAL]["tcp"]
    for side, region in (("PRIMARY", WEST), ("SECONDARY", CENTRAL)):
        assert pair[side]["ResourceRecords"] == [{"Value": f"mqtt-{region}.example.com"}]
        assert (pair[side]["Name"], pair[side]["TTL"]) == (NAME, 60)


def test_the_old_record_is_replaced_in_one_request(platform: Adoptable) -> None:
    batch = cut_over(platform)
    assert are_equal(batch.deleted, [platform.old])
    platform.records.change(batch, silent)
    assert platform.batches() == 1
    assert are_equal(platform.answers(), batch.created)
    platform.records.change(batch.inverse("back"), silent)
    assert platform.batches() == 2
    assert are_equal(platform.answers(), [platform.old])


def test_there_is_no_moment_without_an_answer(platform: Adoptable) -> None:
    history: list[list[dict[str, Any]]] = []

    def recorded(_request: ApiRequest) -> None:
        # Only requests change records, so these are the answers of all moments between them.
        history.append(platform.answers())

    platform.faults.answers.append(recorded)
    zone = platform.zone()
    batch = cut_over(platform)
    platform.records.change(batch, silent)
    back = ChangeBatch("back", platform.records.current(), batch.deleted)
    platform.records.change(back, silent)
    history.append(platform.answers())
    sides = [[record.get("Failover") for record in answer] for answer in history]
    distinct = [side for at, side in enumerate(sides) if not at or side != sides[at - 1]]
    assert [len(side) for side in distinct] == [1, 2, 1]
    assert {record["TTL"] for answer in history for record in answer} == {60}
    assert are_equal(platform.zone(), zone)


def test_of_a_refused_batch_nothing_is_done(platform: Adoptable) -> None:
    batch = cut_over(platform)
    (old,) = batch.deleted
    changed = replace(batch, deleted=({**old, "TTL": 30},))
    with pytest.raises(NotChangedError, match=r"was refused, and nothing is changed: .* not match"):
        platform.records.change(changed, silent)
    assert are_equal(platform.answers(), [platform.old])


PRIMARY = {"SetIdentifier": "primary", "Failover": "PRIMARY"}


def refused(platform: Adoptable, *changes: tuple[str, RecordSet]) -> str:
    """Return why the account refuses a batch; fail if it changes anything."""
    before = platform.answers()
    content = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    with pytest.raises(ClientError) as refusal:
        client("route53", "us-east-1", platform.world.endpoint).change_resource_record_sets(
            HostedZoneId=platform.world.zone_id, ChangeBatch={"Changes": content}
        )
    error = cast("dict[str, Any]", refusal.value.response)["Error"]
    assert error["Code"] == "InvalidChangeBatch"
    assert platform.answers() == before
    return error["Message"]


def test_the_account_refuses_what_route_53_refuses(platform: Adoptable) -> None:
    old, other = platform.old, {**platform.old, "Name": "other.example.com"}
    address = {**old, "Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]}
    sides = {**other, **PRIMARY}, {**other, **PRIMARY, "SetIdentifier": "another"}
    assert "another routing policy" in refused(platform, ("CREATE", {**old, **PRIMARY}))
    assert "already exists" in refused(platform, ("CREATE", other), ("CREATE", old))
    assert "not found" in refused(platform, ("CREATE", other), ("DELETE", {**old, **PRIMARY}))
    assert "conflicts with other records" in refused(platform, ("CREATE", address))
    apex = {**old, "Name": "example.com"}
    assert "conflicts with other records" in refused(platform, ("CREATE", apex))
    assert "given twice" in refused(platform, *(("CREATE", side) for side in sides))


def lost_answer(request: ApiRequest) -> Reply | None:
    """Answer a batch as a proxy does that has lost the answer."""
    is_batch = request.method == "POST" and "rrset" in request.path
    return Reply(503, b"<html>no answer</html>", "text/html") if is_batch else None


def test_a_batch_whose_answer_is_lost_is_not_sent_twice(platform: Adoptable) -> None:
    batch = cut_over(platform)
    platform.faults.answers.append(lost_answer)
    with pytest.raises(NotChangedError, match="still as before, but the change may yet be made"):
        platform.records.change(batch, silent)
    assert platform.batches() == 1
    # The same, but the change has been made.
    platform.change("DELETE", platform.old)
    platform.change("CREATE", *batch.created)
    platform.records.change(batch, silent)
    assert are_equal(platform.answers(), batch.created)


def test_without_any_answer_it_is_not_known_what_was_changed(platform: Adoptable) -> None:
    batch = cut_over(platform)
    platform.faults.fail("500", "us-east-1", "route53")
    with pytest.raises(NotChangedError, match="It is not known whether the change was made"):
        platform.records.change(batch, silent)


def test_a_change_that_stays_pending_is_reported_as_made(platform: Adoptable) -> None:
    def pending(request: ApiRequest) -> Reply | None:
        if "/change/" not in request.path:
            return None
        info = "<Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z"
        body = (
            f"<GetChangeResponse><ChangeInfo>{info}</SubmittedAt></ChangeInfo></GetChangeResponse>"
        )
        return Reply(200, body.encode())

    platform.faults.answers.append(pending)
    seen: list[str] = []
    records = ExistingNameRecords(platform.world.settings, PollLimits(limit=0.05, interval=0.02))
    with pytest.raises(NotChangedError, match="the change is made, but it is not known"):
        records.change(cut_over(platform), lambda _, missing: seen.append(missing))
    assert set(seen) == {"the change is PENDING"}
    assert len(platform.answers()) == 2


def test_an_entry_point_that_was_not_deployed_is_named(platform: Adoptable) -> None:
    s3 = client("s3", WEST, platform.world.endpoint)
    content = s3.get_object(Bucket=STATE.bucket, Key=STATE.key)["Body"].read()
    message = r"iot-dev-entry-point: its state .* has no output device_name_records; deploy it"
    try:
        for body in (b'{"outputs": {}}', b"no state"):
            s3.put_object(Bucket=STATE.bucket, Key=STATE.key, Body=body)
            with pytest.raises(NotAppliedError, match=message):
                platform.records.failover_pair()
        s3.delete_object(Bucket=STATE.bucket, Key=STATE.key)
        with pytest.raises(NotAppliedError, match=message):
            platform.records.failover_pair()
    finally:
        s3.put_object(Bucket=STATE.bucket, Key=STATE.key, Body=content)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": {"label": "other"}},
        {"endpoint": {"ttl": 30}},
        {"primary_region": CENTRAL, "existing": None},
        {"regions": [*REGIONS[:3]]},
    ],
    ids=str,
)
def test_records_of_other_settings_are_refused(change: dict[str, Any], platform: Adoptable) -> None:
    other = Settings.model_validate({**platform.document, **change})
    with pytest.raises(NotAppliedError, match=r"has records of other settings .* deploy it with"):
        ExistingNameRecords(other, AT_ONCE).failover_pair()


def test_an_environment_without_the_block_has_nothing_to_adopt() -> None:
    with pytest.raises(NothingToAdoptError, match=r"dev\.yaml: has no block existing"):
        _ = ExistingNameRecords(settings(), AT_ONCE).existing


@pytest.mark.exhaustive
def test_with_three_regions_the_secondary_is_an_alias(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with adoptable(tmp_path, regions=3) as platform:
        lead_to(platform.faults.endpoint, monkeypatch)
        platform.reset()
        batch = cut_over(platform)
        platform.records.change(batch, silent)
        assert are_equal(platform.answers(), batch.created)
        (alias,) = [each["AliasTarget"] for each in batch.created if "AliasTarget" in each]
        assert alias["DNSName"] == "mqtt-standby-1.example.com"
        assert len(platform.answers("mqtt-standby-1.example.com")) == 2
