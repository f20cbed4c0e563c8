"""Notifications on how a pipeline's executions ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.json_text import compact_json
from modules.module import Module

# docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
_EXECUTION: Final = "CodePipeline Pipeline Execution State Change"
_ACTION: Final = "CodePipeline Action Execution State Change"
_ENDS: Final = ("CANCELED", "FAILED", "SUCCEEDED")
_PATHS: Final = {
    "execution": "$.detail.execution-id",
    "pipeline": "$.detail.pipeline",
    "region": "$.region",
    "stage": "$.detail.stage",
    "state": "$.detail.state",
}
_LINK: Final = (
    "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/<pipeline>/executions/"
    "<execution>/timeline?region=<region>"
)


@dataclass(frozen=True, kw_only=True)
class PipelineNotificationsInputs:
    """The rules' names, the pipeline whose events they match, and the topic to publish to."""

    provider: AwsProvider
    name: str
    denied_name: str
    pipeline_name: str
    topic_arn: str


class PipelineNotifications(Module):
    """EventBridge rules that publish results of executions and denied approvals.

    The alternative, a notification rule of CodeStar, needs a service-linked role, whose first
    creation can fail for 15 minutes: aws-cdk issue 34406. There is no rule for approval requests
    because the approval action publishes them itself.
    """

    def __init__(self, scope: Construct, id_: str, inputs: PipelineNotificationsInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self._publish_on(
            "pipeline",
            inputs.name,
            _EXECUTION,
            {"state": _ENDS},
            f"Execution <execution> of <pipeline> in <region>: <state>. {_LINK}",
        )
        self._publish_on(
            "pipeline_denied",
            inputs.denied_name,
            _ACTION,
            {"state": ["FAILED"], "type": {"category": ["Approval"]}},
            f"<stage> of <pipeline> in <region> was rejected, or nobody answered in time. {_LINK}",
        )

    def _publish_on(
        self, slot: str, name: str, type_: str, detail: Mapping[str, Any], message: str
    ) -> None:
        inputs = self._inputs
        pattern = {
            "source": ["aws.codepipeline"],
            "detail-type": [type_],
            "detail": {"pipeline": [inputs.pipeline_name], **detail},
        }
        rule = self.flat(
            CloudwatchEventRule(
                self,
                f"{slot}_rule",
                provider=inputs.provider,
                name=name,
                # prose: allow tells - it is stored in AWS
                description="Tells the topic of the pipeline",
                event_pattern=compact_json(pattern),
            ),
            slot,
        )
        paths = {name: path for name, path in _PATHS.items() if f"<{name}>" in message}
        self.flat(
            CloudwatchEventTarget(
                self,
                f"{slot}_target",
                provider=inputs.provider,
                rule=rule.name,
                target_id="topic",
                arn=inputs.topic_arn,
                # The template must be a JSON string:
                # docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
                input_transformer=CloudwatchEventTargetInputTransformer(
                    input_paths=paths, input_template=compact_json(message)
                ),
            ),
            slot,
        )
