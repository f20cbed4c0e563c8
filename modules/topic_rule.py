"""A rule of AWS IoT that takes messages of a topic into a stream."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iot_topic_rule import (
    IotTopicRule,
    IotTopicRuleErrorAction,
    IotTopicRuleErrorActionSqs,
    IotTopicRuleKinesis,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.inputs import refuse_unless
from modules.module import Module
from modules.policy_document import policy_document
from modules.queue import QueueOutputs
from modules.telemetry_stream import TelemetryStreamOutputs

_SQL_VERSION = "2016-03-23"
# docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html: letters, digits, underscores
_NAME_LIMIT = 128


@dataclass(frozen=True, kw_only=True)
class TopicRuleInputs:
    """What the rule takes (`sql`), from where to where, and the queue for what does not get there.

    `name` may have hyphens, which a rule's own cannot; `partition_key` is what decides the order
    in the stream, in SQL's own templates.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    role_name: str
    description: str
    sql: str
    partition_key: str
    stream: TelemetryStreamOutputs
    lost: QueueOutputs


class TopicRule(Module):
    """A topic rule with one role, which may write to one stream and one queue.

    The broker tries an action again by itself and then runs the error action, once:
    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TopicRuleInputs) -> None:
        name = rule_name(inputs.name)
        refuse_unless(
            len(name) <= _NAME_LIMIT, TopicRule, "name", name, f"{_NAME_LIMIT} characters at most"
        )
        super().__init__(scope, id_)
        self._inputs = inputs
        role, policy = self._role(name)
        self.flat(
            IotTopicRule(
                self,
                "rule",
                provider=inputs.provider,
                name=name,
                description=inputs.description,
                enabled=True,
                sql=inputs.sql,
                sql_version=_SQL_VERSION,
                kinesis=[
                    IotTopicRuleKinesis(
                        role_arn=role.arn,
                        stream_name=inputs.stream.name,
                        partition_key=escaped(inputs.partition_key),
                    )
                ],
                error_action=IotTopicRuleErrorAction(
                    sqs=IotTopicRuleErrorActionSqs(
                        role_arn=role.arn, queue_url=inputs.lost.url, use_base64=False
                    )
                ),
                # Without its rights the first messages would go into neither.
                depends_on=[policy],
            ),
            inputs.slot,
        )

    def _role(self, name: str) -> tuple[IamRole, IamRolePolicy]:
        inputs = self._inputs
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.role_name,
                assume_role_policy=policy_document([_trust(inputs, name)]),
                permissions_boundary=inputs.context.function_boundary_arn,
            ),
            f"{inputs.slot}_rule",
        )
        write = {
            "Sid": "WriteTheStream",
            "Effect": "Allow",
            "Action": "kinesis:PutRecord",
            "Resource": inputs.stream.arn,
        }
        tell = {
            "Sid": "TellWhatIsLost",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": inputs.lost.arn,
        }
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name="rule",
                role=role.name,
                policy=policy_document([write, tell]),
            ),
            f"{inputs.slot}_rule",
        )
        return role, policy


def rule_name(name: str) -> str:
    """Give the name of a rule, which has underscores where others have hyphens."""
    return name.replace("-", "_")


def escaped(template: str) -> str:
    """Give a template of IoT's SQL as Terraform hands it on, which reads `${` as its own."""
    return template.replace("${", "$${")


def _trust(inputs: TopicRuleInputs, name: str) -> dict[str, object]:
    # docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
    place = f"{inputs.context.region}:{inputs.account_id}"
    return {
        "Effect": "Allow",
        "Principal": {"Service": "iot.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": inputs.account_id},
            "ArnEquals": {"aws:SourceArn": f"arn:aws:iot:{place}:rule/{name}"},
        },
    }
