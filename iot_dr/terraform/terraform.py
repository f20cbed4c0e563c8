"""Terraform in one working folder."""

import json
import os
import subprocess
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

from iot_dr.terraform.diagnostic import Diagnostic, TerraformError, diagnostics_in
from iot_dr.terraform.engine import Engine

# What a user's shell may hold for other runs of Terraform, and would change these.
_FOREIGN_PREFIXES = ("TF_CLI_ARGS", "TF_VAR_")
_FOREIGN = frozenset(("TF_WORKSPACE", "TF_REATTACH_PROVIDERS"))
_QUIET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


class PlanStatus(IntEnum):
    """What `plan -detailed-exitcode` says of a plan that succeeded."""

    UNCHANGED = 0
    CHANGED = 2


class Terraform:
    """Runs commands in `folder`, with `settings` on top of this process's environment.

    Every method raises `TerraformError`, with Terraform's own diagnostics, when the command fails.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], engine: Engine) -> None:
        self.folder = folder.absolute()
        self._engine = engine
        self._environment = {
            **{name: value for name, value in os.environ.items() if not _is_foreign(name)},
            **_QUIET,
            "TF_DATA_DIR": str(self.folder / ".terraform"),
            **settings,
        }

    def init(self, *, backend: bool) -> None:
        """Install the providers; connect to the backend too, unless it is only for `validate`."""
        self._run("init", "-json", "-no-color", f"-backend={str(backend).lower()}")

    def validate(self) -> list[Diagnostic]:
        """Give the errors and warnings of the configuration; none means that it is valid."""
        completed = self._start("validate", "-json", "-no-color")
        try:
            found = json.loads(completed.stdout)["diagnostics"]
        except ValueError as error:
            raise self._failure("validate", completed) from error
        return [Diagnostic.from_json(entry) for entry in found]

    def plan(self, out: Path) -> PlanStatus:
        """Write a plan to the file `out`, and tell whether it changes anything."""
        completed = self._start("plan", "-json", "-detailed-exitcode", f"-out={out.absolute()}")
        if completed.returncode not in list(PlanStatus):
            raise self._failure("plan", completed)
        return PlanStatus(completed.returncode)

    def show(self, plan_file: Path) -> dict[str, Any]:
        """Give a plan file in Terraform's JSON form; sensitive values are in it, in clear."""
        return json.loads(self._run("show", "-json", "-no-color", str(plan_file.absolute())))

    def apply(self, plan_file: Path) -> None:
        """Apply a plan file."""
        self._run("apply", "-json", str(plan_file.absolute()))

    def output(self) -> dict[str, Any]:
        """Give the values of the outputs in the state; sensitive ones in clear."""
        document = json.loads(self._run("output", "-json", "-no-color"))
        return {name: entry["value"] for name, entry in document.items()}

    def _run(self, *arguments: str) -> str:
        completed = self._start(*arguments)
        if completed.returncode != 0:
            raise self._failure(arguments[0], completed)
        return completed.stdout

    def _start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*self._engine.command, *arguments]
        with subprocess.Popen(  # noqa: S603 - the engine is chosen, not taken from input
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                stdout, stderr = process.communicate()
            except KeyboardInterrupt:
                # Ctrl-C has reached Terraform too: it ends by itself and releases its lock.
                process.communicate()
                raise
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    @staticmethod
    def _failure(command: str, completed: subprocess.CompletedProcess[str]) -> TerraformError:
        output = completed.stdout + completed.stderr
        found = tuple(diagnostics_in(completed.stdout))
        return TerraformError(command, completed.returncode, found, output)


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES)
