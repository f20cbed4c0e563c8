"""What Terraform is run on to replace a region's certificate, and what it may change."""

from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from stacks.platform_graph import stack_name

CERTIFICATE: Final = "aws_acm_certificate.certificate"
"""The address of a region's certificate, whichever stack it is in."""

DOMAINS: Final = (
    "aws_iot_domain_configuration.device_name",
    "aws_iot_domain_configuration.regional_name",
)
"""The addresses of what serves a region's certificate."""

_ISSUED: Final = "aws_acm_certificate_validation.certificate"
_VALIDATION_RECORD: Final = "aws_route53_record.certificate_validation"
_EXPIRY: Final = "aws_cloudwatch_metric_alarm.certificate_expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A plan of one stack, with Terraform's options for it, and all that it may change."""

    stack: str
    options: tuple[str, ...]
    may_change: frozenset[str]


def certificate_stack(settings: Settings, region: str) -> str:
    """Give the stack whose state has a region's certificate: home's is in the zone's (ADR 0003)."""
    if region == settings.home_region:
        return stack_name(settings.environment, "hosted-zone")
    return stack_name(settings.environment, "iot", region)


def runs(settings: Settings, region: str, *, is_new: bool) -> tuple[Run, ...]:
    """Give the runs in their order, the certificate's first.

    `is_new` says that the state has another certificate already, and only the rest is to do.
    """
    regional = stack_name(settings.environment, "iot", region)
    owner = certificate_stack(settings, region)
    replace = () if is_new else (f"-replace={CERTIFICATE}",)
    own = frozenset((CERTIFICATE, _ISSUED))
    serving = frozenset((*DOMAINS, _EXPIRY))
    if owner == regional:
        return (Run(stack=regional, options=replace, may_change=own | serving),)
    return (
        Run(stack=owner, options=replace, may_change=own | {_VALIDATION_RECORD}),
        Run(stack=regional, options=(), may_change=serving),
    )


def run_before(settings: Settings, region: str) -> Run | None:
    """Give the run that goes before the certificate's, if that changes anything; None for none.

    ACM deletes no certificate that a domain configuration uses, and the provider tries for 20
    minutes (hashicorp/terraform-provider-aws, `certificateCrossServicePropagationTimeout`). Within
    one stack Terraform deletes in the right order; home's certificate is in another one than its
    domain configurations, so these go by themselves.
    """
    regional = stack_name(settings.environment, "iot", region)
    if certificate_stack(settings, region) == regional:
        return None
    options = ("-destroy", *(f"-target={each}" for each in DOMAINS))
    return Run(stack=regional, options=options, may_change=frozenset(DOMAINS))
