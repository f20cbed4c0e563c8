"""The queues of a region's registry, and how long their messages are given."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.module import Module
from modules.queue import Queue, QueueInputs, QueueOutputs, Redrive
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.queue_consumer import visibility
from modules.registry_calls import calls_rule_name

CAPTURE_TIMEOUT: Final = 60
"""The seconds for which a batch of changes may be captured."""
CAPTURE_WINDOW: Final = 1
"""The seconds for which changes are collected, in which a change that is applied gets done."""
APPLY_TIMEOUT: Final = 120
"""The seconds for which a batch may be applied: less than the five minutes after which a change
that is still pending counts as abandoned (`functions/registry/pending.py`)."""
RECONCILE_TIMEOUT: Final = 900
"""The seconds of one run of the reconciler, which goes on in the next one."""

# Once in six minutes: what there was no time for counts as well, and an alarm tells much earlier.
_CAPTURE_RECEIPTS: Final = 100
# Apply parks a change after a day, of which its pauses make about a hundred receipts: beyond three
# times that it has crashed each time.
_RETRY_RECEIPTS: Final = 300
# The least that AWS advises, as a receipt counts too where Lambda has no room for the function:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_RECONCILE_RECEIPTS: Final = 5
_OLDEST, _PERIOD = 1800, 300


@dataclass(frozen=True, kw_only=True)
class RegistryQueuesInputs:
    """The account and, by its context, the region of the queues, and whom their alarms tell."""

    provider: AwsProvider
    context: Context
    account_id: str
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class RegistryQueuesOutputs:
    """What may have changed here, what to apply again, where to reconcile on, what was given up.

    Shadows change by the messages of devices: they wait apart, so that no certificate waits for
    them.
    """

    changes: QueueOutputs
    shadows: QueueOutputs
    retry: QueueOutputs
    reconcile: QueueOutputs
    parked: QueueOutputs


class RegistryQueues(Module):
    """Four queues that functions read, and one for what these could not do, which wants a person.

    Whatever is received too often goes to the parked ones, and so does what gets into no queue.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryQueuesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        rules = (calls_rule_name(inputs.context),)
        parked = self._queue("parked", rule_names=rules)
        self._tell_parked(parked)
        hidden = visibility(CAPTURE_TIMEOUT, CAPTURE_WINDOW)
        given_up = Redrive(parked.arn, _CAPTURE_RECEIPTS)
        changes = self._queue("changes", hidden, given_up, rule_names=rules)
        shadows = self._queue("shadows", hidden, given_up)
        hidden = visibility(APPLY_TIMEOUT, 0)
        retry = self._queue("retry", hidden, Redrive(parked.arn, _RETRY_RECEIPTS))
        hidden = visibility(RECONCILE_TIMEOUT, 0)
        reconcile = self._queue("reconcile", hidden, Redrive(parked.arn, _RECONCILE_RECEIPTS))
        self._tell_age("changes", changes, "the registry", "written down")
        self._tell_age("shadows", shadows, "shadows", "written down")
        self._tell_age("retry", retry, "the registry", "taken over")
        self.outputs = RegistryQueuesOutputs(
            changes=changes, shadows=shadows, retry=retry, reconcile=reconcile, parked=parked
        )

    def _queue(
        self,
        what: str,
        hidden: int = 30,
        redrive: Redrive | None = None,
        *,
        rule_names: tuple[str, ...] = (),
    ) -> QueueOutputs:
        inputs = self._inputs
        return Queue(
            self,
            what,
            QueueInputs(
                provider=inputs.provider,
                slot=f"registry_{what}",
                name=inputs.context.name(f"registry-{what}"),
                region=inputs.context.region,
                account_id=inputs.account_id,
                visibility=hidden,
                redrive=redrive,
                rule_names=rule_names,
            ),
        ).outputs

    def _tell_parked(self, queue: QueueOutputs) -> None:
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

    def _tell_age(self, what: str, queue: QueueOutputs, of: str, done: str) -> None:
        inputs, region = self._inputs, self._inputs.context.region
        alarm = AlarmInputs(
            provider=inputs.provider,
            slot=f"registry_{what}_age",
            name=alarm_name(inputs.context, f"registry-{what}-age"),
            description=f"Changes of {of} wait for half an hour to be {done} in {region}.",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            comparison="GreaterThanOrEqualToThreshold",
            threshold=_OLDEST,
            period=_PERIOD,
            periods=1,
            # A queue that was empty for hours has no metrics.
            missing="notBreaching",
            topic_arn=inputs.topic_arn,
        )
        Alarm(self, f"{what}_age", alarm)
