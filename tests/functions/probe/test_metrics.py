"""The embedded metric format, as CloudWatch reads it."""

import pytest

from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result
from tests.functions.world import Log


def test_a_probe_is_counted_by_its_outcome_and_its_health_without() -> None:
    log = Log()
    log.metrics().probe(Result(Outcome.SLOW, "TimeoutError"), {"Unhealthy": 1})
    assert log.lines == [
        {
            "_aws": {
                "Timestamp": 1500,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Test",
                        "Dimensions": [["Environment", "Outcome"]],
                        "Metrics": [{"Name": "Probes", "Unit": "Count"}],
                    },
                    {
                        "Namespace": "Test",
                        "Dimensions": [["Environment"]],
                        "Metrics": [{"Name": "Unhealthy", "Unit": "Count"}],
                    },
                ],
            },
            "Environment": "dev",
            "Outcome": "slow",
            "Probes": 1,
            "Unhealthy": 1,
            "cause": "TimeoutError",
        }
    ]


def test_all_that_a_directive_names_is_in_its_line() -> None:
    log = Log()
    log.metrics().put({"PrimaryFailing": 0, "Latched": 0})
    log.metrics().probe(Result(Outcome.OK))
    for line in log.lines:
        for directive in line["_aws"]["CloudWatchMetrics"]:
            named = [metric["Name"] for metric in directive["Metrics"]]
            named += [name for names in directive["Dimensions"] for name in names]
            assert named
            assert set(named) <= line.keys()


def test_values_have_a_unit_and_a_line_may_say_why() -> None:
    log = Log()
    log.metrics().put({"Lag": 250}, unit="Milliseconds", cause="throttled")
    (line,) = log.lines
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "Lag", "Unit": "Milliseconds"}]
    assert (line["Lag"], line["cause"]) == (250, "throttled")


def test_a_line_goes_to_standard_output_where_lambda_finds_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Metrics("IotDr/Canary", "dev").put({"Unhealthy": 0})
    assert capsys.readouterr().out.startswith('{"_aws": ')
