"""The queues of a region's registry, and the timeouts of their consumers."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.module import Module
from modules.queue import Queue, QueueInputs, QueueOutputs, RedrivePolicy
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.queue_consumer import visibility_timeout
from modules.registry_calls import calls_rule_name

CAPTURE_TIMEOUT: Final = 60
"""Timeout of capture, in seconds."""
CAPTURE_WINDOW: Final = 1
"""Batching window of capture, in seconds: long enough for apply to finish a change."""
APPLY_TIMEOUT: Final = 120
"""Timeout of apply, in seconds.

It must be less than the five minutes after which a pending change counts as abandoned
(`functions/registry/pending.py`).
"""
SHADOW_RUNS: Final = 5
"""Concurrent runs of each queue of shadows, multiplied by the parallelization factor."""
RECONCILE_TIMEOUT: Final = 900
"""Timeout of one invocation of the reconciler, in seconds; the next one continues."""

# At most a receive every six minutes of a shadow, or of a message that a batch had no time for; of
# another change every 15 minutes in the end (`functions/registry/queue.py`). An alarm on the oldest
# message's age goes off much earlier.
_CAPTURE_RECEIPTS: Final = 100
# Apply itself parks a change after a day, about a hundred receives. Three times as many mean that
# it crashed each time.
_RETRY_RECEIPTS: Final = 300
# The minimum that AWS recommends, since a throttled invocation also counts as a receive:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_RECONCILE_RECEIPTS: Final = 5
_OLDEST, _PERIOD = 1800, 300


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
    parked: QueueOutputs


class RegistryQueues(Module):
    """Five queues for functions, their dead-letter queue `parked`, and alarms.

    A message received too often moves to `parked`, and so does an event that reaches no queue; a
    person has to handle it. `reconcile` has no alarm.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryQueuesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        rules = (calls_rule_name(inputs.context),)
        parked = self._queue("parked", rule_names=rules)
        self._alarm_on_parked(parked)
        timeout = visibility_timeout(CAPTURE_TIMEOUT, CAPTURE_WINDOW)
        redrive = RedrivePolicy(parked.arn, _CAPTURE_RECEIPTS)
        changes = self._queue("changes", timeout, redrive, rule_names=rules)
        shadows = self._queue("shadows", timeout, redrive)
        timeout = visibility_timeout(APPLY_TIMEOUT, 0)
        redrive = RedrivePolicy(parked.arn, _RETRY_RECEIPTS)
        apply_shadows = self._queue("apply-shadows", timeout, redrive)
        retry = self._queue("retry", timeout, redrive)
        timeout = visibility_timeout(RECONCILE_TIMEOUT, 0)
        reconcile = self._queue(
            "reconcile", timeout, RedrivePolicy(parked.arn, _RECONCILE_RECEIPTS)
        )
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
            parked=parked,
        )

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

    def _alarm_on_parked(self, queue: QueueOutputs) -> None:
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
