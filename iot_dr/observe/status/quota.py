"""Service quotas: of AWS IoT, and of other services."""

from dataclasses import dataclass
from typing import Final

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RequestRefusedError

IOT_CORE: Final = "iotcore"
"""The code of AWS IoT in Service Quotas."""

# GetServiceQuota's error for a quota without a value of the account's own:
# docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
_NOT_APPLIED: Final = "NoSuchResourceException"


@dataclass(frozen=True, slots=True)
class QuotaReader:
    """Reads the quota of a service that applies in a region."""

    clients: Clients
    service: str = IOT_CORE

    def __call__(self, region: str, code: str) -> float:
        """Return a quota's value: the account's own, else AWS's default.

        Raises AwsError if Service Quotas does not return it.
        """
        try:
            return self._value(region, code, "get_service_quota")
        except RequestRefusedError as error:
            if error.code != _NOT_APPLIED:
                raise
            return self._value(region, code, "get_aws_default_service_quota")

    def _value(self, region: str, code: str, method: str) -> float:
        answer = self.clients.call(
            "service-quotas", region, method, ServiceCode=self.service, QuotaCode=code
        )
        return float(answer["Quota"]["Value"])


def increase_command(service: str, code: str, value: float, region: str) -> str:
    """Return the command that requests a quota of at least `value`."""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {service}"
        f" --quota-code {code} --desired-value {value:.0f} --region {region}"
    )
