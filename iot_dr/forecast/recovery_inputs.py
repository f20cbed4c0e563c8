"""What the time until devices are back depends on."""

from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from iot_dr.route53.failover_config import Mode

TCP_TIMEOUT: Final = 10.0
"""Seconds that a TCP check waits for a connection; the source is that of `HTTPS_TIMEOUT`."""

HTTPS_TIMEOUT: Final = 4.0 + 2.0
"""Seconds that an HTTPS check waits for a connection, and then for the answer.

docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
"""

CANARY_AGE: Final = 5.0
"""Seconds for which the canary answers from its last result, at most the interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryInputs:
    """The settings that count, in seconds, devices, and connects a second.

    Devices back off from 1 s, doubled after each failure up to the ceiling, with full jitter: each
    waits a random part of that.
    """

    mode: Mode
    interval: int
    threshold: int
    ttl: int
    fleet: int
    connect_rate: int
    backoff_ceiling: int

    @property
    def probe_timeout(self) -> float:
        """Seconds that a probe of the primary may hang."""
        return HTTPS_TIMEOUT if self.mode == "deep" else TCP_TIMEOUT

    @property
    def canary_age(self) -> float:
        """Seconds for which an old result may still be told; none where no canary is asked."""
        return min(float(self.interval), CANARY_AGE) if self.mode == "deep" else 0.0

    @property
    def is_throttled(self) -> bool:
        """Whether the whole fleet cannot connect within a second, so that some are refused."""
        return self.fleet > self.connect_rate


def recovery_inputs(settings: Settings, fleet: int | None = None) -> RecoveryInputs:
    """Pick out of an environment's settings what its recovery time depends on.

    `fleet` is another number of devices than the settings'.
    """
    health, recovery = settings.health, settings.recovery
    return RecoveryInputs(
        mode=health.mode,
        interval=health.interval,
        threshold=health.threshold,
        ttl=settings.endpoint.ttl,
        fleet=recovery.fleet if fleet is None else fleet,
        connect_rate=recovery.connect_rate,
        backoff_ceiling=recovery.backoff_ceiling,
    )
