"""What a switch reads of its checks and their reasons."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.user_error import UsageError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.check_reports import CheckReportReader, CheckReports, NoReportError
from iot_dr.observe.switch.checks import find_check_ids
from iot_dr.observe.switch.reason import checked_reason
from tests.iot_dr.observe.status.world import SETTINGS, WEST


class LargeAccount:
    """The pages of 2,000 health checks, of which the last one is the western region's."""

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        assert (service, region, method) == ("route53", "us-east-1", "list_health_checks")
        first = int(arguments.get("Marker", "0"))
        checks = [
            {
                "Id": str(number),
                "HealthCheckConfig": {"Type": "TCP", "FullyQualifiedDomainName": name},
            }
            for number in range(first, first + 100)
            for name in [SETTINGS.regional_name(WEST) if number == 1999 else "other.example.com"]
        ]
        return {"HealthChecks": checks, "IsTruncated": first < 1900, "NextMarker": str(first + 100)}


def test_the_check_on_the_last_of_twenty_pages_is_found() -> None:
    assert find_check_ids(SETTINGS, cast("Clients", LargeAccount())) == {WEST: {"tcp": "1999"}}


@pytest.mark.parametrize(
    "reason", ["", "  ", "x" * 301, "two\nlines", "bell\x07", "\u202ereversed"]
)
def test_what_the_next_operator_could_not_read_is_refused(reason: str) -> None:
    with pytest.raises(UsageError, match="--reason") as raised:
        checked_reason(reason)
    assert str(raised.value).isprintable()


@given(st.text())
def test_a_reason_is_one_visible_line_or_refused(text: str) -> None:
    try:
        reason = checked_reason(text)
    except UsageError:
        return
    assert reason == text.strip()
    assert 1 <= len(reason) <= 300
    assert reason.isprintable()


class Checkers(Clients):
    """Route 53 with these statuses of its checkers."""

    def __init__(self, *statuses: str) -> None:
        super().__init__(None)
        self._statuses = statuses

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        assert (service, region, method) == ("route53", "us-east-1", "get_health_check_status")
        assert arguments == {"HealthCheckId": "id"}
        reports = [{"StatusReport": {"Status": each}} for each in self._statuses]
        return {"HealthCheckObservations": [*reports, {"Region": "eu-west-1"}]}


def seen(statuses: Sequence[str]) -> CheckReports:
    return CheckReportReader(Checkers(*statuses))("id")


def test_a_check_is_healthy_above_18_percent() -> None:
    well, failing = ["Success: HTTP Status Code 200, OK"], ["Failure: timed out"]
    assert seen(well * 3 + failing * 13).summary == "healthy 3/16"
    assert seen(well * 2 + failing * 14).summary == "fails 14/16"


def test_the_most_frequent_failure_is_safe_to_print() -> None:
    reports_read = seen(["Failure: rare", *["Failure: \x1b[31m503"] * 2])
    assert reports_read.failure == "Failure: \\u001b[31m503"


def test_a_checker_without_a_status_is_not_counted() -> None:
    assert seen(["Success", "Unknown", ""]) == CheckReports(checkers=1, succeeding=1)


def test_without_any_status_the_health_is_unknown() -> None:
    with pytest.raises(NoReportError, match="no checker has reported"):
        seen(["Unknown"])


@given(st.integers(0, 60), st.integers(0, 60))
def test_every_checker_with_a_status_is_counted(succeeding: int, failing: int) -> None:
    if succeeding + failing:
        reports_read = seen(["Success"] * succeeding + ["Failure"] * failing)
        assert (reports_read.succeeding, reports_read.checkers) == (
            succeeding,
            succeeding + failing,
        )
        assert reports_read.healthy == (succeeding / reports_read.checkers > 0.18)
