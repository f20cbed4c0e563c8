"""IoT topic rules that write messages to queues."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iot_topic_rule import IotTopicRule, IotTopicRuleSqs
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context, rule_name
from modules.iot_role import IotRoleOutputs
from modules.module import Module
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.registry_sources import SQL_VERSION
from modules.rule_role import RuleRole, RuleRoleInputs
from modules.template import escaped
from modules.topic_rule import queue_error_action


@dataclass(frozen=True)
class QueueRule:
    """The suffix of a rule's name, its SQL statement, and the queue that it writes to."""

    name_suffix: str
    sql: str
    queue: QueueOutputs


@dataclass(frozen=True, kw_only=True)
class QueueRulesInputs:
    """The rules, their role's name, and the prefixes of names (`name`) and logical ids (`slot`).

    `name` must not have hyphens (`Context.rule_name`).
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    role_name: str
    rules: Sequence[QueueRule]
    error_queue: QueueOutputs


class QueueRules(Module):
    """Topic rules with one role, which may write to the rules' queues and to the error queue.

    AWS IoT retries an action and then runs the error action once:
    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: QueueRulesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        role = RuleRole(self, "role", _role(inputs)).outputs
        for rule in inputs.rules:
            self._add(rule, role)

    def _add(self, rule: QueueRule, role: IotRoleOutputs) -> None:
        inputs, suffix = self._inputs, rule.name_suffix
        self.flat(
            IotTopicRule(
                self,
                suffix,
                provider=inputs.provider,
                name=f"{inputs.name}_{rule_name(suffix)}",
                # prose: allow tells - it is stored in AWS
                description=f"Tells of {suffix.replace('-', ' ')}",
                enabled=True,
                sql=escaped(rule.sql),
                sql_version=SQL_VERSION,
                sqs=[
                    IotTopicRuleSqs(role_arn=role.arn, queue_url=rule.queue.url, use_base64=False)
                ],
                error_action=queue_error_action(inputs.error_queue, role.arn),
                # Before the role has its permissions, messages would reach neither queue.
                depends_on=[role.policy],
            ),
            rule_name(f"{inputs.slot}_{suffix}"),
        )


def _role(inputs: QueueRulesInputs) -> RuleRoleInputs:
    queues = dict.fromkeys([*(rule.queue.arn for rule in inputs.rules), inputs.error_queue.arn])
    # prose: allow tell - it is stored in AWS
    send = allow("TellTheQueues", "sqs:SendMessage", list(queues))
    return RuleRoleInputs(
        provider=inputs.provider,
        context=inputs.context,
        account_id=inputs.account_id,
        slot=inputs.slot,
        name=inputs.role_name,
        rules=f"{inputs.name}_*",
        statements=[send],
    )
