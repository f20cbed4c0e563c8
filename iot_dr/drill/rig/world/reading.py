"""Reader of the world from an environment's synthesized Terraform."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from environments.settings import Settings
from iot_dr.design.device_access import device_certificates, device_policies
from iot_dr.design.iot_policy import ClientPolicies
from iot_dr.design.known_devices import knows_devices
from iot_dr.drill.rig.world.checks import CheckReader
from iot_dr.drill.rig.world.design import RigDesign, WorldError, read_design
from iot_dr.drill.rig.world.functions import RegionFunctions
from iot_dr.drill.rig.world.records import DeviceNameRecords, read_records
from iot_dr.drill.rig.world.world import RegionSite, World
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name

_DOMAIN: Final = "aws_iot_domain_configuration"


def synthesized_world(settings: Settings) -> World:
    """Synthesize an environment to a temporary folder, and read its world.

    A platform that is adopted is read as after its cut-over: the old record has no check, so
    without the failover records there would be nothing to rehearse. Raises BlockedError if a rule
    blocks a stack, and the errors of `read_world`.
    """
    with TemporaryDirectory(prefix="iot-dr-drill-") as scratch:
        out = Path(scratch) / "out"
        RUNTIME.get().synthesize([settings.after_cut_over], out)
        return read_world(out, settings)


def read_world(folder: Path, settings: Settings) -> World:
    """Read an environment from its synthesized stacks in a folder, or from plans as JSON.

    From the settings it takes only the names of environment, zone and device name, the regions,
    and the targets. Raises WorldError for inconsistent Terraform; NoFilesError and JsonFileError
    for a folder without Terraform JSON.
    """
    design = read_design(folder, settings)
    records = read_records(design, settings.device_name)
    declared = declared_checks(design.resources)
    asked = [declared[record.check] for record in records.followed if record.check]
    functions = RegionFunctions(design, [check.id for check in asked])
    sites = _sites(design, records, settings, functions)
    names = {site.region: site.regional_name for site in sites}
    checks = CheckReader(design, settings.environment, names=names, functions=functions)
    for check in asked:
        checks.read(check)
    regional = [records.regional[site.region] for site in sites]
    return World(
        environment=settings.environment,
        device_name=settings.device_name,
        zone_name=settings.zone_name,
        sites=tuple(sites),
        records=tuple(dict.fromkeys([*records.followed, *regional])),
        checks=checks.checks,
        alarms=checks.alarms,
        watchers=tuple(functions.watchers([site.region for site in sites])),
        recovery=settings.recovery,
        unrehearsed=tuple(design.unrehearsed),
        not_understood=design.not_understood.sentences,
    )


def _sites(
    design: RigDesign, records: DeviceNameRecords, settings: Settings, functions: RegionFunctions
) -> Sequence[RegionSite]:
    """Return the regions in failover order, then those without a failover record."""
    order = dict.fromkeys([*records.order, *settings.failover_order])
    return [
        RegionSite(
            region=region,
            regional_name=_regional_name(design, records, region),
            served_names=_served_names(design, region),
            knows_devices=region == records.order[0] or knows_devices(design.resources, region),
            canary=functions.canary(region),
            api=functions.api(region),
            certificates=device_certificates(design.resources, region, design.not_understood),
            policies=_policies(design, region, records.order[0]),
        )
        for region in order
    ]


def _policies(design: RigDesign, region: str, primary: str) -> tuple[str, ...]:
    """Return the devices' IoT policies in a region, and note parts that are not understood."""
    policies = device_policies(design.resources, region, primary, design.not_understood)
    for problem in ClientPolicies(policies).not_understood:
        design.not_understood.add(f"the devices' IoT policy in {region}: {problem}")
    return policies


def _regional_name(design: RigDesign, records: DeviceNameRecords, region: str) -> str:
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


def _served_names(design: RigDesign, region: str) -> frozenset[str]:
    """Return the names of a region's enabled domain configurations."""
    names: set[str] = set()
    for domain in design.resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(design.resources, domain, "domain_name", value)
        is_on = design.argument_text(domain, "status") != "DISABLED"
        if domain.region == region and is_on and name and is_resolved_name(name):
            names.add(name)
    return frozenset(names)
