"""The Terraform runs that replace a region's certificate, and what they may change."""

from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from modules import served_certificate
from modules.stack_names import stack_name

CERTIFICATE: Final = f"aws_acm_certificate.{served_certificate.CERTIFICATE}"
"""The address of a region's certificate, in whichever stack it is."""

DOMAINS: Final = (
    "aws_iot_domain_configuration.device_name",
    "aws_iot_domain_configuration.regional_name",
)
"""The addresses of the domain configurations that serve a region's certificate."""

_ISSUED: Final = f"aws_acm_certificate_validation.{served_certificate.CERTIFICATE}"
_VALIDATED: Final = f"aws_route53_record.{served_certificate.VALIDATION_RECORD}"
_EXPIRY: Final = f"aws_cloudwatch_metric_alarm.{served_certificate.CERTIFICATE_EXPIRY}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStep:
    """A plan of one stack: Terraform's options for it, and all addresses that it may change."""

    stack: str
    options: tuple[str, ...]
    may_change: frozenset[str]


def certificate_stack(settings: Settings, region: str) -> str:
    """Return the stack of a region's certificate: home's may be the zone's (ADR 0003)."""
    if settings.is_certificate_in_zone(region):
        return stack_name(settings.environment, "hosted-zone")
    return stack_name(settings.environment, "iot", region)


def runs(settings: Settings, region: str, *, is_new: bool) -> tuple[RotationStep, ...]:
    """Return the runs in order, the certificate's first.

    If `is_new`, the state already has the new certificate, and only the rest is left.
    """
    regional = stack_name(settings.environment, "iot", region)
    owner = certificate_stack(settings, region)
    replace = () if is_new else (f"-replace={CERTIFICATE}",)
    own = frozenset((CERTIFICATE, _ISSUED))
    serving = frozenset((*DOMAINS, _EXPIRY))
    if owner == regional:
        return (RotationStep(stack=regional, options=replace, may_change=own | serving),)
    return (
        RotationStep(stack=owner, options=replace, may_change=own | {_VALIDATED}),
        RotationStep(stack=regional, options=(), may_change=serving),
    )


def run_before(settings: Settings, region: str) -> RotationStep | None:
    """Return the run before a change of the home region's certificate; None for other regions.

    ACM does not delete a certificate that a domain configuration uses (ResourceInUseException,
    docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html), and the provider
    retries for 20 minutes (hashicorp/terraform-provider-aws,
    `certificateCrossServicePropagationTimeout`). Within one stack Terraform deletes in the right
    order, but the home region's certificate and domain configurations are in two stacks, so the
    latter are destroyed first.
    """
    regional = stack_name(settings.environment, "iot", region)
    if certificate_stack(settings, region) == regional:
        return None
    options = ("-destroy", *(f"-target={address}" for address in DOMAINS))
    return RotationStep(stack=regional, options=options, may_change=frozenset(DOMAINS))
