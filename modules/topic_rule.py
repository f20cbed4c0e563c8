"""An IoT topic rule that writes messages to a stream."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iot_topic_rule import (
    IotTopicRule,
    IotTopicRuleErrorAction,
    IotTopicRuleErrorActionSqs,
    IotTopicRuleKinesis,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.inputs import require
from modules.module import Module
from modules.name_limits import RULE_NAME_LIMIT
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.registry_sources import SQL_VERSION
from modules.rule_role import RuleRole, RuleRoleInputs
from modules.telemetry_stream import TelemetryStreamOutputs
from modules.template import escaped


@dataclass(frozen=True, kw_only=True)
class TopicRuleInputs:
    """The rule's SQL statement, the stream that it writes to, and the queue of its error action.

    `name` must not have hyphens (`Context.rule_name`). `partition_key` is a substitution template;
    records with the same key keep their order.
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
    error_queue: QueueOutputs


class TopicRule(Module):
    """A topic rule with a role that may write to one stream and one queue.

    AWS IoT retries an action and then runs the error action once:
    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html. Raises InputError for a
    name over 128 characters.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TopicRuleInputs) -> None:
        name = inputs.name
        require(
            len(name) <= RULE_NAME_LIMIT,
            TopicRule,
            "name",
            name,
            f"{RULE_NAME_LIMIT} characters at most",
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
                error_action=queue_error_action(inputs.error_queue, role.arn),
                # Before the role has its permissions, messages would reach neither.
                depends_on=[role.policy],
            ),
            inputs.slot,
        )


def queue_error_action(queue: QueueOutputs, role_arn: str) -> IotTopicRuleErrorAction:
    """Return an error action that sends messages that a rule's action could not write."""
    return IotTopicRuleErrorAction(
        sqs=IotTopicRuleErrorActionSqs(role_arn=role_arn, queue_url=queue.url, use_base64=False)
    )


def _role(inputs: TopicRuleInputs, name: str) -> RuleRoleInputs:
    write = allow("WriteTheStream", "kinesis:PutRecord", inputs.stream.arn)
    # prose: allow tell - it is stored in AWS
    send = allow("TellWhatIsLost", "sqs:SendMessage", inputs.error_queue.arn)
    return RuleRoleInputs(
        provider=inputs.provider,
        context=inputs.context,
        account_id=inputs.account_id,
        slot=inputs.slot,
        name=inputs.role_name,
        rules=name,
        statements=[write, send],
    )
