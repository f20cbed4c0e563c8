"""What the checks of one region say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from iot_dr.route53.chain import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHealth:
    """Whether a region's deep check and its TCP check are healthy.

    Healthy is what Route 53 holds of a check that has no data yet:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
    """

    deep: bool = True
    tcp: bool = True

    def own(self, mode: Mode) -> bool:
        """Tell whether the check that judges a primary is healthy: deep, or TCP when shallow."""
        return self.deep if mode == "deep" else self.tcp


Health = Mapping[str, RegionHealth]
"""The health of regions by name; a region that is left out is well."""

WELL: Final = RegionHealth()
