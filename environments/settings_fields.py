"""The fields of an environment's settings, checked as a whole."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from environments.blocks import (
    Block,
    Endpoint,
    FunctionName,
    Health,
    Recovery,
    State,
    Suppression,
)
from environments.data import Data
from environments.existing import Existing, check_existing
from environments.fields import WholeNumber, refusal, refuse, validated
from environments.identifiers import (
    CERTIFICATE_NAME_LENGTH,
    AccountId,
    Domain,
    Environment,
    Project,
    RoleArn,
)
from environments.modules import ModuleCall
from environments.pipeline import Pipeline
from environments.pipeline_rules import check_pipeline
from environments.regions import IOT_REGIONS
from environments.rules import (
    MOST_LEAVING_REGIONS,
    MOST_TAGS,
    check_bucket_prefix,
    check_leaving_regions,
    check_region,
    check_regions,
    check_tags,
)
from environments.zone import CreatedZone, LookedUpZone, Zone, check_zone_name, chosen_zone

_ONE_OF_THEM: Final[JsonDict] = {"enum": list(IOT_REGIONS)}
_ONE_OF_THEM_OR_NULL: Final[JsonDict] = {"enum": [*IOT_REGIONS, None]}
_USUAL_REGION: Final = "eu-west-1"


def _usual_or_first(fields: Mapping[str, Any]) -> str:
    """Return eu-west-1 or, if it is not among the regions, the first of them.

    `fields` lack the regions if those are invalid.
    """
    regions: Sequence[str] = fields.get("regions") or (_USUAL_REGION,)
    return _USUAL_REGION if _USUAL_REGION in regions else regions[0]


class SettingsFields(Block):
    """The fields of an environment's file; each is checked together with those before it."""

    project: Project = Field(description="the project's name, the first part of resource names")
    environment: Environment = Field(
        description="the environment's name, the same as that of the file"
    )
    domain: Domain = Field(description="the DNS domain above the environment's zone")
    account_id: AccountId = Field(
        description="the AWS account that Terraform may change: 12 digits in quotes"
    )
    deploy_role_arn: RoleArn | None = Field(
        default=None, description="the IAM role of that account to assume, or null for none"
    )
    regions: Annotated[
        tuple[str, ...],
        # YAML gives lists; strict mode would accept tuples only.
        Field(
            strict=False,
            json_schema_extra={
                "minItems": 2,
                "maxItems": 5,
                "uniqueItems": True,
                "items": _ONE_OF_THEM,
            },
        ),
    ] = Field(description="two to five AWS regions in the order in which they take over")
    leaving_regions: Annotated[
        tuple[str, ...],
        Field(
            strict=False,
            json_schema_extra={
                "maxItems": MOST_LEAVING_REGIONS,
                "uniqueItems": True,
                "items": _ONE_OF_THEM,
            },
        ),
    ] = Field(
        default=(),
        description="former regions whose stacks are to be destroyed; they must not be in regions",
    )
    home_region: str = Field(
        default_factory=_usual_or_first,
        description="the region of the zone's certificate and of the global state; set once. The"
        " default is eu-west-1 or, if regions lack it, the first of them",
        json_schema_extra=_ONE_OF_THEM,
    )
    primary_region: str = Field(
        default_factory=_usual_or_first,
        description="the region that serves while it is healthy; PRIMARY_REGION overrides it. The"
        " default is as that of home_region",
        json_schema_extra=_ONE_OF_THEM,
    )
    handover_region: str | None = Field(
        default=None,
        description="the region whose copy of the global states is read while the home region's"
        " bucket is unavailable, or null to read the originals; HANDOVER_REGION overrides it",
        json_schema_extra=_ONE_OF_THEM_OR_NULL,
    )
    zone: Zone = Field(
        default=CreatedZone(),
        description="the public hosted zone: to be created, an existing one by its id, or one that"
        " is looked up by name together with its certificates",
    )
    existing: Existing | None = Field(
        default=None,
        description="a platform that devices already use in one region and that gets its other"
        " regions here, or null for a new platform",
    )
    certificate_region: str | None = Field(
        default=None,
        description="the region whose own stack has the record that validates certificates, or null"
        " for the zone's stack, which then has the home region's certificate too; set it when the"
        " home region was lost or leaves",
        json_schema_extra=_ONE_OF_THEM_OR_NULL,
    )
    endpoint: Endpoint = Field(default=Endpoint(), description="the name devices connect to")
    health: Health = Field(default=Health(), description="how a region's health is checked")
    recovery: Recovery = Field(
        default=Recovery(), description="the recovery time objective, and how devices return"
    )
    state: State = Field(description="where Terraform stores its state")
    data: Data | None = Field(
        default=None,
        description="device data in every region: {} for the defaults, or null to fail over the"
        " endpoint only",
    )
    reserved_concurrency: (
        Mapping[FunctionName, Annotated[int, WholeNumber(1, 10_000, "executions")] | None] | None
    ) = Field(
        default=dict[FunctionName, int | None](),
        description="concurrent executions that Lambda functions reserve in each region, by"
        " function: as many as it needs, the default, or more, or null for no reservation; null in"
        " place of all for no reservations, for an account with a low quota",
    )
    pipeline: Pipeline | None = Field(
        default=None,
        description="the pipeline in AWS CodePipeline that rolls this environment out, or null",
    )
    tags: Mapping[str, str] = Field(
        default=dict[str, str](),
        validate_default=True,
        description="tags for every resource, at most 40",
        json_schema_extra={"maxProperties": MOST_TAGS},
    )
    modules: Annotated[tuple[ModuleCall, ...], Field(strict=False)] = Field(
        default=(), description="Terraform modules to call in each region, or once"
    )
    suppressions: Annotated[tuple[Suppression, ...], Field(strict=False)] = Field(
        default=(), description="rules whose findings are accepted here, each with its reason"
    )

    @model_validator(mode="wrap")
    @classmethod
    def _pipeline_matches(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        return validated(lambda: handler(data), check_pipeline(data))

    @field_validator("domain")
    @classmethod
    def _fits_a_certificate(cls, domain: str, info: ValidationInfo) -> str:
        name = f"*.iot-{info.data.get('environment', '')}.{domain}"
        if len(name) > CERTIFICATE_NAME_LENGTH:
            over = len(name) - CERTIFICATE_NAME_LENGTH
            raise refusal(
                f"is too long for a certificate: {name} has {len(name)} characters; expected "
                f"at most {CERTIFICATE_NAME_LENGTH}, so make the domain or the environment {over}"
                " shorter"
            )
        return domain

    @field_validator("deploy_role_arn")
    @classmethod
    def _in_the_account(cls, arn: str | None, info: ValidationInfo) -> str | None:
        account = info.data.get("account_id")
        if arn and account and arn.split(":")[4] != account:
            raise refusal(f"is a role of another account; expected a role of {account}")
        return arn

    @field_validator("regions", mode="before")
    @classmethod
    def _two_to_five_known(cls, regions: object) -> object:
        refuse(check_regions(regions))
        return regions

    @field_validator("leaving_regions", mode="before")
    @classmethod
    def _no_longer_among_regions(cls, leaving_regions: object, info: ValidationInfo) -> object:
        refuse(check_leaving_regions(leaving_regions, regions=info.data.get("regions", ())))
        return leaving_regions

    @field_validator("home_region", "primary_region", "handover_region", "certificate_region")
    @classmethod
    def _among_regions(cls, region: str | None, info: ValidationInfo) -> str | None:
        if region is not None:
            refuse(check_region(region, among=info.data.get("regions", IOT_REGIONS)))
        return region

    @field_validator("certificate_region")
    @classmethod
    def _without_lookup(cls, region: str | None, info: ValidationInfo) -> str | None:
        if region is not None and isinstance(info.data.get("zone"), LookedUpZone):
            raise refusal("must be null: the owner of a zone that is looked up has the record")
        return region

    @field_validator("zone", mode="before")
    @classmethod
    def _one_kind_of_zone(cls, zone: object) -> object:
        return chosen_zone(zone)

    @field_validator("zone")
    @classmethod
    def _in_the_domain(cls, zone: Zone, info: ValidationInfo) -> Zone:
        check_zone_name(zone, info.data.get("domain"))
        return zone

    @field_validator("existing")
    @classmethod
    def _fits_the_rest(cls, existing: Existing | None, info: ValidationInfo) -> Existing | None:
        refuse(check_existing(existing, info.data) if existing else ())
        return existing

    @field_validator("state")
    @classmethod
    def _fits_a_bucket_name(cls, state: State, info: ValidationInfo) -> State:
        refuse(check_bucket_prefix(state.bucket_prefix, info.data.get("environment", "")))
        return state

    @field_validator("tags")
    @classmethod
    def _as_aws_allows(cls, tags: Mapping[str, str]) -> Mapping[str, str]:
        refuse(check_tags(tags))
        # `frozen` protects the field; this protects the content of the mapping.
        return MappingProxyType(dict(tags))

    @field_serializer("tags")
    def _plain_tags(self, tags: Mapping[str, str]) -> dict[str, str]:
        return dict(tags)
