"""Reader of the world from an environment's synthesized Terraform."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from environments.settings import Settings
from iot_dr.drill.rig.world.checks import CheckReader
from iot_dr.drill.rig.world.design import Design, WorldError, read_design
from iot_dr.drill.rig.world.records import DeviceNameRecords, read_records
from iot_dr.drill.rig.world.world import Lambda, Site, World
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.argument import is_resolved_name, is_true, known_dns_name
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import has_expression, literal
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource

_FUNCTION: Final = "aws_lambda_function"
_DOMAIN: Final = "aws_iot_domain_configuration"
_CA: Final = "aws_iot_ca_certificate"
# Lambda's default, in seconds: docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_TIMEOUT: Final = 3


def synthesized_world(settings: Settings) -> World:
    """Synthesize an environment to a temporary folder, and read its world.

    Raises BlockedError if a rule blocks a stack, and the errors of `read_world`.
    """
    with TemporaryDirectory(prefix="iot-dr-drill-") as scratch:
        out = Path(scratch) / "out"
        RUNTIME.get().synthesize([settings], out)
        return read_world(out, settings)


def read_world(folder: Path, settings: Settings) -> World:
    """Read an environment from its synthesized stacks in a folder, or from plans as JSON.

    From the settings it takes only the names of environment, zone and device name, the regions,
    and the targets. Raises WorldError for inconsistent Terraform; NoFilesError and JsonFileError
    for a folder without Terraform JSON.
    """
    design = read_design(folder, settings)
    records = read_records(design, settings.device_name)
    sites = _sites(design, records, settings)
    names = {site.region: site.regional_name for site in sites}
    apis = {site.region for site in sites if site.canary}
    checks = CheckReader(design, settings.environment, names, apis)
    declared = declared_checks(design.resources)
    for record in records.followed:
        if record.check:
            checks.read(declared[record.check])
    regional = [records.regional[site.region] for site in sites]
    return World(
        environment=settings.environment,
        device_name=settings.device_name,
        zone_name=settings.zone_name,
        sites=tuple(sites),
        records=tuple(dict.fromkeys([*records.followed, *regional])),
        checks=checks.checks,
        alarms=checks.alarms,
        watcher=_function(design, "watcher"),
        recovery=settings.recovery,
        unrehearsed=tuple(design.unrehearsed),
    )


def _sites(design: Design, records: DeviceNameRecords, settings: Settings) -> Sequence[Site]:
    """Return the regions in failover order, then those without a failover record."""
    order = dict.fromkeys([*records.order, *settings.failover_order])
    return [
        Site(
            region=region,
            regional_name=_regional_name(design, records, region),
            served_names=_served_names(design, region),
            knows_devices=region == records.order[0] or _knows_devices(design, region),
            canary=_function(design, "canary", region),
        )
        for region in order
    ]


def _regional_name(design: Design, records: DeviceNameRecords, region: str) -> str:
    if region in records.regional:
        return records.regional[region].name
    serving = {
        domain.stack
        for domain in design.resources.of_type("aws_iot_domain_configuration")
        if domain.region == region
    }
    message = (
        f"{region} has no regional name: no record in {', '.join(sorted(serving)) or 'any stack'}"
        " resolves only to AWS IoT in that region"
    )
    raise WorldError(message)


def _served_names(design: Design, region: str) -> frozenset[str]:
    """Return the names of a region's enabled domain configurations."""
    names: set[str] = set()
    for domain in design.resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(design.resources, domain, "domain_name", value)
        is_on = design.argument_text(domain, "status") != "DISABLED"
        if domain.region == region and is_on and name and is_resolved_name(name):
            names.add(name)
    return frozenset(names)


def _function(design: Design, module: str, region: str | None = None) -> Lambda | None:
    """Return the function with the code of `functions/MODULE`, in a region or in any, or None."""
    resource = next(_functions(design, module, region), None)
    if resource is None:
        return None
    return Lambda(
        region=resource.region or "",
        handler=design.argument_text(resource, "handler") or "",
        variables=_variables(design, resource),
        timeout=design.argument_number(resource, "timeout", _TIMEOUT),
    )


def _knows_devices(design: Design, region: str) -> bool:
    """Whether devices that were registered in another region can connect to this one.

    Either the registry is replicated, or their CA allows just-in-time registration. With only a
    fleet provisioning template a device would have to be provisioned again.
    """
    return any(_functions(design, "registry_apply", region)) or any(
        ca.region == region
        and is_true(design.resources, ca, "active")
        and is_true(design.resources, ca, "allow_auto_registration")
        for ca in design.resources.of_type(_CA)
    )


def _functions(design: Design, module: str, region: str | None) -> Iterator[Resource]:
    for resource in design.resources.of_type(_FUNCTION):
        is_there = resource.region and region in {None, resource.region}
        if is_there and (design.argument_text(resource, "handler") or "").startswith(
            f"functions.{module}."
        ):
            yield resource


def _variables(design: Design, resource: Resource) -> dict[str, str]:
    """Return the known variables; note those that are only known after apply."""
    environment = block(resource.values, "environment") or {}
    variables: dict[str, str] = {}
    for name, value in mapping(environment.get("variables")).items():
        check = design.resources.referenced(resource, value)
        if check and check.type == CHECK:
            # In place of Route 53's generated id, the check's id in a World.
            variables[name] = check.id
            continue
        resolved = design.resources.resolve(resource, value)
        text = literal(resolved) if isinstance(resolved, str) else str(resolved)
        if text is None or (has_expression(str(value)) and "/" in text):
            design.leave_out(resource, f"the variable {name} is only known after apply")
            continue
        variables[name] = text
    return variables
