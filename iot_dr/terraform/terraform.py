"""Terraform in one working folder."""

import json
import signal
import subprocess
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from iot_dr.common.terraform_binary import BINARY_VARIABLE, product
from iot_dr.terraform.commands import (
    CommandOutputError,
    Commands,
    CommandStoppedError,
    CommandTimeoutError,
)
from iot_dr.terraform.diagnostic import (
    Diagnostic,
    TerraformError,
    diagnostics_in,
    init_diagnostics,
)
from iot_dr.terraform.json_lines import unfinished_in
from iot_dr.terraform.run_log import OnOutput
from iot_dr.terraform.workspace import with_sources

LOCK_WAIT: Final = timedelta(minutes=5)
"""How long a wave waits for a state's lock: one execution may plan while another applies."""


def lock_timeout(wait: timedelta) -> str:
    """Return Terraform's `-lock-timeout` option, in whole seconds."""
    return f"-lock-timeout={wait.total_seconds():.0f}s"


class PlanStatus(IntEnum):
    """The exit status of `plan -detailed-exitcode` for a successful plan."""

    UNCHANGED = 0
    CHANGED = 2


class Terraform:
    """Runs Terraform's commands in `folder`.

    Every method raises TerraformError, with Terraform's diagnostics, if the command fails, takes
    longer than its timeout, or is not started because the runner was interrupted.
    """

    def __init__(
        self,
        folder: Path,
        commands: Commands,
        timeout: float | None = None,
        on_output: OnOutput | None = None,
    ) -> None:
        """Bind to a folder, named after its stack; `timeout` is in seconds per command."""
        self.folder = folder.absolute()
        self._commands = commands
        self._timeout = timeout
        self._on_output = on_output

    def init(self, *, backend: bool) -> None:
        """Install the providers; connect to the backend too if `backend`."""
        self._run("init", "-json", "-no-color", f"-backend={str(backend).lower()}")

    def validate(self) -> list[Diagnostic]:
        """Return the errors and warnings of the configuration; an invalid one is not a failure."""
        completed = self._start("validate", "-json", "-no-color")
        try:
            diagnostics = json.loads(with_sources(self.folder, completed.stdout))["diagnostics"]
        except ValueError as error:
            raise self._failure("validate", completed) from error
        return [Diagnostic.from_json(entry) for entry in diagnostics]

    def plan(self, out: Path, *options: str) -> PlanStatus:
        """Write a plan to the file `out`; return whether it has changes.

        `options` are Terraform's own, such as `-target=ADDRESS`.
        """
        file = f"-out={out.absolute()}"
        completed = self._start("plan", "-json", "-detailed-exitcode", file, *options)
        if completed.returncode not in list(PlanStatus):
            raise self._failure("plan", completed)
        return PlanStatus(completed.returncode)

    def show(self, plan_file: Path | None = None) -> dict[str, Any]:
        """Return a plan, or the state, in Terraform's JSON form; sensitive values are in clear."""
        which = [str(plan_file.absolute())] if plan_file else []
        return json.loads(self._run("show", "-json", "-no-color", *which))

    def apply(self, plan_file: Path | None, *options: str) -> None:
        """Apply a plan file, or the configuration; `options` are Terraform's own."""
        what = str(plan_file.absolute()) if plan_file else "-auto-approve"
        self._run("apply", "-json", *options, what)

    def forget(self, *addresses: str) -> None:
        """Remove resources from the state; the objects that they are stay as they are."""
        self._run("state", "rm", lock_timeout(LOCK_WAIT), *addresses)

    def _run(self, *arguments: str) -> str:
        completed = self._start(*arguments)
        if completed.returncode != 0:
            raise self._failure(arguments[0], completed)
        return completed.stdout

    def _start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            completed = self._commands.run(arguments, self.folder, self._timeout)
        except CommandTimeoutError as error:
            self._note(arguments[0], error.output)
            problem = f"it did not end within {self._timeout:g} s, and was ended"
            problem += _where(error.output)
            raise TerraformError(arguments[0], 1, (), problem) from None
        except CommandOutputError as error:
            problem = f"{error}, and was ended; correct {BINARY_VARIABLE}, or unset it"
            raise TerraformError(arguments[0], 1, (), problem) from None
        except CommandStoppedError:
            raise TerraformError(arguments[0], 1, (), "it was not begun: interrupted") from None
        self._note(arguments[0], completed.stdout + completed.stderr)
        return completed

    def _note(self, command: str, output: str) -> None:
        if self._on_output:
            self._on_output(self.folder.name, command, output)

    def _failure(self, command: str, completed: subprocess.CompletedProcess[str]) -> TerraformError:
        printed = with_sources(self.folder, completed.stdout)
        status, output = completed.returncode, printed + completed.stderr
        if status < 0:
            output = (
                f"{product()} was killed by {signal.Signals(-status).name}{_where(printed)};"
                " the state is as it last wrote it, and its lock on the state may be left"
            )
        read = init_diagnostics if command == "init" else diagnostics_in
        diagnostics = tuple(read(printed))
        return TerraformError(command, status, diagnostics, output)


def _where(output: str) -> str:
    unfinished = unfinished_in(output)
    return f", at work on {', '.join(unfinished)}" if unfinished else ""
