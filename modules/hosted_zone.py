"""The public hosted zone of an environment."""

from dataclasses import dataclass
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from modules.inputs import require
from modules.module import Module

_DELEGATION_TTL = 300

OUTPUTS: Final = {
    "zone_id": "Id of the environment's hosted zone",
    "zone_name": "Name of the environment's hosted zone",
    "name_servers": "Name servers to set at the parent zone",
}
"""Descriptions of what a stack or emitted module with the zone hands over."""


@dataclass(frozen=True, kw_only=True)
class HostedZoneInputs:
    """The zone's name, and the parent zone's id if the parent is in the same account."""

    provider: AwsProvider
    zone_name: str
    parent_zone_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class HostedZoneOutputs:
    """The zone's id, and the name servers to delegate to."""

    zone_id: str
    name_servers: list[str]


class HostedZone(Module):
    """A public zone that Terraform refuses to destroy, and its delegation in the parent zone.

    The delegation is created only if the parent zone is given. Destroying the zone would delete
    all names of the environment, and a new zone has other name servers, which the parent's
    delegation does not name
    (docs.aws.amazon.com/Route53/latest/DeveloperGuide/DeleteHostedZone.html). Raises InputError for
    a name with fewer than two labels or with a dot at its end. Delegation:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-routing-traffic-for-subdomains.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: HostedZoneInputs) -> None:
        name = inputs.zone_name
        require(
            "." in name and not name.endswith("."),
            HostedZone,
            "zone_name",
            name,
            "a name of two labels or more without a dot at its end",
        )
        super().__init__(scope, id_)
        zone = self.flat(
            Route53Zone(
                self,
                "zone",
                provider=inputs.provider,
                name=name,
                comment="Names of the IoT platform; made by iot-dr",
                force_destroy=False,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            ),
            "zone",
        )
        if inputs.parent_zone_id is not None:
            self._delegate(inputs, zone, inputs.parent_zone_id)
        self.outputs = HostedZoneOutputs(zone_id=zone.zone_id, name_servers=zone.name_servers)

    def _delegate(self, inputs: HostedZoneInputs, zone: Route53Zone, parent_zone_id: str) -> None:
        self.flat(
            Route53Record(
                self,
                "delegation",
                provider=inputs.provider,
                zone_id=parent_zone_id,
                name=inputs.zone_name,
                type="NS",
                ttl=_DELEGATION_TTL,
                records=zone.name_servers,
            ),
            "delegation",
        )
