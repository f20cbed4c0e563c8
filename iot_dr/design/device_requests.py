"""What a device of the platform asks of AWS IoT, and whether its IoT policy permits it."""

from collections.abc import Mapping
from typing import Final

from iot_dr.design.device_access import device_policies
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot_policy import Action, BrokerClient, ClientPolicies
from iot_dr.design.notes import NoteKind, Notes, Sentences
from iot_dr.terraform_json.resource_set import ResourceSet

THING: Final = "thing-1"
_OWN: Final = "iot-{environment}/{thing}"
_SHADOW: Final = "$aws/things/{thing}/shadow"
# docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html#reserved-topics-shadow
_REQUESTS: Final[Mapping[Action, tuple[str, ...]]] = {
    "Connect": ("{thing}",),
    "Publish": (
        f"{_OWN}/up/data",
        *(f"{_SHADOW}/{verb}" for verb in ("get", "update", "delete")),
        *(f"{_SHADOW}/name/one/{verb}" for verb in ("get", "update", "delete")),
    ),
    "Subscribe": (f"{_OWN}/down/#", f"{_SHADOW}/update/delta"),
    "Receive": (f"{_OWN}/down/data", f"{_SHADOW}/update/delta"),
}


def refused_request(
    resources: ResourceSet, expected: DesignExpectation, region: str, notes: Notes
) -> str:
    """Return which request of a device its IoT policy refuses in a region, empty if none.

    Empty also where it is not known which policy devices have, and with a note if it is not known
    what a policy means, or, of a fleet with a policy of its own (ADR 0041), which topics it uses.
    """
    if expected.context.device_policy:
        notes.add(NoteKind.TOPICS, region=region)
        return ""
    unknown = Sentences()
    policies = ClientPolicies(
        device_policies(resources, region, expected.failover.order[0], unknown)
    )
    for clause in policies.not_understood:
        notes.add(NoteKind.POLICY, region=region, clause=clause)
    if unknown.sentences or policies.not_understood:
        return ""
    client = BrokerClient(region, expected.account_id, THING, THING)
    for action, names in _REQUESTS.items():
        for name in names:
            asked = name.format(environment=expected.environment, thing=THING)
            if not policies.allow(client, action, asked):
                return f"the IoT policy of devices does not allow iot:{action} on {asked}"
    return ""
