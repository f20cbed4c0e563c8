"""What AWS IoT lets a region's devices do."""

from dataclasses import dataclass
from typing import Final

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RefusedError

QUOTAS: Final = {"connect_rate": "L-AEA1E176", "connections": "L-75CAB723"}
"""Codes of the connects a second and of the connections at a time of an account in a region.

docs.aws.amazon.com/general/latest/gr/iot-core.html.
"""

_SERVICE: Final = "iotcore"
_NOT_APPLIED: Final = "NoSuchResourceException"


@dataclass(frozen=True, slots=True)
class QuotaReader:
    """Asks Service Quotas for a quota that holds in a region."""

    clients: Clients

    def __call__(self, region: str, code: str) -> float:
        """Give a quota's value: the account's own, else AWS's default.

        Raises AwsError when Service Quotas does not tell.
        """
        try:
            return self._value(region, code, "get_service_quota")
        except RefusedError as error:
            if error.code != _NOT_APPLIED:
                raise
            return self._value(region, code, "get_aws_default_service_quota")

    def _value(self, region: str, code: str, method: str) -> float:
        told = self.clients.call(
            "service-quotas", region, method, ServiceCode=_SERVICE, QuotaCode=code
        )
        return float(told["Quota"]["Value"])
