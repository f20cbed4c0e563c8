"""The inputs of the recovery time's prediction."""

from dataclasses import dataclass
from typing import Final

from functions.contract import Mode, canary_age
from modules.switch_metric import SWITCH_PERIOD
from modules.watch_time import WATCH_PERIOD

TCP_TIMEOUT: Final = 10.0
"""Seconds that a TCP check waits for a connection; source: see `HTTPS_TIMEOUT`."""

HTTPS_TIMEOUT: Final = 4.0 + 2.0
"""Seconds that an HTTPS check waits for a connection, plus those for the answer.

docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryInputs:
    """The settings that decide the recovery time, in seconds, devices, and connections per second.

    Devices back off from 1 s, doubled after each failure up to the ceiling, with full jitter: each
    waits a random fraction of it. `alarm_period` is that of the switches' alarms, and
    `watch_period` the seconds between two invocations of a watcher.
    """

    mode: Mode
    interval: int
    threshold: int
    ttl: int
    fleet: int
    connect_rate: int
    backoff_ceiling: int
    alarm_period: int = SWITCH_PERIOD
    watch_period: int = WATCH_PERIOD

    @property
    def probe_timeout(self) -> float:
        """Seconds until a probe of the primary times out."""
        return HTTPS_TIMEOUT if self.mode == "deep" else TCP_TIMEOUT

    @property
    def canary_age(self) -> float:
        """Seconds for which the canary may return an old result; 0 without a canary."""
        return canary_age(self.interval) if self.mode == "deep" else 0.0

    @property
    def is_throttled(self) -> bool:
        """Whether the fleet exceeds the connections per second, so that some are refused."""
        return self.fleet > self.connect_rate
