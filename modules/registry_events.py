"""Registry and shadow events of a region's IoT Core."""

from dataclasses import dataclass
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iot_event_configurations import IotEventConfigurations
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.queue import QueueOutputs
from modules.queue_rules import QueueRule, QueueRules, QueueRulesInputs
from modules.registry_sources import EVENTS, REGISTRATIONS, SHADOW_FIELDS, SHADOWS, event_topics

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
        QueueRules(
            self,
            "rules",
            QueueRulesInputs(
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


def _rules(inputs: RegistryEventsInputs) -> list[QueueRule]:
    events = [
        QueueRule(suffix, _select("*", event_topics(level)), inputs.changes)
        for suffix, level in (*EVENTS.values(), REGISTRATIONS)
    ]
    shadows = [
        QueueRule(suffix, _select(", ".join(SHADOW_FIELDS), topic), inputs.shadows)
        for suffix, topic in SHADOWS.items()
    ]
    return events + shadows


def _select(what: str, topic: str) -> str:
    return f"SELECT {what} FROM '{topic}'"  # noqa: S608 - IoT SQL of constants
