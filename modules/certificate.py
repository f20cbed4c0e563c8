"""A region's wildcard certificate in ACM."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import (
    AcmCertificateValidation,
    AcmCertificateValidationTimeouts,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.removed_block import removed
from modules.served_certificate import CERTIFICATE, VALIDATION_RECORD

_VALIDATION_TTL = 300
# CDKTF writes this construct id next to the resource's address, so Terraform shows it in the error
# of a certificate that was not issued in time. The state has the address only.
_ISSUED = "issued-once-the-parent-zone-leads-here:docs/runbooks/deploy.md"
# docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, DomainName
_DOMAIN_NAME_LIMIT = 64


@dataclass(frozen=True, kw_only=True)
class CertificateInputs:
    """The domain whose direct subdomains are covered, and the zone of the validation record.

    `timeout_minutes` is how long to wait for ACM: a number or a Terraform expression.
    `validation_zone_id` is None if another certificate with the same domain name and account owns
    the validation record. `takes_over` is for a record that exists already, of a certificate that
    was lost: it is adopted, and never replaced.
    """

    provider: AwsProvider
    zone_name: str
    timeout_minutes: int | str
    validation_zone_id: str | None = None
    takes_over: bool = False


@dataclass(frozen=True, kw_only=True)
class CertificateOutputs:
    """The certificate's ARN, known once ACM has issued it, so that dependents wait for that."""

    arn: str


class Certificate(Module):
    """An ACM certificate for `*.{zone}`, validated by DNS.

    Creates the certificate, its validation record unless another one owns that, and a resource that
    waits for the validation. ACM's validation CNAME is the same in every region for one domain
    name and account, so one certificate owns the record and the others only wait (ADR 0003;
    docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). The key is RSA-2048, ACM's
    default, and IoT Core accepts public certificates of ACM:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
    Raises InputError for a domain name over 64 characters, or a time under a minute.
    """

    def __init__(self, scope: Construct, id_: str, inputs: CertificateInputs) -> None:
        domain_name = f"*.{inputs.zone_name}"
        require(
            len(domain_name) <= _DOMAIN_NAME_LIMIT,
            Certificate,
            "zone_name",
            inputs.zone_name,
            f"a name that makes `*.{{zone_name}}` at most {_DOMAIN_NAME_LIMIT} characters long",
        )
        minutes = inputs.timeout_minutes
        is_valid = isinstance(minutes, str) or minutes >= 1
        require(is_valid, Certificate, "timeout_minutes", minutes, "1 or more")
        super().__init__(scope, id_)
        certificate = self.flat(
            AcmCertificate(
                self,
                CERTIFICATE,
                provider=inputs.provider,
                domain_name=domain_name,
                key_algorithm="RSA_2048",
                validation_method="DNS",
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            CERTIFICATE,
        )
        record = self._validation_record(inputs, certificate)
        validation = self.flat(
            AcmCertificateValidation(
                self,
                _ISSUED,
                provider=inputs.provider,
                certificate_arn=certificate.arn,
                # A change of the names replaces it; a record that is taken over was seen by ACM.
                validation_record_fqdns=[record.fqdn] if record and not inputs.takes_over else None,
                depends_on=[record] if record and inputs.takes_over else None,
                timeouts=AcmCertificateValidationTimeouts(create=f"{inputs.timeout_minutes}m"),
            ),
            CERTIFICATE,
        )
        self.outputs = CertificateOutputs(arn=validation.certificate_arn)

    def _validation_record(
        self, inputs: CertificateInputs, certificate: AcmCertificate
    ) -> Route53Record | None:
        if inputs.validation_zone_id is None:
            return None
        option = certificate.domain_validation_options.get(0)
        return self.flat(
            Route53Record(
                self,
                "validation",
                provider=inputs.provider,
                zone_id=inputs.validation_zone_id,
                name=option.resource_record_name,
                type=option.resource_record_type,
                ttl=_VALIDATION_TTL,
                records=[option.resource_record_value],
                allow_overwrite=True if inputs.takes_over else None,
                # A new certificate has the same record, but Terraform knows that only afterwards.
                lifecycle=TerraformResourceLifecycle(ignore_changes=["name", "type", "records"])
                if inputs.takes_over
                else None,
            ),
            VALIDATION_RECORD,
        )


def released_certificate() -> list[dict[str, object]]:
    """Return `removed` blocks with which a stack forgets a certificate that another stack has."""
    types = (AcmCertificate, AcmCertificateValidation)
    return [removed(f"{type_.TF_RESOURCE_TYPE}.{CERTIFICATE}") for type_ in types]


def released_record() -> dict[str, object]:
    """Return the `removed` block with which a stack leaves the validation record to another one."""
    return removed(f"{Route53Record.TF_RESOURCE_TYPE}.{VALIDATION_RECORD}")
