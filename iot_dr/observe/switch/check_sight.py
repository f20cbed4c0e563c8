"""What the checkers of a health check say."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.checks import ROUTE53_REGION
from iot_dr.route53.check import is_healthy_by_checkers


class NoReportError(UserError):
    """Route 53 answered, and no checker has told anything that can be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSight:
    """How many checkers told something, how many of them success, and the commonest failure."""

    checkers: int
    succeeding: int
    failure: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether Route 53 holds the check for healthy."""
        return is_healthy_by_checkers(self.succeeding, self.checkers)

    @property
    def words(self) -> str:
        """Health and count, such as `fails 14/16`."""
        if self.healthy:
            return f"healthy {self.succeeding}/{self.checkers}"
        return f"fails {self.checkers - self.succeeding}/{self.checkers}"


@dataclass(frozen=True, slots=True)
class CheckReader:
    """Asks Route 53 what the checkers of a check last told.

    That cannot be asked of a CALCULATED check:
    docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html.
    """

    clients: Clients

    def __call__(self, check_id: str) -> CheckSight:
        """Ask for one check.

        Raises AwsError when Route 53 does not tell, NoReportError when no checker has.
        """
        told = self.clients.call(
            "route53", ROUTE53_REGION, "get_health_check_status", HealthCheckId=check_id
        )
        return _counted(told["HealthCheckObservations"])


def _counted(observations: list[dict[str, Any]]) -> CheckSight:
    told = [str(each.get("StatusReport", {}).get("Status", "")) for each in observations]
    succeeding = sum(each.startswith("Success") for each in told)
    failures = [each for each in told if each.startswith("Failure")]
    if not succeeding and not failures:
        raise NoReportError("no checker has told whether it succeeds")
    commonest = Counter(failures).most_common(1)
    return CheckSight(
        checkers=succeeding + len(failures),
        succeeding=succeeding,
        failure=plain(commonest[0][0]) if commonest else None,
    )
