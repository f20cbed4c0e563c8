"""The canary: a Lambda function that publishes through the regional name as a device would."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import CANARY_NAMESPACE, UNHEALTHY, CanaryVariable
from modules.alarm import Alarm, AlarmInputs
from modules.context import Context
from modules.function import Function, FunctionInputs, FunctionOutputs
from modules.function_limits import CANARY_CONCURRENCY, CANARY_MEMORY, CANARY_TIMEOUT
from modules.module import Module
from modules.monitoring_names import canary_alarm_name
from modules.number import Number
from modules.policy_document import allow
from modules.watcher_calls import PUBLISH, topic_arn

_PERIOD = 60
_PERIODS = 2


@dataclass(frozen=True, kw_only=True)
class CanaryInputs:
    """The regional name, the health check's interval in seconds, and the alarm topic."""

    provider: AwsProvider
    context: Context
    account_id: str
    regional_name: str
    interval: Number
    topic_arn: str


class Canary(Module):
    """A function that answers 200 if it could publish through the regional name, else 503.

    Certificate, DNS name, domain configuration, authorization and broker are all on its path.
    Creates the function, its role, which may publish to one topic, and an alarm on the metric
    `Unhealthy`.
    """

    def __init__(self, scope: Construct, id_: str, inputs: CanaryInputs) -> None:
        super().__init__(scope, id_)
        context = inputs.context
        function = Function(self, "function", _function(inputs))
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot="canary",
                name=canary_alarm_name(context, context.region),
                description=f"The canary cannot publish through {inputs.regional_name}, or nobody"
                " asks it. Devices move once the health check has failed often enough.",
                namespace=CANARY_NAMESPACE,
                metric=UNHEALTHY,
                dimensions={"Environment": context.environment},
                statistic="Maximum",
                threshold=1,
                period=_PERIOD,
                evaluation_periods=_PERIODS,
                treat_missing_data="breaching",
                topic_arn=inputs.topic_arn,
            ),
        )
        self.outputs: FunctionOutputs = function.outputs


def _function(inputs: CanaryInputs) -> FunctionInputs:
    context = inputs.context
    topic = f"iot-dr/{context.environment}/canary"
    publish = allow("PublishOneTopic", PUBLISH, topic_arn(context.region, inputs.account_id, topic))
    return FunctionInputs(
        provider=inputs.provider,
        context=context,
        package="canary",
        slot="canary",
        name=context.name("canary"),
        role_name=context.name(f"canary-{context.region}"),
        description=f"Publishes through {inputs.regional_name} for its health check",
        variables={
            CanaryVariable.HOST: inputs.regional_name,
            CanaryVariable.TOPIC: topic,
            CanaryVariable.ENVIRONMENT: context.environment,
            CanaryVariable.INTERVAL: str(inputs.interval),
        },
        statements=[publish],
        timeout=CANARY_TIMEOUT,
        memory=CANARY_MEMORY,
        reserved_concurrency=CANARY_CONCURRENCY,
    )
