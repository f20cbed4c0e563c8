"""The SNS topic of a region's alarms, to which operators subscribe."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from modules.module import Module
from modules.policy_document import (
    DELETION_DAYS,
    account_administers,
    allow,
    policy_document,
    tls_only,
)
from modules.watcher_calls import alarm_arn


@dataclass(frozen=True, kw_only=True)
class AlarmTopicInputs:
    """The topic's name, and the region and account whose alarms may publish to it."""

    provider: AwsProvider
    name: str
    region: str
    account_id: str


@dataclass(frozen=True, kw_only=True)
class AlarmTopicOutputs:
    """The topic's ARN, for the actions of alarms."""

    arn: str


class AlarmTopic(Module):
    """An encrypted SNS topic to which the alarms of one region and account may publish.

    Creates the topic, its policy and a KMS key. CloudWatch cannot use the key that AWS manages for
    SNS. Sources: docs.aws.amazon.com/sns/latest/dg/sns-key-management.html,
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: AlarmTopicInputs) -> None:
        super().__init__(scope, id_)
        key = self.flat(
            KmsKey(
                self,
                "key",
                provider=inputs.provider,
                description=f"Encrypts {inputs.name}",
                policy=_key_policy(inputs),
                enable_key_rotation=True,
                deletion_window_in_days=DELETION_DAYS,
            ),
            "alarms",
        )
        topic = self.flat(
            SnsTopic(
                self,
                "topic",
                provider=inputs.provider,
                name=inputs.name,
                kms_master_key_id=key.arn,
                policy=_topic_policy(inputs),
            ),
            "alarms",
        )
        self.outputs = AlarmTopicOutputs(arn=topic.arn)


def _key_policy(inputs: AlarmTopicInputs) -> str:
    statements = [
        account_administers(inputs.account_id),
        allow(
            "AlarmsEncrypt",
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            "*",
            {"StringEquals": {"aws:SourceAccount": inputs.account_id}},
            principal={"Service": "cloudwatch.amazonaws.com"},
        ),
    ]
    return policy_document(statements)


def _topic_policy(inputs: AlarmTopicInputs) -> str:
    arn = f"arn:aws:sns:{inputs.region}:{inputs.account_id}:{inputs.name}"
    alarms = alarm_arn(inputs.region, inputs.account_id, "*")
    statements = [
        allow(
            "AlarmsPublish",
            "sns:Publish",
            arn,
            {
                "StringEquals": {"aws:SourceAccount": inputs.account_id},
                "ArnLike": {"aws:SourceArn": alarms},
            },
            principal={"Service": "cloudwatch.amazonaws.com"},
        ),
        tls_only("sns:Publish", arn),
    ]
    return policy_document(statements)
