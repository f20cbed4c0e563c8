"""A Route 53 health check and its status."""

from dataclasses import dataclass
from typing import Final, Literal

InsufficientDataStatus = Literal["Healthy", "Unhealthy", "LastKnownStatus"]
"""InsufficientDataHealthStatus of a check that follows an alarm."""
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
"""The state of a CloudWatch alarm; a switch's alarm is in ALARM while its region is switched away.
"""

HTTPS_TYPES: Final = ("HTTPS", "HTTPS_STR_MATCH")
HTTP_TYPES: Final = ("HTTP", "HTTP_STR_MATCH", *HTTPS_TYPES)
ENDPOINT_TYPES: Final = ("TCP", *HTTP_TYPES)
"""docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (Type)."""
CALCULATED: Final = "CALCULATED"
CLOUDWATCH_METRIC: Final = "CLOUDWATCH_METRIC"
RECOVERY_CONTROL: Final = "RECOVERY_CONTROL"

_HEALTHY_PERCENT: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A Route 53 health check.

    `id` is its stack and address; in an environment's settings, its kind and region. A check of an
    endpoint connects to `region` at `port` every `interval` seconds: to the AWS IoT endpoint
    `host`, or to the region's health API if it is None. It requests `path`, with the server name in
    the TLS handshake if `has_sni`, and looks for `searched`. A checker changes its result after
    `threshold` consecutive answers. A CALCULATED check needs `child_threshold` healthy `children`,
    None if unknown. A CLOUDWATCH_METRIC check follows the alarm with the id `alarm`, and
    `insufficient_data_status` if it has no data.
    """

    id: str
    type: str
    region: str | None = None
    host: str | None = None
    port: int = 0
    path: str = "/"
    has_sni: bool = True
    searched: str = ""
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
        """The status before any data: healthy, except for an alarm with status Unhealthy.

        docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
        """
        return self.alarm is None or self.insufficient_data_status != "Unhealthy"

    def is_healthy_by_alarm(self, state: AlarmState, *, last: bool) -> bool:
        """Return the status for the alarm's state; `last` is the previous status.

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
    """Whether an endpoint is healthy: more than 18 % of the checkers report it healthy.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
    """
    return 100 * succeeding > _HEALTHY_PERCENT * checkers
