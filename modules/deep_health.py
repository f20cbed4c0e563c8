"""The deep health check of a region, with its canary and health API."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from functions.contract import HTTPS_PORT
from modules.canary import Canary, CanaryInputs
from modules.check_frequency import require_valid_frequency
from modules.checker_regions import CHECKER_REGIONS
from modules.context import Context
from modules.health_api import HealthApi, HealthApiInputs, HealthApiOutputs
from modules.module import Module
from modules.monitoring_names import deep_check_name
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
class _DeepHealthCheckOutputs:
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
        self.outputs = _DeepHealthCheckOutputs(check_id=check.id)


@dataclass(frozen=True, kw_only=True)
class DeepHealthInputs:
    """The regional name, the check's interval (seconds) and threshold, and the alarm topic."""

    provider: AwsProvider
    context: Context
    account_id: str
    regional_name: str
    interval: Number
    threshold: Number
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class DeepHealthOutputs:
    """The id of the deep health check."""

    check_id: str


class DeepHealth:
    """An HTTPS health check of an HTTP API, behind which the canary publishes as a device would."""

    def __init__(self, scope: Construct, inputs: DeepHealthInputs) -> None:
        canary = Canary(
            scope,
            "canary",
            CanaryInputs(
                provider=inputs.provider,
                context=inputs.context,
                account_id=inputs.account_id,
                regional_name=inputs.regional_name,
                interval=inputs.interval,
                topic_arn=inputs.topic_arn,
            ),
        )
        api = HealthApi(
            scope,
            "health_api",
            HealthApiInputs(
                provider=inputs.provider,
                context=inputs.context,
                function=canary.outputs,
                topic_arn=inputs.topic_arn,
            ),
        )
        check = DeepHealthCheckInputs(
            provider=inputs.provider,
            name=deep_check_name(inputs.context, inputs.context.region),
            api=api.outputs,
            interval=inputs.interval,
            threshold=inputs.threshold,
        )
        check_id = DeepHealthCheck(scope, "deep_check", check).outputs.check_id
        self.outputs = DeepHealthOutputs(check_id=check_id)
