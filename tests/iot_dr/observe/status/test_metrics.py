"""Metrics of devices, as CloudWatch returns them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsError
from iot_dr.observe.status.metrics import read_devices
from iot_dr.observe.status.registry_ages import RegistryAges, read_registry_ages
from tests.iot_dr.observe.status.reports import QUIET
from tests.iot_dr.observe.status.world import CENTRAL, WEST


class CloudWatch(Clients):
    """Answers each query with a status, and a value of some minutes ago for some metrics."""

    def __init__(self, status: str, values: Mapping[str, tuple[int, float]] | None = None) -> None:
        super().__init__(None)
        self._status, self._values = status, values or {}

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        assert (service, region, method) == ("cloudwatch", WEST, "get_metric_data")
        queries = arguments["MetricDataQueries"] if self._status else ()
        return {"MetricDataResults": [self._result(query) for query in queries]}

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        result = {"Id": query["Id"], "StatusCode": self._status, "Timestamps": [], "Values": []}
        if metric["MetricName"] not in self._values:
            return result
        assert metric["Namespace"] == "IotDr/Registry"
        assert {each["Name"]: each["Value"] for each in metric["Dimensions"]} == {
            "Environment": "dev",
            "Source": CENTRAL,
        }
        minutes, value = self._values[metric["MetricName"]]
        at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
        return {**result, "Timestamps": [at], "Values": [value]}


def test_a_metric_without_data_has_no_events() -> None:
    assert read_devices(CloudWatch("Complete"), WEST) == QUIET


@pytest.mark.parametrize("status", ["InternalError", "PartialData", ""])
def test_a_metric_that_cloudwatch_did_not_return_whole_is_unknown(status: str) -> None:
    with pytest.raises(AwsError, match="cloudwatch:GetMetricData in eu-west-1: the data of a"):
        read_devices(CloudWatch(status), WEST)


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 31.0), (2, 91.0), (10, 571.0), (11, None)])
def test_what_was_measured_minutes_ago_is_minutes_older_now(
    minutes: int, seconds: float | None
) -> None:
    """As in a region whose function has stopped: its last value must not look like today's."""
    seen = CloudWatch("Complete", {"RecoveryPoint": (minutes, 31_000)})
    assert read_registry_ages(seen, WEST, "dev", [CENTRAL]) == {
        CENTRAL: RegistryAges(changes=seconds, shadows=None)
    }
