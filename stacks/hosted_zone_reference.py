"""How a regional stack knows the zone that another stack owns."""

from dataclasses import dataclass

from cdktf import TerraformRemoteState
from cdktf_cdktf_provider_aws.data_aws_acm_certificate import DataAwsAcmCertificate
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class HostedZoneReference:
    """The zone's id, and home's certificate, as values that Terraform resolves."""

    zone_id: str
    certificate_arn: str

    @classmethod
    def from_remote_state(cls, state: TerraformRemoteState) -> "HostedZoneReference":
        """Read what the zone's stack handed over: exact, and no call to AWS but for the state."""
        return cls(
            zone_id=state.get_string("zone_id"),
            certificate_arn=state.get_string("certificate_arn"),
        )

    @classmethod
    def from_lookup(
        cls, scope: Construct, zone_name: str, provider: AwsProvider
    ) -> "HostedZoneReference":
        """Look the zone up by its name, and the issued certificate in the provider's region.

        For stacks that cannot reach the zone's state; the counterpart of AWS CDK's
        `HostedZone.fromLookup`. Two zones of one name make Terraform refuse the lookup.
        """
        zone = DataAwsRoute53Zone(
            scope, "zone", provider=provider, name=zone_name, private_zone=False
        )
        certificate = DataAwsAcmCertificate(
            scope,
            "certificate",
            provider=provider,
            domain=f"*.{zone_name}",
            statuses=["ISSUED"],
            most_recent=True,
        )
        return cls(zone_id=zone.zone_id, certificate_arn=certificate.arn)
