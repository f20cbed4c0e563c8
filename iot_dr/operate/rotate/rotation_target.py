"""The region of a rotation, and the limits of its waits."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from environments.settings import Settings
from iot_dr.common.waiting import PollLimits
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.rotation import RotationLog
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import Switching
from iot_dr.operate.drain.draining import Draining
from iot_dr.operate.drain.moved_answer import MovedAnswer
from iot_dr.operate.drain.other_regions import (
    OtherRegions,
    complete_situation,
    served_elsewhere,
)
from iot_dr.operate.rotate.drain import Drain
from iot_dr.operate.rotate.rotation_terraform import RotationTerraform
from iot_dr.operate.rotate.runs import certificate_stack
from iot_dr.operate.rotate.serving import Serving
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import stack_name

_LIMITS: Final = CallLimits(connect=1, read=2, attempts=2)


@dataclass(frozen=True, kw_only=True)
class RotationTimeouts:
    """Time limits for draining and serving, and the polling interval, in seconds; and the clock.

    AWS IoT can take 60 minutes to serve a new domain configuration:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
    """

    drain: float = 30 * 60.0
    serve: float = 60 * 60.0
    interval: float = 15.0
    clock: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] = field(default=time.sleep)

    def poll_limits(self, limit: float) -> PollLimits:
        """Return the limits of one wait."""
        return PollLimits(limit=limit, interval=self.interval, clock=self.clock, pause=self.pause)


@dataclass(frozen=True, kw_only=True)
class RotationTarget:
    """The region whose certificate is rotated, with provider, network and limits.

    `workbench` opens Terraform for the environment's stacks with a provider. `prober` probes a
    region's health if Route 53 does not answer. With `is_forced`, unknown states and connects do
    not block. Connections are closed at `drain_rate` a second, unless it is None.
    """

    settings: Settings
    region: str
    provider: Provider
    workbench: Callable[[Settings, Provider], AbstractContextManager[RotationTerraform]]
    network: Network
    prober: Callable[[str], None]
    waits: RotationTimeouts
    is_forced: bool = False
    drain_rate: float | None = None

    @cached_property
    def clients(self) -> Clients:
        """AWS clients with time limits for repeatable calls."""
        return Clients(self.settings.deploy_role_arn, _LIMITS)

    @cached_property
    def log(self) -> RotationLog:
        """The records of rotations."""
        return RotationLog(self.settings, self.clients)

    @property
    def owner(self) -> str:
        """The stack that owns the region's certificate."""
        return certificate_stack(self.settings, self.region)

    @property
    def regional(self) -> str:
        """The stack with the domain configurations that serve the region's certificate."""
        return stack_name(self.settings.environment, "iot", self.region)

    def switching(self, action: Action) -> Switching:
        """Return an operation on the region's switch; raises UsageError for a foreign region."""
        return Switching(self.settings, self.region, action, self.prober)

    def look(self) -> SwitchSituation:
        """Read the regions' health and switches; raises what `Switching.observe` raises."""
        return complete_situation(self.switching("away"))

    def elsewhere(self, look: SwitchSituation) -> OtherRegions:
        """Return which other regions can serve devices, given their switches."""
        served = served_elsewhere(self.settings, self.region, self.network)
        return OtherRegions(outlook=look.outlook, served=served)

    def drain(self) -> Drain:
        """Return the check whether the region is drained."""
        recovery = self.settings.recovery
        answer = MovedAnswer(
            settings=self.settings,
            region=self.region,
            clients=self.clients,
            network=self.network,
            clock=self.waits.clock,
            seconds=float(self.settings.endpoint.ttl + recovery.backoff_ceiling),
            because="cached answers and devices that back off",
        )
        return Drain(answer=answer, is_forced=self.is_forced)

    def draining(self) -> Draining | None:
        """Return the drain of the region's connections, None without one."""
        if self.drain_rate is None:
            return None
        return Draining(
            settings=self.settings,
            region=self.region,
            rate=self.drain_rate,
            network=self.network,
            prober=self.prober,
            polls=self.waits.poll_limits(self.waits.drain),
        )

    def serving(self, arn: str) -> Serving:
        """Return the check of what the region serves; `arn` is its certificate's."""
        return Serving(
            settings=self.settings,
            region=self.region,
            arn=arn,
            clients=self.clients,
            network=self.network,
            is_forced=self.is_forced,
        )
