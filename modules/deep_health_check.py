"""The deep health check of a region: an HTTPS request to its health API."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from functions.contract import HTTPS_PORT
from modules.check_frequency import require_valid_frequency
from modules.checker_regions import CHECKER_REGIONS
from modules.health_api import HealthApiOutputs
from modules.module import Module
from modules.number import Number


@dataclass(frozen=True, kw_only=True)
class DeepHealthCheckInputs:
    """The health API, the interval in seconds, and the results in a row that change the status."""

    provider: AwsProvider
    name: str
    api: HealthApiOutputs
    interval: Number
    threshold: Number


@dataclass(frozen=True, kw_only=True)
class DeepHealthCheckOutputs:
    """The check's id, for calculated checks."""

    check_id: str


class DeepHealthCheck(Module):
    """An HTTPS check of the region's health API, and so of all that a device's message depends on.

    Route 53 requires a TCP connection within 4 s and a status of 2xx or 3xx within 2 s more. Raises
    InputError for an interval or threshold that Route 53 does not accept. Source:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: DeepHealthCheckInputs) -> None:
        require_valid_frequency(DeepHealthCheck, inputs.interval, inputs.threshold)
        super().__init__(scope, id_)
        check = self.flat(
            Route53HealthCheck(
                self,
                "deep",
                provider=inputs.provider,
                type="HTTPS",
                fqdn=inputs.api.host,
                port=HTTPS_PORT,
                resource_path=inputs.api.path,
                enable_sni=True,
                request_interval=inputs.interval,
                failure_threshold=inputs.threshold,
                regions=[*CHECKER_REGIONS],
                tags={"Name": inputs.name},
                # A request before the route is deployed would count as a failure.
                depends_on=inputs.api.dependencies,
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            "deep",
        )
        self.outputs = DeepHealthCheckOutputs(check_id=check.id)
