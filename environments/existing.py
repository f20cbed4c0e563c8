"""The settings block `existing`: what a platform that is adopted already has in its one region."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from environments.blocks import Block
from environments.fields import Finding, Text
from environments.identifiers import project_file
from environments.regions import IOT_REGIONS
from environments.rules import check_region
from environments.zone import ExistingZone


class ExistingDevicePolicy(Block):
    """The IoT policy that the certificates of the fleet already have."""

    # docs.aws.amazon.com/iot/latest/apireference/API_CreatePolicy.html
    name: Annotated[
        str,
        Text(
            pattern=r"[A-Za-z0-9_+=,.@-]+",
            longest=128,
            rule="the name of an IoT policy: letters, digits and _ + = , . @ -",
        ),
    ] = Field(description="the policy's name, which it also gets in the other regions")
    document: Annotated[str, project_file("environments/fleet-policy.json")] = Field(
        description="the file with the policy's document, relative to the root of the project; in"
        " its ARNs the region is replaced by that of each stack"
    )


class Existing(Block):
    """A platform that devices already use in one region."""

    region: str = Field(
        description="the region in which the platform exists",
        json_schema_extra={"enum": list(IOT_REGIONS)},
    )
    # docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html
    domain_configuration: Annotated[
        str,
        Text(
            pattern=r"[A-Za-z0-9_.:-]+",
            longest=128,
            rule="the name of an IoT domain configuration: letters, digits and _ . : -",
        ),
    ] = Field(description="the name of the domain configuration of the device name")
    certificate_arn: Annotated[
        str,
        Text(
            pattern=r"arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+",
            longest=150,
            rule="the ARN of a certificate in ACM",
        ),
    ] = Field(description="the certificate of that domain configuration; it stays with its owner")
    device_policy: ExistingDevicePolicy | None = Field(
        default=None,
        description="the IoT policy of the fleet, or null if devices get this platform's own",
    )
    validation_record: bool = Field(
        default=False,
        description="whether the zone already has the CNAME record that validates a certificate"
        " for all names next to the device name; it stays with its owner",
    )
    cut_over: bool = Field(
        default=False,
        description="false: the device name has its old record; true: it has the failover records"
        " of `iot-dr adopt cut-over`, which Terraform imports",
    )


def check_existing(existing: Existing, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what contradicts the settings before the block, in `data` as far as they are valid."""
    regions, account = data.get("regions", ()), data.get("account_id")
    primary = data.get("primary_region")
    region, arn = existing.region, existing.certificate_arn
    if regions and (findings := list(check_region(region, regions))):
        yield from ((("region",), value, message) for _, value, message in findings)
        return
    if not existing.cut_over and primary in regions and region != primary:
        message = f"is not the primary region; expected {primary}: until the cut-over all devices"
        yield ("region",), region, f"{message} use the region of their old record"
    _, _, _, of_certificate, owner, _ = arn.split(":")
    if of_certificate != region:
        message = f"is a certificate in {of_certificate}; expected one in {region}, since AWS IoT"
        yield ("certificate_arn",), arn, f"{message} serves only certificates of its own region"
    if account and owner != account:
        message = f"is a certificate of another account; expected one of {account}, since AWS IoT"
        yield ("certificate_arn",), arn, f"{message} serves only certificates of its own account"
    if "zone" in data and not isinstance(data["zone"], ExistingZone):
        message = "needs the zone of the device name; expected zone: {id: Z..., name: ...}"
        yield ("region",), region, message
