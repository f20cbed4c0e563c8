"""The queues of a region's registry, and alarms on them."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.module import Module
from modules.queue import Queue, QueueInputs, QueueOutputs, RedrivePolicy
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.queue_limits import APPLY, CAPTURE, RECONCILE, Consumption
from modules.registry_calls import calls_rule_name

SHADOW_RUNS: Final = 5
"""Concurrent runs of each queue of shadows, multiplied by the parallelization factor."""

_OLDEST, _PERIOD = 1800, 300


def pulses_rule_name(context: Context) -> str:
    """Return the name of the rule that sends pulses to the queues of capture."""
    return context.name("registry-pulses")


@dataclass(frozen=True, kw_only=True)
class RegistryQueuesInputs:
    """The account, the region (by its context), and the topic that the alarms notify."""

    provider: AwsProvider
    context: Context
    account_id: str
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class RegistryQueuesOutputs:
    """The queues of the capture, apply and reconcile functions, and their dead-letter queue.

    Shadows have queues of their own, `shadows` to capture and `apply_shadows`, because device
    messages change them at a high rate, which must not delay certificates.
    """

    changes: QueueOutputs
    shadows: QueueOutputs
    apply_shadows: QueueOutputs
    retry: QueueOutputs
    reconcile: QueueOutputs
    dead_letters: QueueOutputs


class RegistryQueues(Module):
    """Five queues for functions, their dead-letter queue, and alarms.

    A message received too often moves to the dead-letter queue, and so does an event that reaches
    no queue; a person has to handle it. `reconcile` has no alarm.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryQueuesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        rules = (calls_rule_name(inputs.context),)
        pulses = (pulses_rule_name(inputs.context),)
        dead_letters = self._queue("parked", rule_names=rules + pulses)
        self._alarm_on_dead_letters(dead_letters)
        changes = self._consumed("changes", CAPTURE, dead_letters, rule_names=rules + pulses)
        shadows = self._consumed("shadows", CAPTURE, dead_letters, rule_names=pulses)
        apply_shadows = self._consumed("apply-shadows", APPLY, dead_letters)
        retry = self._consumed("retry", APPLY, dead_letters)
        reconcile = self._consumed("reconcile", RECONCILE, dead_letters)
        self._alarm_on_age("changes", changes, "the registry", "written down")
        self._alarm_on_age("shadows", shadows, "shadows", "written down")
        self._alarm_on_age("apply-shadows", apply_shadows, "shadows", "taken over")
        self._alarm_on_age("retry", retry, "the registry", "taken over")
        self.outputs = RegistryQueuesOutputs(
            changes=changes,
            shadows=shadows,
            apply_shadows=apply_shadows,
            retry=retry,
            reconcile=reconcile,
            dead_letters=dead_letters,
        )

    def _consumed(
        self,
        what: str,
        consumption: Consumption,
        dead_letters: QueueOutputs,
        *,
        rule_names: tuple[str, ...] = (),
    ) -> QueueOutputs:
        redrive = RedrivePolicy(dead_letters.arn, consumption.receives)
        return self._queue(what, consumption.visibility_timeout, redrive, rule_names=rule_names)

    def _queue(
        self,
        what: str,
        visibility_timeout: int = 30,
        redrive: RedrivePolicy | None = None,
        *,
        rule_names: tuple[str, ...] = (),
    ) -> QueueOutputs:
        inputs = self._inputs
        return Queue(
            self,
            what,
            QueueInputs(
                provider=inputs.provider,
                slot=f"registry_{what.replace('-', '_')}",
                name=inputs.context.name(f"registry-{what}"),
                region=inputs.context.region,
                account_id=inputs.account_id,
                visibility_timeout=visibility_timeout,
                redrive=redrive,
                rule_names=rule_names,
            ),
        ).outputs

    def _alarm_on_dead_letters(self, queue: QueueOutputs) -> None:
        inputs, region = self._inputs, self._inputs.context.region
        alarm = QueueAlarmInputs(
            provider=inputs.provider,
            slot="registry_parked",
            name=alarm_name(inputs.context, "registry-parked"),
            description=f"Changes of the registry are given up in {region}: look into the queue.",
            queue=queue,
            topic_arn=inputs.topic_arn,
        )
        QueueAlarm(self, "parked_alarm", alarm)

    def _alarm_on_age(self, what: str, queue: QueueOutputs, of: str, done: str) -> None:
        inputs, region = self._inputs, self._inputs.context.region
        alarm = AlarmInputs(
            provider=inputs.provider,
            slot=f"registry_{what.replace('-', '_')}_age",
            name=alarm_name(inputs.context, f"registry-{what}-age"),
            description=f"Changes of {of} wait for half an hour to be {done} in {region}.",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            threshold=_OLDEST,
            period=_PERIOD,
            evaluation_periods=1,
            # SQS publishes no metrics of a queue that was inactive for six hours: see QueueAlarm.
            treat_missing_data="notBreaching",
            topic_arn=inputs.topic_arn,
        )
        Alarm(self, f"{what}_age", alarm)
