"""An environment on this machine that commands can see, and the terminal that leads there."""

import json
import shlex
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from environments.settings import Settings
from iot_dr.common.network_variable import NETWORK_VARIABLE
from iot_dr.drill.play.account import account, variables
from iot_dr.drill.play.applied import Applied, apply_stacks
from iot_dr.drill.play.faults import Faults, faults_before
from iot_dr.drill.play.references import Stack
from iot_dr.drill.play.visible import ServerCertificates
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.world.reading import read_world
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.status.network import Network
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.files import STACK_FILE

_UNSET: Final = r"unset AWS_PROFILE $(env | sed -n 's/^\(AWS_[A-Za-z0-9_]*\)=.*/\1/p')"
"""Unsets what would lead commands elsewhere, such as a profile or one service's endpoint."""


@dataclass(frozen=True)
class PlayedEnvironment:
    """An environment in a made-up account, and a folder that is removed at the end."""

    settings: Settings
    world: World
    applied: Applied
    faults: Faults
    certificates: ServerCertificates
    folder: Path

    def variables(self, network: Network) -> Mapping[str, str]:
        """Return the variables that lead commands to this account and network."""
        servers = {
            "resolvers": [f"{each.address}:{each.port}" for each in network.resolvers],
            "authority_port": network.authority_port,
            "tls_port": network.tls_port,
        }
        return {
            **variables(self.faults.endpoint),
            "SSL_CERT_FILE": str(self.certificates.roots),
            NETWORK_VARIABLE: json.dumps(servers),
        }

    def write_terminal(self, network: Network) -> Path:
        """Write a file for a shell's `source`, after which commands see the game."""
        file = self.folder / "terminal.sh"
        exports = (
            f"export {name}={shlex.quote(value)}" for name, value in self.variables(network).items()
        )
        lines = [_UNSET, *exports, 'PS1="(drill play) ${PS1-}"']
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file


@contextmanager
def place(settings: Settings) -> Generator[PlayedEnvironment]:
    """Synthesize an environment and create it in an account, for a `with` block.

    Raises what `synthesized_world` raises.
    """
    with TemporaryDirectory(prefix="iot-dr-play-") as scratch:
        folder = Path(scratch)
        RUNTIME.get().synthesize([settings.after_cut_over], folder / "out")
        files = sorted((folder / "out").rglob(STACK_FILE))
        stacks = {each.name: each for each in map(Stack.read, files)}
        authority = Authority(folder / "authority")
        with account(settings.account_id) as moto, faults_before(moto) as faults:
            yield PlayedEnvironment(
                settings=settings,
                world=read_world(folder / "out", settings),
                applied=apply_stacks(settings, stacks, moto),
                faults=faults,
                certificates=ServerCertificates.issue(authority, settings.zone_name),
                folder=folder,
            )
