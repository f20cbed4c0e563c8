"""Reads from Terraform what is rehearsed of an environment."""

from collections.abc import Sequence
from pathlib import Path

from environments.settings import Settings
from iot_dr.drill.world.alarm_reader import AlarmReader
from iot_dr.drill.world.check_reader import CheckReader
from iot_dr.drill.world.design import Design, WorldError, read_design
from iot_dr.drill.world.record_chain import Records, read_records
from iot_dr.drill.world.site_reader import function, knows_devices, served_names
from iot_dr.drill.world.world import Site, World
from iot_dr.route53.terraform_checks import checks_of


def read_world(folder: Path, settings: Settings) -> World:
    """Read an environment from its synthesized stacks in a folder, or from plans as JSON.

    Of the settings it takes the names of the environment, of its zone and of the device name, the
    regions, and the targets. Raises WorldError for what leads nowhere or contradicts itself;
    NoFilesError and JsonFileError for a folder that holds no Terraform JSON.
    """
    design = read_design(folder, settings)
    records = read_records(design, settings.device_name)
    sites = _sites(design, records, settings)
    alarms = AlarmReader(design, settings.environment)
    names = {site.region: site.regional_name for site in sites}
    apis = {site.region for site in sites if site.canary}
    checks = CheckReader(design, names, apis, alarms)
    declared = checks_of(design.resources)
    for record in records.asked:
        if record.check:
            checks.read(declared[record.check])
    regional = [records.regional[site.region] for site in sites]
    return World(
        environment=settings.environment,
        device_name=settings.device_name,
        zone_name=settings.zone_name,
        sites=tuple(sites),
        records=tuple(dict.fromkeys([*records.asked, *regional])),
        checks=checks.checks,
        alarms=alarms.alarms,
        watcher=function(design, "watcher"),
        recovery=settings.recovery,
        unrehearsed=tuple(design.unrehearsed),
    )


def _sites(design: Design, records: Records, settings: Settings) -> Sequence[Site]:
    """Give the regions in the order in which they take over, then those that never do."""
    order = dict.fromkeys([*records.order, *settings.failover_order])
    return [
        Site(
            region=region,
            regional_name=_regional_name(design, records, region),
            served_names=served_names(design, region),
            knows_devices=region == records.order[0] or knows_devices(design, region),
            canary=function(design, "canary", region),
        )
        for region in order
    ]


def _regional_name(design: Design, records: Records, region: str) -> str:
    if region in records.regional:
        return records.regional[region].name
    serving = {
        each.stack
        for each in design.resources.of_type("aws_iot_domain_configuration")
        if each.region == region
    }
    message = (
        f"{region} has no regional name: no record in {', '.join(sorted(serving)) or 'any stack'}"
        " leads to AWS IoT in that region alone"
    )
    raise WorldError(message)
