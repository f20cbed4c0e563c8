"""How long a comparison of the fleet takes by the account's quota, and the quota to request."""

from dataclasses import dataclass
from math import ceil
from typing import Final, Self

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.quota import IOT_CORE, QuotaReader, increase_command

# ListThingPrincipalsV2, one for each thing: docs.aws.amazon.com/general/latest/gr/iot-core.html.
# DescribeCertificate has the same default, and no code is known.
_PRINCIPALS: Final = "L-00ACEBE9"

SHARE: Final = 0.8
"""The part of a quota that comparisons take; the rest is for devices and changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonQuota:
    """The lowest quota of a comparison in a region: `limit` things a second."""

    region: str
    limit: float

    @classmethod
    def read(cls, clients: Clients, region: str) -> Self:
        """Read the account's own quota; raises AwsError."""
        return cls(region=region, limit=QuotaReader(clients)(region, _PRINCIPALS))

    def hours(self, things: int, rate: float) -> float:
        """Return how long things take at a rate, or at the quota if that is lower."""
        return things / max(1.0, min(rate, self.limit)) / 3600

    def request(self, rate: float) -> tuple[int, str]:
        """Return the quota of which `rate` things a second are the share, and how to request it."""
        quota = ceil(rate / SHARE)
        return quota, increase_command(IOT_CORE, _PRINCIPALS, quota, self.region)
