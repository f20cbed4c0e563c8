"""A region's wildcard certificate in ACM that this project does not manage."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.data_aws_acm_certificate import DataAwsAcmCertificate
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.certificate import CertificateOutputs
from modules.module import Module

# Terraform shows this construct id in the error of a region without an issued certificate.
_ISSUED = "issued-in-this-region-by-the-zone-owner:docs/runbooks/deploy.md"


@dataclass(frozen=True, kw_only=True)
class CertificateLookupInputs:
    """The provider of the certificate's region, and the zone whose direct subdomains it covers."""

    provider: AwsProvider
    zone_name: str


class CertificateLookup(Module):
    """A data source of the newest issued certificate for `*.{zone}` in the provider's region.

    Terraform refuses to plan if the region has none. Without `key_types`, ACM lists RSA keys of up
    to 2048 bits only (docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html), which IoT Core
    accepts.
    """

    def __init__(self, scope: Construct, id_: str, inputs: CertificateLookupInputs) -> None:
        super().__init__(scope, id_)
        certificate = self.flat(
            DataAwsAcmCertificate(
                self,
                _ISSUED,
                provider=inputs.provider,
                domain=f"*.{inputs.zone_name}",
                statuses=["ISSUED"],
                most_recent=True,
            ),
            "certificate",
        )
        self.outputs = CertificateOutputs(arn=certificate.arn)
