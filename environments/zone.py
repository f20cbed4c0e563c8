"""The settings block `zone`: a public hosted zone to create, an existing one, or one to look up."""

from typing import Annotated, Final, TypeAlias

from pydantic import Field, ValidationInfo, field_validator

from environments.blocks import Block
from environments.fields import Text, refusal
from environments.identifiers import ZoneName

# docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html: at most 32 characters.
_ZONE_ID: Final = r"Z[A-Z0-9]{1,31}"


class CreatedZone(Block):
    """A public hosted zone that this environment creates."""

    create: Annotated[bool, Field(json_schema_extra={"const": True})] = Field(
        default=True, description="true: this environment creates its zone"
    )
    delegation: Annotated[
        str,
        Text(
            pattern=f"manual|{_ZONE_ID}",
            longest=32,
            rule="manual, or the id of the parent's zone in the same account, such as Z0PARENT",
        ),
    ] = Field(
        default="manual",
        description="how the parent zone gets the NS record: manual (by an operator), or the id of"
        " the parent zone in the same account, to create the record there",
    )

    @field_validator("create")
    @classmethod
    def _only_true(cls, create: bool) -> bool:
        if not create:
            raise refusal(
                "is not allowed; expected true, or zone: {id: Z...} or {lookup: true} for an"
                " existing zone"
            )
        return create


class ExistingZone(Block):
    """A public hosted zone that exists."""

    id: Annotated[
        str,
        Text(
            pattern=_ZONE_ID,
            longest=32,
            rule="the id alone, Z and then capital letters and digits, without /hostedzone/",
        ),
    ] = Field(description="the id of the existing zone, such as Z0EXAMPLE")
    name: ZoneName | None = Field(
        default=None,
        description="the name of the existing zone, or null for iot-ENVIRONMENT.DOMAIN; it must be"
        " `domain` or below it",
    )
    subdomain: ZoneName | None = Field(
        default=None,
        description="a name below that of the zone, such as iot.example.com: device name and"
        " regional names are then directly below it, as mqtt.iot.example.com, in the same zone",
    )

    @field_validator("subdomain")
    @classmethod
    def _below_the_zone(cls, subdomain: str | None, info: ValidationInfo) -> str | None:
        name = info.data.get("name")
        if subdomain and not (name and subdomain.endswith(f".{name}")):
            raise refusal(f"is not below the zone; expected a name below {name or 'zone.name'}")
        return subdomain


class LookedUpZone(Block):
    """A public hosted zone with its certificates, which another state of the account manages."""

    lookup: Annotated[bool, Field(json_schema_extra={"const": True})] = Field(
        description="true: Terraform finds the zone and each region's certificate by name; another"
        " Terraform state of the same account manages them"
    )

    @field_validator("lookup")
    @classmethod
    def _only_true(cls, lookup: bool) -> bool:
        if not lookup:
            raise refusal("is not allowed; expected true, or zone: {create: true}")
        return lookup


Zone: TypeAlias = CreatedZone | ExistingZone | LookedUpZone


def chosen_zone(given: object) -> object:
    """Return the block whose keys `given` has, so that only this block's mistakes are reported.

    Raises PydanticCustomError if it has keys of several or is not a mapping, and ValidationError
    for other mistakes.
    """
    if isinstance(given, Zone):
        return given
    kinds = [
        kind
        for kind in (ExistingZone, LookedUpZone, CreatedZone)
        if isinstance(given, dict) and given.keys() & kind.model_fields
    ]
    if not isinstance(given, dict) or len(kinds) > 1:
        raise refusal(
            "is not a zone; expected {create: true, delegation: ...}, {id: Z...} or {lookup: true}"
        )
    return (kinds[0] if kinds else CreatedZone).model_validate(given)


def check_zone_name(zone: Zone, domain: str | None) -> None:
    """Raise PydanticCustomError if a zone's name is neither `domain` nor below it.

    `domain` is None if the settings have an invalid one.
    """
    name = zone.name if isinstance(zone, ExistingZone) else None
    if name and domain and name != domain and not name.endswith(f".{domain}"):
        raise refusal(f"has another name than the domain; expected {domain} or a name below it")
