"""Where a rotation takes place, and with how much patience."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from environments.settings import Settings
from iot_dr.common.waiting import Patience
from iot_dr.observe.aws.clients import Clients, Limits
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.audit import Kept
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.rotation import RotationLog
from iot_dr.observe.switch.switching import Look, Switching
from iot_dr.operate.rotate.drain import Drain
from iot_dr.operate.rotate.elsewhere import Elsewhere, served_elsewhere
from iot_dr.operate.rotate.runs import certificate_stack
from iot_dr.operate.rotate.serving import Serving
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import stack_name

_AGAIN: Final = 2
_LIMITS: Final = Limits(connect=1, read=2, attempts=2)


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Seconds that draining and serving may take, those between two looks, and the clock.

    AWS IoT may take 60 minutes until it serves a new domain configuration:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
    """

    drain: float = 30 * 60.0
    serve: float = 60 * 60.0
    interval: float = 15.0
    clock: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] = field(default=time.sleep)

    def patience(self, limit: float) -> Patience:
        """Give the patience for one wait."""
        return Patience(limit=limit, interval=self.interval, clock=self.clock, pause=self.pause)


@dataclass(frozen=True, kw_only=True)
class Site:
    """The region whose certificate is rotated, the provider, the network, and the patience.

    `prober` is asked for a region's health when Route 53 does not tell, as by a switch. With
    `is_forced` nothing is waited for that cannot be seen, and no quiet at the broker.
    """

    settings: Settings
    region: str
    provider: Provider
    network: Network
    prober: Callable[[str], None]
    waits: Waits = field(default_factory=Waits)
    is_forced: bool = False

    @cached_property
    def clients(self) -> Clients:
        """AWS, asked with the patience of something that can be tried again."""
        return Clients(self.settings.deploy_role_arn, _LIMITS)

    @cached_property
    def log(self) -> RotationLog:
        """What is kept of rotations."""
        return RotationLog(self.settings, self.clients)

    @property
    def owner(self) -> str:
        """The stack whose state has the region's certificate."""
        return certificate_stack(self.settings, self.region)

    @property
    def regional(self) -> str:
        """The stack whose state has what serves the region's certificate."""
        return stack_name(self.settings.environment, "iot", self.region)

    def switching(self, action: Action) -> Switching:
        """Begin to use the region's switch; raises UsageError for a region of elsewhere."""
        return Switching(self.settings, self.region, action, self.prober)

    def look(self) -> Look:
        """Look at the regions and their switches; raises what `Switching.look` raises.

        A switch is in a hurry and takes the first silence for an answer; a rotation is not.
        """
        switching = self.switching("away")
        for _ in range(_AGAIN):
            look = switching.look()
            if _is_whole(look):
                return look
        return switching.look()

    def elsewhere(self, look: Look) -> Elsewhere:
        """See which other regions take devices, given what was seen of their switches."""
        served = served_elsewhere(self.settings, self.region, self.network)
        return Elsewhere(outlook=look.outlook, served=served)

    def drain(self) -> Drain:
        """Begin to look whether the region is drained."""
        return Drain(
            settings=self.settings,
            region=self.region,
            clients=self.clients,
            network=self.network,
            clock=self.waits.clock,
            is_forced=self.is_forced,
        )

    def serving(self, arn: str) -> Serving:
        """Begin to look at what the region serves, `arn` being its certificate's."""
        return Serving(
            settings=self.settings,
            region=self.region,
            arn=arn,
            clients=self.clients,
            network=self.network,
            is_forced=self.is_forced,
        )


def _is_whole(look: Look) -> bool:
    """Whether the health and the switch of every region are known, and the record."""
    outlook = look.outlook
    known = (
        outlook.health[each].is_healthy is not None and outlook.is_away(each) is not None
        for each in outlook.settings.regions
    )
    return all(known) and isinstance(look.kept, Kept)
