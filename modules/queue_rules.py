"""Rules of AWS IoT that take messages of topics into a queue."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iot_topic_rule import IotTopicRule, IotTopicRuleSqs
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.queue import QueueOutputs
from modules.rule_role import RuleRole, RuleRoleInputs, RuleRoleOutputs
from modules.topic_rule import SQL_VERSION, escaped, otherwise_into, rule_name


@dataclass(frozen=True, kw_only=True)
class QueueRulesInputs:
    """Statements of IoT's SQL by the end of their rules' names, and the queue that they write to.

    `name` is what the rules' names begin with, and may have hyphens; `lost` takes what does not get
    into the queue, `slot` is what their logical ids begin with.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    role_name: str
    statements: Mapping[str, str]
    queue: QueueOutputs
    lost: QueueOutputs


class QueueRules(Module):
    """Topic rules with one role for all, which may write to the two queues.

    The broker tries an action again by itself and then runs the error action, once:
    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: QueueRulesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        role = RuleRole(self, "role", _role(inputs)).outputs
        for end, sql in inputs.statements.items():
            self._rule(end, sql, role)

    def _rule(self, end: str, sql: str, role: RuleRoleOutputs) -> None:
        inputs = self._inputs
        self.flat(
            IotTopicRule(
                self,
                end,
                provider=inputs.provider,
                name=rule_name(f"{inputs.name}-{end}"),
                description=f"Tells of {end.replace('-', ' ')}",
                enabled=True,
                sql=escaped(sql),
                sql_version=SQL_VERSION,
                sqs=[
                    IotTopicRuleSqs(role_arn=role.arn, queue_url=inputs.queue.url, use_base64=False)
                ],
                error_action=otherwise_into(inputs.lost, role.arn),
                # Without its rights the first messages would go into neither.
                depends_on=[role.policy],
            ),
            rule_name(f"{inputs.slot}_{end}"),
        )


def _role(inputs: QueueRulesInputs) -> RuleRoleInputs:
    tell = {
        "Sid": "TellTheQueues",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": [inputs.queue.arn, inputs.lost.arn],
    }
    return RuleRoleInputs(
        provider=inputs.provider,
        context=inputs.context,
        account_id=inputs.account_id,
        slot=inputs.slot,
        name=inputs.role_name,
        rules=f"{rule_name(inputs.name)}_*",
        statements=[tell],
    )
