"""A standby that refuses every device, since it was registered in another region."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.known_devices import knows_devices
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.our_stack import if_whole
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "devices-unknown-in-standby"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    whole = if_whole(resources, expected)
    standbys = whole.failover.order[1:] if whole else ()
    unknown = [region for region in standbys if not knows_devices(resources, region)]
    if unknown:
        message = (
            f"after a failover, AWS IoT in {listing(unknown)} refuses devices that were registered"
            " in another region: it replicates no certificates. Add `data: {}` to the settings, or"
            f" suppress {_ID} with the reason if something else registers each device in every"
            " region."
        )
        yield finding_at(None, _ID, message, Verdict.WARN)


RULE: Final = Rule(
    id=_ID,
    title="Devices that every region knows",
    why="A failover moves devices to a region that refuses each certificate that is not registered"
    " there. It warns of an environment with settings that neither replicates the registry, by the"
    " block `data`, nor declares a CA with `allow_auto_registration` in each standby. What other"
    " software registers is not seen: suppress the rule with that reason.",
    source="docs/explanation/device-data.md;"
    " docs.aws.amazon.com/iot/latest/developerguide/x509-client-certs.html",
    find=_find,
)
