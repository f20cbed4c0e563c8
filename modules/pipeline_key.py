"""The key of a pipeline: for its artifacts, its logs and its notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module
from modules.permissions.permission import PIPELINE_TAGS
from modules.policy_document import administered_by, policy_document

_DELETION_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True)
class PipelineKeyInputs:
    """What the key is for, its region and account, and what topic and log groups it encrypts."""

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
    """A key that rotates each year; the roles that use it are given it by their own policies.

    Two services use it in their own name: CloudWatch Logs for these log groups alone, and
    EventBridge for what it publishes to this topic alone, which SNS says by the encryption context.
    A condition on the account or the rule AWS does not support there. The policies are those of
    docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html and
    docs.aws.amazon.com/sns/latest/dg/sns-key-management.html. It is one key, because the
    pipeline's role publishes approvals too, and so needs the topic's key beside the artifacts'.
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
                deletion_window_in_days=_DELETION_DAYS,
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
        administered_by(inputs.account_id),
        {
            "Sid": "LogsEncrypt",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{inputs.region}.amazonaws.com"},
            "Action": [
                *("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"),
                "kms:Describe*",
            ],
            "Resource": "*",
            "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
        },
        {
            "Sid": "EventsEncrypt",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}},
        },
    ]
    return policy_document(statements)
