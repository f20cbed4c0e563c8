"""The deep health check of a region, with its canary and health API."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.canary import Canary, CanaryInputs
from modules.context import Context
from modules.deep_health_check import DeepHealthCheck, DeepHealthCheckInputs
from modules.health_api import HealthApi, HealthApiInputs
from modules.monitoring_names import deep_check_name
from modules.number import Number


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
