"""The health of regions, and the answer for the device name that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from functions.contract import Mode
from iot_dr.route53.evaluation import Answer
from iot_dr.route53.failover_config import FailoverConfig, answers


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHealth:
    """Whether a region's deep check and TCP check are healthy."""

    deep: bool = True
    tcp: bool = True

    def is_healthy(self, mode: Mode) -> bool:
        """Whether the check of a primary in this mode is healthy: deep or TCP."""
        return self.deep if mode == "deep" else self.tcp


Health = Mapping[str, RegionHealth]
"""The health of regions by name; a missing region is healthy."""

HEALTHY: Final = RegionHealth()


def answer(config: FailoverConfig, health: Health, switches: frozenset[str]) -> Answer:
    """Return the answer for the device name; `switches` are the regions switched away from."""

    def is_healthy(region: str, kind: str) -> bool:
        state = health.get(region, HEALTHY)
        return {"deep": state.deep, "tcp": state.tcp, "switch": region not in switches}[kind]

    return answers(config, {key: is_healthy(*key) for key in config.check_keys})[0]
