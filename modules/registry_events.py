"""Registry and shadow events of a region's IoT Core."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iot_event_configurations import IotEventConfigurations
from cdktf_cdktf_provider_aws.iot_topic_rule import IotTopicRule, IotTopicRuleSqs
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context, rule_name
from modules.iot_role import IotRoleOutputs
from modules.module import Module
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.registry_sources import (
    EVENTS,
    REGISTRATIONS,
    SHADOW_FIELDS,
    SHADOWS,
    SQL_VERSION,
    event_topics,
)
from modules.rule_role import RuleRole, RuleRoleInputs
from modules.template import escaped
from modules.topic_rule import queue_error_action


@dataclass(frozen=True)
class _QueueRule:
    """The suffix of a rule's name, its SQL statement, and the queue that it writes to."""

    name_suffix: str
    sql: str
    queue: QueueOutputs


@dataclass(frozen=True, kw_only=True)
class _QueueRulesInputs:
    """The rules, their role's name, and the prefixes of names (`name`) and logical ids (`slot`).

    `name` must not have hyphens (`Context.rule_name`).
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    role_name: str
    rules: Sequence[_QueueRule]
    error_queue: QueueOutputs


class _QueueRules(Module):
    """Topic rules with one role, which may write to the rules' queues and to the error queue.

    AWS IoT retries an action and then runs the error action once:
    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: _QueueRulesInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        role = RuleRole(self, "role", _role(inputs)).outputs
        for rule in inputs.rules:
            self._add(rule, role)

    def _add(self, rule: _QueueRule, role: IotRoleOutputs) -> None:
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


def _role(inputs: _QueueRulesInputs) -> RuleRoleInputs:
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


_SLOT: Final = "registry"
# Event types of the same account-wide setting that others may turn on or off.
_OTHER_TYPES: Final = ("CA_CERTIFICATE", "CERTIFICATE", "JOB", "JOB_EXECUTION", "POLICY")


@dataclass(frozen=True, kw_only=True)
class RegistryEventsInputs:
    """The queues of changes and of shadow changes, and the queue of the rules' error action."""

    provider: AwsProvider
    context: Context
    account_id: str
    changes: QueueOutputs
    shadows: QueueOutputs
    error_queue: QueueOutputs


class RegistryEvents(Module):
    """Enables registry events, and routes registry and shadow events to queues.

    Event types are one setting of the account in a region: types that the registry does not need
    keep their value, and a destroy leaves events enabled. For shadows, only the topic and time are
    queued, so a reader of that queue sees no device data.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryEventsInputs) -> None:
        super().__init__(scope, id_)
        # AWS returns the other types too, which would otherwise show as a change in each plan
        # (github.com/hashicorp/terraform-provider-aws issue 35420).
        others = [f'event_configurations["{type_}"]' for type_ in _OTHER_TYPES]
        self.flat(
            IotEventConfigurations(
                self,
                "events",
                provider=inputs.provider,
                event_configurations=dict.fromkeys(EVENTS, True),
                lifecycle=TerraformResourceLifecycle(ignore_changes=others),
            ),
            _SLOT,
        )
        context = inputs.context
        _QueueRules(
            self,
            "rules",
            _QueueRulesInputs(
                provider=inputs.provider,
                context=context,
                account_id=inputs.account_id,
                slot=_SLOT,
                name=context.rule_name("registry"),
                role_name=context.name(f"registry-rule-{context.region}"),
                rules=_rules(inputs),
                error_queue=inputs.error_queue,
            ),
        )


def _rules(inputs: RegistryEventsInputs) -> list[_QueueRule]:
    events = [
        _QueueRule(suffix, _select("*", event_topics(level)), inputs.changes)
        for suffix, level in (*EVENTS.values(), REGISTRATIONS)
    ]
    shadows = [
        _QueueRule(suffix, _select(", ".join(SHADOW_FIELDS), topic), inputs.shadows)
        for suffix, topic in SHADOWS.items()
    ]
    return events + shadows


def _select(what: str, topic: str) -> str:
    return f"SELECT {what} FROM '{topic}'"  # noqa: S608 - IoT SQL of constants
