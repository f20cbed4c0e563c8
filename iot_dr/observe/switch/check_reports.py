"""Reports of a health check's checkers."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.route53.check import is_healthy_by_checkers
from modules.global_region import GLOBAL_REGION


class NoReportError(UserError):
    """No checker has reported a success or failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReports:
    """Numbers of checkers that reported and that succeeded, and the most frequent failure.

    `failing_in` are the AWS regions of the checkers that failed.
    """

    checkers: int
    succeeding: int
    failure: str | None = None
    failing_in: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether Route 53 considers the check healthy."""
        return is_healthy_by_checkers(self.succeeding, self.checkers)

    @property
    def summary(self) -> str:
        """Health and count, such as `fails 14/16`."""
        if self.healthy:
            return f"healthy {self.succeeding}/{self.checkers}"
        return f"fails {self.checkers - self.succeeding}/{self.checkers}"


@dataclass(frozen=True, slots=True)
class CheckReportReader:
    """Reads the latest reports of a check's checkers.

    Route 53 has none for a CALCULATED check:
    docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html.
    """

    clients: Clients

    def __call__(self, check_id: str) -> CheckReports:
        """Return the counts of the reports on one check.

        Raises AwsError if Route 53 does not answer or refuses, NoReportError if no checker has
        reported a success or failure.
        """
        answer = self.clients.call(
            "route53", GLOBAL_REGION, "get_health_check_status", HealthCheckId=check_id
        )
        return _counted(answer["HealthCheckObservations"])


def _counted(observations: list[dict[str, Any]]) -> CheckReports:
    statuses = [str(each.get("StatusReport", {}).get("Status", "")) for each in observations]
    succeeding = sum(each.startswith("Success") for each in statuses)
    failures = [each for each in statuses if each.startswith("Failure")]
    if not succeeding and not failures:
        raise NoReportError("no checker has reported a success or failure")
    commonest = Counter(failures).most_common(1)
    failing_in = {
        plain(str(observation.get("Region", "")))
        for observation, status in zip(observations, statuses, strict=True)
        if status.startswith("Failure")
    }
    return CheckReports(
        checkers=succeeding + len(failures),
        succeeding=succeeding,
        failure=plain(commonest[0][0]) if commonest else None,
        failing_in=tuple(sorted(failing_in)),
    )
