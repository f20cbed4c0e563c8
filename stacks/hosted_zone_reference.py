"""The hosted zone as other stacks refer to it."""

from dataclasses import dataclass

from cdktf import TerraformRemoteState
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.certificate_lookup import CertificateLookup, CertificateLookupInputs
from modules.zone_lookup import ZoneLookup, ZoneLookupInputs


@dataclass(frozen=True, kw_only=True)
class HostedZoneReference:
    """The zone's id and a region's certificate, as references that Terraform resolves."""

    zone_id: str
    certificate_arn: str

    @classmethod
    def from_remote_state(cls, state: TerraformRemoteState) -> "HostedZoneReference":
        """Return references to outputs of the zone's stack; the certificate is the home region's.

        `state` is that stack's remote state.
        """
        return cls(
            zone_id=state.get_string("zone_id"),
            certificate_arn=state.get_string("certificate_arn"),
        )

    @classmethod
    def from_lookup(
        cls, scope: Construct, zone_name: str, provider: AwsProvider
    ) -> "HostedZoneReference":
        """Return references to data sources; the certificate is that of the provider's region.

        The counterpart of AWS CDK's `HostedZone.fromLookup`, for a zone whose state belongs to
        another team.
        """
        zone = ZoneLookupInputs(provider=provider, zone_name=zone_name)
        certificate = CertificateLookupInputs(provider=provider, zone_name=zone_name)
        return cls(
            zone_id=ZoneLookup(scope, "zone", zone).outputs.zone_id,
            certificate_arn=CertificateLookup(scope, "certificate", certificate).outputs.arn,
        )
