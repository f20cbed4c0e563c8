"""What stands in for AWS and is the same for all regions: roles, health APIs, where names lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.region.region_config import HealthApi, Role
from iot_dr.drill.rig.world.world import World

MQTT_PORT: Final = 8883
HTTPS_PORT: Final = 443


Door = Literal["mqtt", "https", "api"]
"""What of a region is reached: its broker, its regional name's HTTPS, or its health API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A world at its addresses, with what AWS would have made for it.

    `roots` is the file of the certificates that functions trust. `canaries` are the roles of the
    canaries by region, `apis` the health APIs of the regions that have a canary, `watcher` is the
    role of the watcher where there is one.
    """

    world: World
    addresses: Addresses
    clock: Clock
    roots: Path
    canaries: Mapping[str, Role]
    apis: Mapping[str, HealthApi]
    watcher: Role | None

    @classmethod
    def of(cls, world: World, addresses: Addresses, clock: Clock, roots: Path) -> Self:
        """Make roles and health APIs for the functions of a world."""
        canaries = {
            # A function that is not told where it publishes fails by itself, as in AWS.
            site.region: Role.made_up(site.region, site.canary.variables.get("CANARY_TOPIC", ""))
            for site in world.sites
            if site.canary is not None
        }
        return cls(
            world=world,
            addresses=addresses,
            clock=clock,
            roots=roots,
            canaries=canaries,
            apis={region: HealthApi.made_up(region) for region in canaries},
            watcher=_watcher_role(world),
        )

    def roles_in(self, region: str) -> dict[str, Role]:
        """Return the roles that may publish in a region, by the id of their key."""
        every = [*self.canaries.values(), *([self.watcher] if self.watcher else ())]
        return {role.key_id: role for role in every if role.region == region}

    def doors(self) -> dict[str, dict[int, tuple[str, int]]]:
        """Return where each port of each regional name leads on this machine."""
        return {
            site.regional_name: {
                MQTT_PORT: self.door(site.region, "mqtt"),
                HTTPS_PORT: self.door(site.region, "https"),
            }
            for site in self.world.sites
        }

    def door(self, region: str, door: Door) -> tuple[str, int]:
        """Return the address and port of one of a region's doors."""
        port = {
            "mqtt": self.addresses.mqtt,
            "https": self.addresses.https,
            "api": self.addresses.api,
        }[door]
        return self.addresses.hosts[region], port


def _watcher_role(world: World) -> Role | None:
    if world.watcher is None:
        return None
    variables = world.watcher.variables
    # It publishes through the primary's name, from the region that takes over.
    primary = variables.get("WATCHER_PRIMARY", "")
    return Role.made_up(primary, variables.get("WATCHER_TOPIC", ""))
