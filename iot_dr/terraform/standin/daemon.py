"""One stand-in process for many Terraform runs, so that they do not start one each.

Source of the format of `TF_REATTACH_PROVIDERS`: hashicorp/terraform-plugin-go, `tf5server`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from iot_dr.common.user_error import UserError
from iot_dr.terraform.standin.cache import CACHE_VARIABLE, SchemaCache
from iot_dr.terraform.standin.existing import ExistingResources

REATTACH_VARIABLE: Final = "TF_REATTACH_PROVIDERS"
"""The environment variable that lists running providers and their addresses."""

_PROVIDER = "hashicorp/aws"
_STOP_SECONDS = 5.0


class DaemonError(UserError):
    """The stand-in process did not start."""


class Daemon:
    """A running stand-in process, stopped at the end of a `with` block or with its owner.

    Each connection has its own configuration, so aliases and Terraform runs stay separate. With
    folders in `scope`, its schema is narrowed to what is there when it is requested (`narrowed`).
    The stacks in `stacks` describe what can be imported, and `zones` names hosted zones by id
    (`ExistingResources`). Raises DaemonError if the process does not start.
    """

    def __init__(
        self,
        cache: SchemaCache,
        scope: Sequence[Path] = (),
        stacks: Path | None = None,
        zones: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        arguments = [str(stacks or ""), json.dumps({**zones}), *map(str, scope)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-m", __spec__.name, *arguments],  # pyrefly: ignore[unknown-attribute-access] - a ModuleSpec
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, CACHE_VARIABLE: str(cache.folder)},
            text=True,
            # A signal to the terminal's group is for Terraform, which still needs its provider.
            start_new_session=True,
        )
        self.reattach = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not self.reattach:
            self.stop()
            raise DaemonError(f"the stand-in ended with status {self._process.returncode}")

    @property
    def environment(self) -> dict[str, str]:
        """Variables that direct Terraform to this process; `init` then installs no provider."""
        return {REATTACH_VARIABLE: self.reattach}

    def stop(self) -> None:
        """Stop the process, by force after 5 seconds; it also ends by itself with its owner."""
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> int:
    """Serve on a free port of the loopback interface until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from iot_dr.terraform.standin.server import (  # noqa: PLC0415 - gRPC is for this process alone
        StandinServer,
    )

    stacks, zones, *scope = sys.argv[1:]
    existing = ExistingResources.in_environment(Path(stacks) if stacks else None, json.loads(zones))
    server = StandinServer(SchemaCache.default(), [Path(folder) for folder in scope], existing)
    port = server.listen()
    server.grpc.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    running = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True}
    try:
        sys.stdout.write(json.dumps({_PROVIDER: {**running, "Addr": address}}) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The owner has ended.
        return 0
    sys.stdin.read()
    server.grpc.stop(grace=None)
    return 0


if __name__ == "__main__":
    os._exit(main())
