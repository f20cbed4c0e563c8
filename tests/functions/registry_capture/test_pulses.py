"""The recovery point of each other region, measured by pulses, against moto."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.registry.stamp import wall_clock
from functions.registry.table import RegistryTable
from functions.registry_apply.consumer import changed_elsewhere
from tests.functions.registry.aws import ACCOUNT, TABLE, AwsRegion, Context, batch, failed
from tests.functions.registry.rows import WEST

OTHER = "eu-central-1"


def pulse(at: int, region: str = WEST) -> dict[str, Any]:
    time = f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {},
        "account": ACCOUNT, "region": region, "time": time, "resources": [],
    }  # fmt: skip


def arrived(here: AwsRegion, region: str, at: int, queue: str = "changes") -> None:
    """Write what has been replicated from another region."""
    here.dynamodb.put_item(
        TableName=TABLE,
        Item={
            "entity": {"S": f"pulse/{queue}"}, "region": {"S": region},
            "made_at": {"N": str(at)},
        },
    )  # fmt: skip


def published(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_age_of_each_other_region_s_newest_pulse_is_published_also_while_none_arrives(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle, now = here.load("capture"), wall_clock()
    arrived(here, OTHER, now - 900_000)
    arrived(here, OTHER, now - 3_600_000, "shadows")
    assert failed(handle(batch(pulse(now)), Context())) == []
    lines = {line.get("Source", WEST): line for line in published(capsys)}
    shadows = lines.pop(OTHER)
    assert shadows["ShadowRecoveryPoint"] in range(3_600_000, 3_660_000)
    handle(batch(pulse(now + 60_000)), Context())
    (own, other, *_) = sorted(published(capsys), key=lambda line: "Source" in line)
    assert own["RecoveryPoint"] == 0
    assert other["RecoveryPoint"] in range(900_000, 960_000)
    dimensions = [each["Dimensions"] for each in other["_aws"]["CloudWatchMetrics"]]
    assert dimensions == [[["Environment"]], [["Environment", "Source"]]]
    assert other["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] == "Milliseconds"


def test_a_pulse_counts_by_its_own_time_and_queue_and_a_late_one_changes_nothing(
    here: AwsRegion,
) -> None:
    handle, now = here.load("capture"), wall_clock() // 1000 * 1000
    assert failed(handle(batch(pulse(now), pulse(now - 60_000)), Context())) == []
    assert failed(handle(batch(pulse(now - 120_000), queue="shadows"), Context())) == []
    items = {each["entity"]["S"]: each for each in here.dynamodb.scan(TableName=TABLE)["Items"]}
    assert {key: item["made_at"]["N"] for key, item in items.items()} == {
        "pulse/changes": str(now),
        "pulse/shadows": str(now - 120_000),
    }


def test_a_region_that_is_late_itself_says_nothing_of_others(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle, now = here.load("capture"), wall_clock()
    arrived(here, OTHER, now)
    handle(batch(pulse(now - 3_600_000)), Context())
    assert all(line["RecoveryPoint"] < 60_000 for line in published(capsys))


def test_a_pulse_that_the_table_does_not_take_is_not_tried_again(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    here.dynamodb.delete_table(TableName=TABLE)
    event = batch(pulse(wall_clock()))
    assert failed(handle(event, Context())) == []
    assert here.messages("dead-letters") == []
    (line,) = published(capsys)
    assert "ResourceNotFound" in line["cause"]


def test_a_region_that_has_left_the_environment_has_no_recovery_point(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    arrived(here, "us-east-1", 0)
    handle(batch(pulse(wall_clock())), Context())
    assert [line.get("Source") for line in published(capsys)] == [None]


def test_foreign_and_malformed_pulses_go_to_the_dead_letter_queue(here: AwsRegion) -> None:
    handle, now = here.load("capture"), wall_clock()
    wrong = [
        {**pulse(now), "account": "999999999999"}, pulse(now, OTHER), {**pulse(now), "time": "now"},
        {"source": "aws.events"},
    ]  # fmt: skip
    assert failed(handle(batch(*wrong), Context())) == []
    assert len(here.messages("dead-letters")) == len(wrong)
    assert here.dynamodb.scan(TableName=TABLE)["Items"] == []


def test_comparisons_and_the_stream_skip_pulses(here: AwsRegion) -> None:
    here.load("capture")(batch(pulse(wall_clock())), Context())
    arrived(here, OTHER, 1)
    assert list(RegistryTable(here.dynamodb, TABLE).scan()) == []
    assert [changed_elsewhere(record, WEST) for record in here.records(0)] == [None, None]
