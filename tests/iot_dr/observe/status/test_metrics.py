"""Metrics of devices, as CloudWatch returns them."""

from typing import Any

import pytest

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsError
from iot_dr.observe.status.metrics import read_devices
from tests.iot_dr.observe.status.reports import QUIET
from tests.iot_dr.observe.status.world import WEST


class CloudWatch(Clients):
    """Answers each query with no data and a status."""

    def __init__(self, status: str) -> None:
        super().__init__(None)
        self._status = status

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        assert (service, region, method) == ("cloudwatch", WEST, "get_metric_data")
        ids = [query["Id"] for query in arguments["MetricDataQueries"]]
        return {
            "MetricDataResults": [
                {"Id": id_, "StatusCode": self._status, "Timestamps": [], "Values": []}
                for id_ in (ids if self._status else ())
            ]
        }


def test_a_metric_without_data_has_no_events() -> None:
    assert read_devices(CloudWatch("Complete"), WEST) == QUIET


@pytest.mark.parametrize("status", ["InternalError", "PartialData", ""])
def test_a_metric_that_cloudwatch_did_not_return_whole_is_unknown(status: str) -> None:
    with pytest.raises(AwsError, match="cloudwatch:GetMetricData in eu-west-1: the data of a"):
        read_devices(CloudWatch(status), WEST)
