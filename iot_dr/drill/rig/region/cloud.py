"""AWS resources of all regions: roles, health APIs, and the addresses behind names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from functions.contract import HTTPS_PORT, MQTT_PORT
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.region_config import GeneratedValues, HealthApiConfig, Role
from iot_dr.drill.rig.world.world import World

RegionService = Literal["mqtt", "https", "api"]
"""A service of a region: its broker, HTTPS on its regional name, or its health API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A world with its local addresses, and the values that AWS would have generated for it.

    `roots` is the file of certificates that functions trust. `canaries` are the roles of the
    canaries by region, `apis` the health APIs of the regions with a canary, `watchers`
    those of the watchers by region. `values` are those that AWS and Terraform generate.
    """

    world: World
    addresses: Addresses
    clock: RigClock
    roots: Path
    canaries: Mapping[str, Role]
    apis: Mapping[str, HealthApiConfig]
    watchers: Mapping[str, Role]
    values: GeneratedValues

    @classmethod
    def of(cls, world: World, addresses: Addresses, clock: RigClock, roots: Path) -> Self:
        """Generate roles and health APIs for the functions of a world."""
        values = GeneratedValues()
        return cls(
            world=world,
            addresses=addresses,
            clock=clock,
            roots=roots,
            canaries={
                site.region: Role.generate(site.canary.grants)
                for site in world.sites
                if site.canary is not None
            },
            apis={
                site.region: HealthApiConfig.generate(site.region, site.api, values)
                for site in world.sites
                if site.canary is not None and site.api is not None
            },
            watchers={each.region: Role.generate(each.grants) for each in world.watchers},
            values=values,
        )

    @property
    def roles(self) -> dict[str, Role]:
        """The roles by access key id, which are the same in all regions."""
        every = [*self.canaries.values(), *self.watchers.values()]
        return {role.key_id: role for role in every}

    def port_map(self) -> dict[str, dict[int, tuple[str, int]]]:
        """Return the local address of each port of each regional name."""
        return {
            site.regional_name: {
                MQTT_PORT: self.endpoint(site.region, "mqtt"),
                HTTPS_PORT: self.endpoint(site.region, "https"),
            }
            for site in self.world.sites
        }

    def endpoint(self, region: str, service: RegionService) -> tuple[str, int]:
        """Return the local address and port of a region's service."""
        port = {
            "mqtt": self.addresses.mqtt,
            "https": self.addresses.https,
            "api": self.addresses.api,
        }[service]
        return self.addresses.hosts[region], port
