"""A public hosted zone that this project does not manage."""

from dataclasses import dataclass

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.hosted_zone import HostedZoneOutputs
from modules.module import Module


@dataclass(frozen=True, kw_only=True)
class ZoneLookupInputs:
    """The zone's id, and its expected name."""

    provider: AwsProvider
    zone_id: str
    zone_name: str


class ZoneLookup(Module):
    """A data source of the zone by its id, with a postcondition on its name."""

    def __init__(self, scope: Construct, id_: str, inputs: ZoneLookupInputs) -> None:
        super().__init__(scope, id_)
        name = inputs.zone_name
        is_it = Postcondition(
            condition=f'${{trimsuffix(self.name, ".") == "{name}"}}',
            error_message=f"hosted zone {inputs.zone_id} is not the zone of {name}",
        )
        zone = self.flat(
            DataAwsRoute53Zone(
                self,
                "zone",
                provider=inputs.provider,
                zone_id=inputs.zone_id,
                lifecycle=TerraformResourceLifecycle(postcondition=[is_it]),
            ),
            "zone",
        )
        self.outputs = HostedZoneOutputs(zone_id=zone.zone_id, name_servers=zone.name_servers)
