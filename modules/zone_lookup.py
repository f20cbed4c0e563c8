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
    """The zone's name, and its id if it is known."""

    provider: AwsProvider
    zone_name: str
    zone_id: str | None = None


class ZoneLookup(Module):
    """A zone that exists; Terraform refuses to plan with the id of any but the name's public zone.

    It also refuses a name, without an id, of which the account has no public zone, or several.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ZoneLookupInputs) -> None:
        super().__init__(scope, id_)
        name, zone_id = inputs.zone_name, inputs.zone_id
        is_it = Postcondition(
            # Null if the provider is mocked, as the schema has it as an argument.
            condition=f'${{trimsuffix(self.name, ".") == "{name}" && self.private_zone != true}}',
            error_message=f"hosted zone {zone_id} is not the public zone of {name}",
        )
        zone = self.flat(
            DataAwsRoute53Zone(
                self,
                "zone",
                provider=inputs.provider,
                zone_id=zone_id,
                name=None if zone_id else name,
                private_zone=None if zone_id else False,
                lifecycle=TerraformResourceLifecycle(postcondition=[is_it]) if zone_id else None,
            ),
            "zone",
        )
        self.outputs = HostedZoneOutputs(zone_id=zone.zone_id, name_servers=zone.name_servers)
