"""The settings of a watcher, from its environment variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.contract import (
    INTERVALS,
    MODES,
    WatchedRegionVariable,
    WatcherVariable,
    watcher_alarm_regions,
)
from functions.probe.variables import Variables
from functions.watcher.history import WatchedRegion


@dataclass(frozen=True, kw_only=True)
class WatcherSettings:
    """The values of WatcherVariable, and of WatchedRegionVariable for each region.

    `primary` is the watched region: the primary, or a standby that another standby follows.
    `earlier` are the regions before it in the order of failover, none if it is the primary.
    """

    own_region: str
    regions: Mapping[str, WatchedRegion]
    primary: str
    earlier: Sequence[str]
    primary_alarm_regions: Sequence[str]
    device_name: str
    alarm_name: str
    ttl: int
    topic: str
    environment: str
    is_deep: bool
    interval: int
    threshold: int
    project: str | None

    @property
    def alarm_regions(self) -> dict[str, Sequence[str]]:
        """The alarm regions of each switch that the watcher puts, the watched region's last."""
        regions = [*self.regions]
        alarm_regions: dict[str, Sequence[str]] = {
            region: watcher_alarm_regions(regions, self.own_region, region)
            for region in self.earlier
        }
        return {**alarm_regions, self.primary: self.primary_alarm_regions}


def watcher_settings(environ: Mapping[str, str]) -> WatcherSettings:
    """Read the settings; raises VariablesError that names each missing or invalid variable."""
    variables = Variables(environ)
    regions = {
        region: WatchedRegion(
            region,
            name=variables.text(f"{WatchedRegionVariable.NAME}{index}"),
            check_id=variables.text(f"{WatchedRegionVariable.CHECK}{index}"),
        )
        for index, region in enumerate(variables.names(WatcherVariable.REGIONS), 1)
    }
    own_region = variables.choice("AWS_REGION", list(regions))
    *earlier, _ = variables.text(WatcherVariable.AWAY).split(",")
    settings = WatcherSettings(
        own_region=own_region,
        regions=regions,
        primary=variables.choice(
            WatcherVariable.PRIMARY, [each for each in regions if each != own_region]
        ),
        earlier=earlier,
        primary_alarm_regions=variables.text(WatcherVariable.ALARM_REGIONS).split(","),
        device_name=variables.text(WatcherVariable.DEVICE_NAME),
        alarm_name=variables.text(WatcherVariable.SWITCH),
        ttl=variables.number(WatcherVariable.TTL),
        topic=variables.text(WatcherVariable.TOPIC),
        environment=variables.text(WatcherVariable.ENVIRONMENT),
        is_deep=variables.choice(WatcherVariable.MODE, MODES) == "deep",
        interval=int(variables.choice(WatcherVariable.INTERVAL, [*map(str, INTERVALS)]) or 0),
        threshold=variables.number(WatcherVariable.THRESHOLD),
        project=environ.get(WatcherVariable.PROJECT),
    )
    variables.raise_if_invalid()
    return settings
