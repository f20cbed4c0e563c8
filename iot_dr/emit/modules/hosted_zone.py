"""The module `hosted-zone`: the environment's public zone and the home region's certificate."""

from dataclasses import replace
from typing import Final

from cdktf import Fn

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    CREATE_VALIDATION_RECORD,
    CREATE_ZONE,
    DELEGATE,
    ZONE_NAME,
)
from iot_dr.emit.variables.rules import unless_null, validation
from iot_dr.emit.variables.settings import SETTINGS
from modules.certificate import Certificate, CertificateInputs
from modules.hosted_zone import OUTPUTS, HostedZone, HostedZoneInputs
from modules.served_certificate import VALIDATION_RECORD
from modules.zone_lookup import ZoneLookup, ZoneLookupInputs

_PARENT: Final = SETTINGS["parent_zone_id"]
_EXISTING: Final = replace(
    SETTINGS["zone_id"],
    description="the id of the zone that exists, where create_zone is false",
    default=None,
    nullable=True,
    validations=(
        *unless_null("zone_id", SETTINGS["zone_id"].validations),
        validation(
            "zone_id",
            "is null, and create_zone is false; pass it, or set create_zone",
            unless="var.create_zone || var.zone_id != null",
        ),
        validation(
            "zone_id",
            "is given, and create_zone is true, which would make a second zone of the same name;"
            " remove one of the two",
            unless="!var.create_zone || var.zone_id == null",
        ),
    ),
)
_DELEGATED: Final = replace(
    _PARENT,
    description="the id of the parent's zone in the same account, where delegate is true",
    validations=(
        *_PARENT.validations,
        validation(
            _PARENT.name,
            "is null, and delegate is true; pass it, or leave delegate out",
            unless=f"!var.delegate || var.{_PARENT.name} != null",
        ),
        validation(
            _PARENT.name,
            "is given, and delegate is false; set delegate, or remove it",
            unless=f"var.delegate || var.{_PARENT.name} == null",
        ),
    ),
)


DELEGATION: Final = """\
ACM validates the certificate once the parent zone delegates to this one. With `delegate = true` \
the apply does that. With `delegate = false` create the zone alone, set its name servers in the \
parent zone, then apply all; otherwise the apply waits `certificate_minutes` and fails.

```bash
terraform apply -target={zone}aws_route53_zone.zone -target={zone}data.aws_route53_zone.zone
terraform output name_servers
terraform apply # once the parent zone has an NS record with these
```"""
"""What to know before the first apply of a zone, with the prefix of its addresses."""

EXISTING_RECORD: Final = (
    "If the account has a certificate for `ZONE` or `*.ZONE`, the zone has the record by which ACM"
    " validates both, and creating it again fails: set `create_validation_record = false`."
)
"""A note for callers with a zone that exists."""


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    provider = stack.provider()
    stack.guard("region")
    stack.zone_name()
    name = "${local.zone_name}"
    new_zone = HostedZone(
        stack,
        "hosted_zone",
        HostedZoneInputs(
            provider=provider, zone_name=name, parent_zone_id=f"${{var.{_PARENT.name}}}"
        ),
    ).outputs
    existing = ZoneLookup(
        stack,
        "existing_zone",
        ZoneLookupInputs(provider=provider, zone_id="${var.zone_id}", zone_name=name),
    ).outputs
    stack.local("zone_id", Fn.coalesce([new_zone.zone_id, existing.zone_id]))
    certificate = Certificate(
        stack,
        "certificate",
        CertificateInputs(
            provider=provider,
            zone_name=name,
            timeout_minutes="${var.certificate_minutes}",
            validation_zone_id="${local.zone_id}",
        ),
    ).outputs
    servers = Fn.coalesce([new_zone.name_servers, existing.name_servers])
    stack.output("zone_id", "${local.zone_id}", OUTPUTS["zone_id"])
    stack.output("zone_name", name, OUTPUTS["zone_name"])
    stack.output("name_servers", servers, OUTPUTS["name_servers"])
    stack.output(
        "certificate_arn", certificate.arn, "ARN of the certificate for every name below the zone"
    )
    return (
        Optional(addresses=("aws_route53_zone.zone",), condition="var.create_zone"),
        Optional(addresses=("data.aws_route53_zone.zone",), condition="!var.create_zone"),
        Optional(
            addresses=("aws_route53_record.delegation",),
            condition="var.create_zone && var.delegate",
        ),
        Optional(
            addresses=(f"aws_route53_record.{VALIDATION_RECORD}",),
            condition=f"var.{CREATE_VALIDATION_RECORD.name}",
        ),
    )


HOSTED_ZONE: Final = Blueprint(
    name="hosted-zone",
    title="Hosted zone",
    purpose="The public Route 53 zone of an IoT platform, the"
    " certificate of its home region, and the one DNS record by which ACM validates and renews the"
    " certificates of all regions.",
    variables=(
        *(SETTINGS[name] for name in ("environment", "domain", "account_id", "region")),
        ZONE_NAME,
        CREATE_ZONE,
        _EXISTING,
        DELEGATE,
        _DELEGATED,
        CREATE_VALIDATION_RECORD,
        SETTINGS["certificate_minutes"],
        TAGS,
    ),
    build=_build,
    values={"parent_zone_id": "Z0PARENT", "delegate": True, "zone_id": None},
    first=DELEGATION.format(zone="module.NAME."),
    notes=(
        EXISTING_RECORD,
        "Call it once per environment, with the provider of its home region.",
        (
            "The zone has `prevent_destroy`: a new zone would have other name servers than the"
            " parent's delegation. To give it up, remove it from the state first."
        ),
    ),
)
