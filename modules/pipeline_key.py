"""The KMS key of a pipeline's artifacts, logs and notifications."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module
from modules.permissions.permission import PIPELINE_TAGS
from modules.policy_document import DELETION_DAYS, account_administers, allow, policy_document


@dataclass(frozen=True, kw_only=True)
class PipelineKeyInputs:
    """The pipeline's name, region and account, and the topic and log groups to encrypt."""

    provider: AwsProvider
    name: str
    topic_name: str
    region: str
    account_id: str
    log_groups: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class PipelineKeyOutputs:
    """The key's ARN."""

    arn: str


class PipelineKey(Module):
    """A KMS key with yearly rotation, which roles may use if their own policies allow it.

    Two services use it as themselves: CloudWatch Logs for `log_groups`, and EventBridge for
    messages to the topic, both limited by encryption context; AWS supports no condition on the
    account or rule there. Artifacts and notifications share one key because the pipeline's role
    uses both: it publishes approvals too. The statements are those of
    docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html and
    docs.aws.amazon.com/sns/latest/dg/sns-key-management.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: PipelineKeyInputs) -> None:
        super().__init__(scope, id_)
        key = self.flat(
            KmsKey(
                self,
                "key",
                provider=inputs.provider,
                description=f"Encrypts artifacts, logs and notifications of {inputs.name}",
                policy=_policy(inputs),
                enable_key_rotation=True,
                deletion_window_in_days=DELETION_DAYS,
                tags=dict(PIPELINE_TAGS),
            ),
            "pipeline",
        )
        self.outputs = PipelineKeyOutputs(arn=key.arn)


def _policy(inputs: PipelineKeyInputs) -> str:
    place = f"{inputs.region}:{inputs.account_id}"
    topic = f"arn:aws:sns:{place}:{inputs.topic_name}"
    groups = [f"arn:aws:logs:{place}:log-group:{name}" for name in inputs.log_groups]
    statements = [
        account_administers(inputs.account_id),
        allow(
            "LogsEncrypt",
            [
                *("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"),
                "kms:Describe*",
            ],
            "*",
            {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
            principal={"Service": f"logs.{inputs.region}.amazonaws.com"},
        ),
        allow(
            "EventsEncrypt",
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            "*",
            {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}},
            principal={"Service": "events.amazonaws.com"},
        ),
    ]
    return policy_document(statements)
