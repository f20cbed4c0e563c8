"""An environment in a made-up account whose commands see a platform on a virtual clock."""

import io
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.cli.status import run
from iot_dr.drill.play.faults import Faults
from iot_dr.drill.play.platform import Platform
from iot_dr.drill.play.visible import ServerCertificates, Visible, commands_see
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.aws.clients import CallLimits
from iot_dr.observe.status.network import NETWORK, QueryLimits
from iot_dr.observe.switch.metric import Action
from tests.support.applied_world import AppliedWorld
from tests.support.drill_worlds import world
from tests.support.json_output import result_of
from tests.support.within import within

LIMITS: Final = QueryLimits(
    dns=5, tls=5, total=30, aws=CallLimits(connect=4, read=4, attempts=1, connections=30)
)

RECONNECTING: Final = 3
"""Devices that connect again at any moment, as their network is bad."""


@dataclass(frozen=True)
class Place:
    """An environment in a made-up account."""

    settings: Settings
    world: World
    applied: AppliedWorld
    faults: Faults
    certificates: ServerCertificates

    @contextmanager
    def seen(self, platform: Platform) -> Generator[Visible]:
        """Let commands see a platform, whose clock stands still until they have ended."""
        puts: list[tuple[str, str, Action]] = []
        with commands_see(
            platform,
            self.applied,
            self.faults,
            self.certificates,
            lambda alarm_region, region, action: puts.append((alarm_region, region, action)),
        ) as visible:
            yield visible
        for put in puts:
            platform.put(*put)

    def diagnose(self, platform: Platform) -> dict[str, Any]:
        """Return what `status --json` prints at the moment of a platform."""
        out = io.StringIO()
        with (
            self.seen(platform) as visible,
            within(NETWORK, replace(visible.network, limits=LIMITS)),
            redirect_stdout(out),
        ):
            run(self.settings.environment, watch=False, as_json=True)
        return result_of(out.getvalue())


@contextmanager
def placed(made: tuple[AppliedWorld, Faults], folder: Path) -> Generator[Place]:
    """Return the place of an environment, with certificates of an authority in a folder."""
    applied, faults = made
    settings = applied.settings
    certificates = ServerCertificates.issue(Authority(folder), settings.zone_name)
    yield Place(settings, world(settings), applied, faults, certificates)
