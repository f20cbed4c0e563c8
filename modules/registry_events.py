"""What IoT Core itself tells of a region's registry and shadows."""

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

_SLOT: Final = "registry"
_ENABLED: Final = (
    *("THING", "THING_GROUP", "THING_GROUP_HIERARCHY", "THING_GROUP_MEMBERSHIP", "THING_TYPE"),
    "THING_TYPE_ASSOCIATION",
)
# Also of this one resource, and whoever else works in the account turns them on and off.
_OF_OTHERS: Final = ("CA_CERTIFICATE", "CERTIFICATE", "JOB", "JOB_EXECUTION", "POLICY")
# docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
_EVENTS: Final = {
    "things": "thing",
    "thing-types": "thingType",
    "types-of-things": "thingTypeAssociation",
    "thing-groups": "thingGroup",
    "groups-of-groups": "thingGroupHierarchy",
    "groups-of-things": "thingGroupMembership",
}
# docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html
_SHADOW, _NAMED_SHADOW = "$aws/things/+/shadow", "$aws/things/+/shadow/name/+"
_SHADOWS: Final = {
    "shadows": f"{_SHADOW}/update/documents",
    "deleted-shadows": f"{_SHADOW}/delete/accepted",
    "named-shadows": f"{_NAMED_SHADOW}/update/documents",
    "deleted-named-shadows": f"{_NAMED_SHADOW}/delete/accepted",
}


@dataclass(frozen=True, kw_only=True)
class RegistryEventsInputs:
    """The queues for what has changed, and the one for what does not get there."""

    provider: AwsProvider
    context: Context
    account_id: str
    changes: QueueOutputs
    shadows: QueueOutputs
    lost: QueueOutputs


class RegistryEvents(Module):
    """Turns the registry's events on, and takes them and those of shadows into queues.

    Which events a region tells is one setting for the whole account: what is not of the registry
    is left as it is found, and to destroy this forgets it, so that the events stay on. Of shadows
    only the topic is taken, which names them: whoever reads their queue reads no device's data.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryEventsInputs) -> None:
        super().__init__(scope, id_)
        # AWS answers the others too, which would otherwise be a change in each plan
        # (github.com/hashicorp/terraform-provider-aws issue 35420).
        others = [f'event_configurations["{each}"]' for each in _OF_OTHERS]
        self.flat(
            IotEventConfigurations(
                self,
                "events",
                provider=inputs.provider,
                event_configurations=dict.fromkeys(_ENABLED, True),
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
                lost=inputs.lost,
            ),
        )


def _rules(inputs: RegistryEventsInputs) -> list[QueueRule]:
    names = "topic() AS topic, timestamp() AS time"
    events = [
        QueueRule(end, _select("*", f"$aws/events/{kind}/#"), inputs.changes)
        for end, kind in _EVENTS.items()
    ]
    shadows = [
        QueueRule(end, _select(names, topic), inputs.shadows) for end, topic in _SHADOWS.items()
    ]
    return events + shadows


def _select(what: str, topic: str) -> str:
    return f"SELECT {what} FROM '{topic}'"  # noqa: S608 - IoT's SQL, of this file's own words alone
