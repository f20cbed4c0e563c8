"""What a change to a health check means, argument by argument."""

import pytest

from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import FLEET, TCP_CHECK, Json, plan, told, with_entry


@pytest.mark.parametrize(
    "argument",
    [
        *("type", "fqdn", "ip_address", "port", "resource_path", "search_string"),
        *("request_interval", "failure_threshold", "regions", "measure_latency", "enable_sni"),
        *("disabled", "invert_healthcheck", "child_healthchecks", "child_health_threshold"),
        *("cloudwatch_alarm_name", "cloudwatch_alarm_region", "insufficient_data_health_status"),
        *("routing_control_arn", "reference_name"),
    ],
)
def test_each_argument_that_decides_what_is_healthy_is_told(argument: str) -> None:
    before = {**FLEET[TCP_CHECK], argument: ["a"]}
    change: Json = {"actions": ["update"], "before": before, "after": {**before, argument: ["b"]}}
    (attention,) = told(with_entry(plan({}), TCP_CHECK, change))
    assert attention.verdict is Verdict.WARN
    assert attention.why.endswith("; the device name's PRIMARY record asks it")
    assert [each.path for each in attention.attributes] == [f"{argument}[0]"]
