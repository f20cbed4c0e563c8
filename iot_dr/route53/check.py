"""A Route 53 health check, and what its status is made of."""

from dataclasses import dataclass
from typing import Final, Literal

InsufficientDataStatus = Literal["Healthy", "Unhealthy", "LastKnownStatus"]
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
"""The state of a CloudWatch alarm; that of a switch is ALARM while its region is switched away."""

_HEALTHY_PERCENT: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One `aws_route53_health_check`.

    `id` is its stack and address. `region` is the one that is asked at `port`, each `interval`
    seconds: by the name `host` of AWS IoT, or through its health API where that is None.
    `threshold` answers in a row change what a checker says. A CALCULATED check has `children`, of
    which `child_threshold` must be healthy, None if unknown; a CLOUDWATCH_METRIC check follows the
    alarm `alarm`, an id, and `insufficient_data_status` when that has no data.
    """

    id: str
    type: str
    region: str | None = None
    host: str | None = None
    port: int = 0
    interval: int = 30
    threshold: int = 3
    children: tuple[str, ...] = ()
    child_threshold: int | None = 0
    alarm: str | None = None
    insufficient_data_status: InsufficientDataStatus = "LastKnownStatus"
    inverted: bool = False
    disabled: bool = False

    @property
    def is_healthy_without_data(self) -> bool:
        """The status before anything is known: healthy, unless a missing alarm state is not.

        docs.aws.amazon.com/Route53/latest/DeveloperGuide/
        dns-failover-determining-health-of-endpoints.html.
        """
        return self.alarm is None or self.insufficient_data_status != "Unhealthy"

    def is_healthy_by_alarm(self, state: AlarmState, *, last: bool) -> bool:
        """Return the status that the state of the alarm gives; `last` is the one before.

        docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html,
        InsufficientDataHealthStatus.
        """
        if state == "INSUFFICIENT_DATA":
            return (
                last
                if self.insufficient_data_status == "LastKnownStatus"
                else self.is_healthy_without_data
            )
        return state == "OK"


def is_healthy_by_checkers(succeeding: int, checkers: int) -> bool:
    """Whether an endpoint is healthy: more than 18 % of the checkers say so.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/
    dns-failover-determining-health-of-endpoints.html.
    """
    return 100 * succeeding > _HEALTHY_PERCENT * checkers
