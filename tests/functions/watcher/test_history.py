"""Whether a region has ever served: what is recorded where, and what is made of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.aws_client import CALL_SECONDS
from functions.probe.result import Outcome, Result
from functions.watcher.cloudwatch import CloudWatchClient
from functions.watcher.history import History, WatchedRegion
from functions.watcher.switch import PUT_SECONDS
from tests.functions.world import Log

WELL, DEAD = Result(Outcome.OK), Result(Outcome.SLOW, "TimeoutError")
NAMES = ("eu-west-1", "eu-central-1", "eu-north-1")
DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "secret"}}, "GetMetricStatistics"
)


pytestmark = pytest.mark.usefixtures("credentials")


@pytest.fixture(autouse=True)
def cloudwatch() -> Iterator[None]:
    """CloudWatch in all regions, with nothing in it."""
    with mock_aws():
        yield


@dataclass
class Aws:
    """CloudWatch's clients; those of the regions in `away` raise."""

    away: dict[str, Exception] = field(default_factory=dict[str, Exception])
    asked: list[str] = field(default_factory=list[str])

    def client(self, region: str) -> CloudWatchClient:
        self.asked.append(region)
        if region in self.away:
            raise self.away[region]
        return cast("Any", boto3).client("cloudwatch", region)


def history(
    aws: Aws,
    *,
    primary: str = NAMES[0],
    checks: str = "one",
    log: Log | None = None,
    **ends: Result,
) -> History:
    regions = [
        WatchedRegion(name, f"mqtt-{name}.iot-dev.example.com", f"{checks}-{name}")
        for name in NAMES
    ]
    return History(
        environment="dev",
        primary=primary,
        regions=regions,
        probes={
            name: lambda name=name: ends.get(name.replace("-", "_"), WELL)
            for name in NAMES
            if name != primary
        },
        metrics=(log or Log()).metrics(),
        client=aws.client,
    )


def long() -> float:
    return 100


def record(of: History) -> None:
    of.record(long, 5)


def test_every_healthy_region_is_recorded_once_where_its_switch_stands() -> None:
    aws = Aws()
    here = history(aws, eu_north_1=DEAD)
    record(here)
    assert aws.asked == ["eu-central-1", "eu-west-1"]
    record(here)
    assert aws.asked == ["eu-central-1", "eu-west-1"]
    log = Log()
    assert history(aws, log=log).is_new(long) is False
    assert history(aws, primary="eu-central-1").is_new(long) is False
    assert history(aws, primary="eu-north-1").is_new(long) is True
    assert log.lines == []


def test_a_watched_standby_is_recorded_only_once_its_certificate_is_served() -> None:
    # Its watch is by TCP, which passes while AWS IoT serves another certificate.
    aws = Aws()
    here = history(aws, primary="eu-central-1", eu_west_1=DEAD, eu_north_1=DEAD)
    ends = iter([DEAD, WELL])
    here = replace(here, probes={**here.probes, "eu-central-1": lambda: next(ends)})
    record(here)
    assert aws.asked == []
    record(here)
    assert aws.asked == ["eu-west-1"]


def test_a_record_of_more_than_a_year_ago_is_found() -> None:
    point = {
        "MetricName": "SeenHealthy",
        "Dimensions": [
            {"Name": "Environment", "Value": "dev"},
            {"Name": "Region", "Value": "eu-west-1"},
            {"Name": "HealthCheckId", "Value": "one-eu-west-1"},
        ],
        "Timestamp": datetime.now(UTC) - timedelta(days=400),
        "Value": 1.0,
    }
    client = Aws().client("eu-central-1")
    client.put_metric_data(Namespace="IotDr/Switch/dev", MetricData=[point])
    assert history(Aws()).is_new(long) is False


def test_an_environment_that_was_deployed_again_has_no_history() -> None:
    record(history(Aws()))
    assert history(Aws(), checks="two").is_new(long) is True


def test_what_an_instance_has_seen_itself_it_does_not_ask_for() -> None:
    aws = Aws()
    here = history(aws)
    record(here)
    aws.asked.clear()
    assert here.is_new(long) is False
    assert aws.asked == []


def test_a_record_is_found_after_the_regions_of_the_settings_changed_their_order() -> None:
    record(history(Aws()))
    aws = Aws()
    moved = history(aws)
    moved.regions = [moved.regions[2], moved.regions[0], moved.regions[1]]
    assert moved.is_new(long) is False
    assert aws.asked == ["eu-north-1", "eu-central-1"]


@pytest.mark.parametrize(
    ("error", "cause"),
    [(DENIED, "ClientError AccessDenied"), (RuntimeError("secret"), "RuntimeError")],
)
def test_a_history_that_cannot_be_read_counts_as_one(error: Exception, cause: str) -> None:
    log = Log()
    assert history(Aws({"eu-central-1": error}), log=log).is_new(long) is False
    assert log.outcomes() == ["unread"]
    assert [line["cause"] for line in log.lines] == [cause]


def test_a_region_that_keeps_no_switch_of_the_primary_and_cannot_be_read_has_no_record() -> None:
    log = Log()
    assert history(Aws({"eu-north-1": DENIED}), log=log).is_new(long) is True
    assert log.outcomes() == ["unread"]


def test_without_the_time_to_ask_and_to_switch_it_is_not_asked() -> None:
    aws, log = Aws(), Log()
    assert history(aws, log=log).is_new(lambda: CALL_SECONDS + PUT_SECONDS - 0.1) is False
    assert (aws.asked, log.outcomes()) == ([], ["unread"])


def test_a_record_that_fails_is_counted_and_tried_again() -> None:
    aws, log = Aws({"eu-central-1": DENIED}), Log()
    here = history(aws, log=log)
    record(here)
    assert log.outcomes() == ["unrecorded"]
    assert "secret" not in str(log.lines)
    assert history(Aws()).is_new(long) is True
    aws.away.clear()
    record(here)
    assert history(Aws()).is_new(long) is False


def test_without_the_time_for_a_probe_and_a_record_nothing_is_recorded() -> None:
    aws = Aws()
    history(aws).record(lambda: 5 + CALL_SECONDS - 0.1, 5)
    assert aws.asked == []
