"""What a device finds around it."""

import ssl
from dataclasses import dataclass
from typing import Protocol

from iot_dr.drill.addresses import Addresses
from iot_dr.drill.clock import Clock
from iot_dr.drill.fleet.habits import Habits


class Resolves(Protocol):
    """Finds the address of a name."""

    async def resolve(self, name: str) -> str:
        """Give an IPv4 address; raises ResolveError where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for all devices of a fleet.

    `name` is what devices connect to; `tls` trusts the drill's authority and shows the fleet's
    certificate.
    """

    clock: Clock
    habits: Habits
    addresses: Addresses
    environment: str
    name: str
    tls: ssl.SSLContext

    def topic(self, thing: str) -> str:
        """Give the topic on which a thing publishes, which its policy allows to it alone."""
        return f"iot-{self.environment}/{thing}/up/drill"
