"""Rules of AWS IoT that take messages of topics into a queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iot_topic_rule import (
    IotTopicRule,
    IotTopicRuleErrorAction,
    IotTopicRuleErrorActionSqs,
    IotTopicRuleSqs,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.policy_document import policy_document
from modules.queue import QueueOutputs
from modules.topic_rule import escaped, rule_name

_SQL_VERSION = "2016-03-23"


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
        role = self._role()
        policy = self._policy(role)
        for end, sql in inputs.statements.items():
            self._rule(end, sql, role.arn, [policy])

    def _rule(self, end: str, sql: str, role_arn: str, before: Sequence[Any]) -> None:
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
                sql_version=_SQL_VERSION,
                sqs=[
                    IotTopicRuleSqs(role_arn=role_arn, queue_url=inputs.queue.url, use_base64=False)
                ],
                error_action=IotTopicRuleErrorAction(
                    sqs=IotTopicRuleErrorActionSqs(
                        role_arn=role_arn, queue_url=inputs.lost.url, use_base64=False
                    )
                ),
                # Without its rights the first messages would go into neither.
                depends_on=list(before),
            ),
            rule_name(f"{inputs.slot}_{end}"),
        )

    def _role(self) -> IamRole:
        inputs = self._inputs
        # docs.aws.amazon.com/iot/latest/developerguide,
        # cross-service-confused-deputy-prevention.html
        rules = f"arn:aws:iot:{inputs.context.region}:{inputs.account_id}:rule"
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "iot.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": inputs.account_id},
                "ArnLike": {"aws:SourceArn": f"{rules}/{rule_name(inputs.name)}_*"},
            },
        }
        return self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.role_name,
                assume_role_policy=policy_document([trust]),
                permissions_boundary=inputs.context.function_boundary_arn,
            ),
            f"{inputs.slot}_rules",
        )

    def _policy(self, role: IamRole) -> IamRolePolicy:
        inputs = self._inputs
        tell = {
            "Sid": "TellTheQueues",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": [inputs.queue.arn, inputs.lost.arn],
        }
        return self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name="rules",
                role=role.name,
                policy=policy_document([tell]),
            ),
            f"{inputs.slot}_rules",
        )
