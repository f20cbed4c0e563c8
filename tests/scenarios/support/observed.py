"""An environment in a made-up account to observe, with its names and regions on loopback."""

import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iot_dr.drill.play.account import variables
from iot_dr.drill.play.faults import Faults
from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.observe.status.network import NETWORK
from tests.support import loopback
from tests.support.applied_world import AppliedWorld
from tests.support.command import ROOT, iot_dr_here
from tests.support.name_servers import NameServers, name_servers
from tests.support.region_health import Health
from tests.support.tls_names import Authority
from tests.support.within import within


@dataclass(frozen=True)
class Observed:
    """Everything that a status queries, and ways to change it; each has its own primary."""

    world: AppliedWorld
    faults: Faults
    names: NameServers
    tls: TlsNames
    roots: Path

    def see(self, health: Health) -> None:
        """Set what Route 53's checkers report, and make Route 53 answer by it."""
        self.world.see(health)
        self.names.route53.health = dict(health)

    def run(self, command: str, code: int = 0) -> str:
        """Run a line `iot-dr ...` and return its output; it must end with this status."""
        program, *arguments = shlex.split(command)
        assert program == "iot-dr", command
        network = loopback.network(loopback.written(self.names, self.tls, self.roots))
        led = {
            **variables(self.faults.endpoint),
            "PRIMARY_REGION": self.world.settings.primary_region,
        }
        with within(NETWORK, network):
            done = iot_dr_here(*arguments, cwd=ROOT, **led)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@contextmanager
def observed(world: AppliedWorld, faults: Faults, folder: Path) -> Generator[Observed]:
    """Serve the names and regions of an applied environment for a `with` block."""
    settings = world.settings
    authority = Authority(folder)
    good = authority.served(f"*.{settings.zone_name}", [f"*.{settings.zone_name}"])
    with (
        tls_names(dict.fromkeys(settings.regions, good)) as tls,
        name_servers(settings, tls.addresses) as names,
    ):
        yield Observed(world, faults, names, tls, authority.roots)
