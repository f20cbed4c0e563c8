"""A rule of AWS IoT that takes messages of a topic into a stream."""

from dataclasses import dataclass
from typing import Final

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
from modules.queue import QueueOutputs
from modules.rule_role import RuleRole, RuleRoleInputs
from modules.telemetry_stream import TelemetryStreamOutputs

SQL_VERSION: Final = "2016-03-23"
"""The rules' version of SQL."""

# docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html: letters, digits, underscores
_NAME_LIMIT = 128


@dataclass(frozen=True, kw_only=True)
class TopicRuleInputs:
    """What the rule takes (`sql`), from where to where, and the queue for what does not get there.

    `name` has no hyphens (`Context.rule_name`); `partition_key` is what decides the order in the
    stream, in SQL's own templates.
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
        name = inputs.name
        refuse_unless(
            len(name) <= _NAME_LIMIT, TopicRule, "name", name, f"{_NAME_LIMIT} characters at most"
        )
        super().__init__(scope, id_)
        role = RuleRole(self, "role", _role(inputs, name)).outputs
        self.flat(
            IotTopicRule(
                self,
                "rule",
                provider=inputs.provider,
                name=name,
                description=inputs.description,
                enabled=True,
                sql=inputs.sql,
                sql_version=SQL_VERSION,
                kinesis=[
                    IotTopicRuleKinesis(
                        role_arn=role.arn,
                        stream_name=inputs.stream.name,
                        partition_key=escaped(inputs.partition_key),
                    )
                ],
                error_action=otherwise_into(inputs.lost, role.arn),
                # Without its permissions the first messages would go into neither.
                depends_on=[role.policy],
            ),
            inputs.slot,
        )


def escaped(template: str) -> str:
    """Give a template of IoT's SQL as Terraform hands it on, which reads `${` as its own."""
    return template.replace("${", "$${")


def otherwise_into(lost: QueueOutputs, role_arn: str) -> IotTopicRuleErrorAction:
    """Give the action that writes into a queue what could not be written where it should."""
    return IotTopicRuleErrorAction(
        sqs=IotTopicRuleErrorActionSqs(role_arn=role_arn, queue_url=lost.url, use_base64=False)
    )


def _role(inputs: TopicRuleInputs, name: str) -> RuleRoleInputs:
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
    return RuleRoleInputs(
        provider=inputs.provider,
        context=inputs.context,
        account_id=inputs.account_id,
        slot=inputs.slot,
        name=inputs.role_name,
        rules=name,
        statements=[write, tell],
    )
