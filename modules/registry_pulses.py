"""Pulses through a region's queues of capture, by which other regions measure their lag."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import RECOVERY_POINT, REGISTRY_NAMESPACE, SHADOW_RECOVERY_POINT
from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.module import Module
from modules.registry_queues import RegistryQueuesOutputs, pulses_rule_name

_SLOT: Final = "registry_pulses"
# A pulse is a minute old at most when the next one comes.
_LATE, _PERIOD, _PERIODS = 300_000, 60, 5


@dataclass(frozen=True, kw_only=True)
class RegistryPulsesInputs:
    """The queues of the registry, and the topic that the alarms notify."""

    provider: AwsProvider
    context: Context
    queues: RegistryQueuesOutputs
    topic_arn: str


class RegistryPulses(Module):
    """An EventBridge rule that sends a message to each queue of capture every minute; two alarms.

    Capture records it behind the changes before it, and every other region publishes how old the
    newest one is that it has. The alarm of a queue goes off when one of them has been older than
    five minutes for five minutes; the first one also when nothing was published for so long.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryPulsesInputs) -> None:
        super().__init__(scope, id_)
        provider = inputs.provider
        rule = self.flat(
            CloudwatchEventRule(
                self,
                "rule",
                provider=provider,
                name=pulses_rule_name(inputs.context),
                description="Sends a pulse through the queues of the device registry",
                schedule_expression="rate(1 minute)",
            ),
            _SLOT,
        )
        for what, queue in (("changes", inputs.queues.changes), ("shadows", inputs.queues.shadows)):
            dead_letters = CloudwatchEventTargetDeadLetterConfig(arn=inputs.queues.dead_letters.arn)
            target = CloudwatchEventTarget(
                self,
                what,
                provider=provider,
                rule=rule.name,
                target_id=what,
                arn=queue.arn,
                dead_letter_config=dead_letters,
            )
            self.flat(target, f"{_SLOT}_{what}")
        self._alarm(inputs, "registry", "Changes", RECOVERY_POINT)
        self._alarm(inputs, "registry-shadows", "Changes of shadows", SHADOW_RECOVERY_POINT)

    def _alarm(self, inputs: RegistryPulsesInputs, subject: str, what: str, metric: str) -> None:
        context, name = inputs.context, f"{subject}-recovery-point"
        is_first = metric == RECOVERY_POINT
        alarm = AlarmInputs(
            provider=inputs.provider,
            slot=name.replace("-", "_"),
            name=alarm_name(context, name),
            description=f"{what} of another region have not reached {context.region} for minutes"
            + (", or it does not measure that." if is_first else "."),
            namespace=REGISTRY_NAMESPACE,
            metric=metric,
            dimensions={"Environment": context.environment},
            statistic="Maximum",
            threshold=_LATE,
            period=_PERIOD,
            evaluation_periods=_PERIODS,
            # One function measures both: the first alarm alone says that it does not run.
            treat_missing_data="breaching" if is_first else "notBreaching",
            topic_arn=inputs.topic_arn,
        )
        Alarm(self, name, alarm)
