"""The SNS topic of a pipeline's approval requests and execution messages."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from modules.module import Module
from modules.policy_document import allow, policy_document, tls_only


@dataclass(frozen=True, kw_only=True)
class PipelineTopicInputs:
    """The topic's name, the ARN of its KMS key, and the pipeline's region and account."""

    provider: AwsProvider
    name: str
    key_arn: str
    region: str
    account_id: str


@dataclass(frozen=True, kw_only=True)
class PipelineTopicOutputs:
    """The topic's ARN."""

    arn: str


class PipelineTopic(Module):
    """An encrypted SNS topic to which EventBridge may publish.

    The pipeline's role publishes approvals by its own policy. EventBridge's statement has no
    condition, since AWS supports none there (as of November 2026; not tried on AWS): with one,
    messages would be dropped, and only the rule's metric `FailedInvocations` would show it. Source:
    docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html (Amazon SNS).
    """

    def __init__(self, scope: Construct, id_: str, inputs: PipelineTopicInputs) -> None:
        super().__init__(scope, id_)
        topic = self.flat(
            SnsTopic(
                self,
                "topic",
                provider=inputs.provider,
                name=inputs.name,
                kms_master_key_id=inputs.key_arn,
                policy=_policy(inputs),
            ),
            "pipeline",
        )
        self.outputs = PipelineTopicOutputs(arn=topic.arn)


def _policy(inputs: PipelineTopicInputs) -> str:
    arn = f"arn:aws:sns:{inputs.region}:{inputs.account_id}:{inputs.name}"
    statements = [
        allow("EventsPublish", "sns:Publish", arn, principal={"Service": "events.amazonaws.com"}),
        tls_only("sns:Publish", arn),
    ]
    return policy_document(statements)
