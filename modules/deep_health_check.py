"""The deep health check of a region: did a message go through its own name?"""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from modules.check_frequency import refuse_wrong_frequency
from modules.checker_regions import CHECKER_REGIONS
from modules.health_api import HealthApiOutputs
from modules.module import Module
from modules.number import Number

_HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class DeepHealthCheckInputs:
    """The API to ask, how often (seconds), and how many results in a row change the verdict."""

    provider: AwsProvider
    name: str
    api: HealthApiOutputs
    interval: Number
    threshold: Number


@dataclass(frozen=True, kw_only=True)
class DeepHealthCheckOutputs:
    """The id that calculated checks refer to."""

    check_id: str


class DeepHealthCheck(Module):
    """An HTTPS check of the region's health API, and so of all that a device's message needs.

    Route 53 wants a TCP connect within 4 s and a status of 2xx or 3xx within 2 s more:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide,
    dns-failover-determining-health-of-endpoints.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: DeepHealthCheckInputs) -> None:
        refuse_wrong_frequency(DeepHealthCheck, inputs.interval, inputs.threshold)
        super().__init__(scope, id_)
        check = self.flat(
            Route53HealthCheck(
                self,
                "deep",
                provider=inputs.provider,
                type="HTTPS",
                fqdn=inputs.api.host,
                port=_HTTPS,
                resource_path=inputs.api.path,
                enable_sni=True,
                request_interval=inputs.interval,
                failure_threshold=inputs.threshold,
                regions=[*CHECKER_REGIONS],
                tags={"Name": inputs.name},
                # Asked before the route is served, it would count failures.
                depends_on=inputs.api.before,
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            "deep",
        )
        self.outputs = DeepHealthCheckOutputs(check_id=check.id)
