"""What a pipeline tells by itself."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.codestarnotifications_notification_rule import (
    CodestarnotificationsNotificationRule,
    CodestarnotificationsNotificationRuleTarget,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module

# docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html#events-ref-pipeline
_EVENTS: Final = (
    "codepipeline-pipeline-manual-approval-failed",
    "codepipeline-pipeline-pipeline-execution-canceled",
    "codepipeline-pipeline-pipeline-execution-failed",
    "codepipeline-pipeline-pipeline-execution-succeeded",
)


@dataclass(frozen=True, kw_only=True)
class PipelineNotificationsInputs:
    """The rule's name, the pipeline that it is about, and the topic that is told."""

    provider: AwsProvider
    name: str
    pipeline_arn: str
    topic_arn: str


class PipelineNotifications(Module):
    """Tells how each execution ended, and when a wave was not approved.

    A failed stage is told as the failed execution, with its name. That an approval is needed
    the action itself tells the topic, with the question: this rule would tell it twice.
    """

    def __init__(self, scope: Construct, id_: str, inputs: PipelineNotificationsInputs) -> None:
        super().__init__(scope, id_)
        self.flat(
            CodestarnotificationsNotificationRule(
                self,
                "rule",
                provider=inputs.provider,
                name=inputs.name,
                resource=inputs.pipeline_arn,
                detail_type="FULL",
                event_type_ids=list(_EVENTS),
                target=[CodestarnotificationsNotificationRuleTarget(address=inputs.topic_arn)],
            ),
            "pipeline",
        )
