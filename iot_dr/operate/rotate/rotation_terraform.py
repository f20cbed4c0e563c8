"""Terraform on the stacks of a rotation."""

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.run_folder import UNWRITTEN_STATE
from iot_dr.common.signals import deferred_signals
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.delivery.deploy.folder import deploy_folder
from iot_dr.delivery.deploy.variables import terraform_variables
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.state.foreign import refuse_foreign
from iot_dr.delivery.state.guard import Fetch, refuse_promoted, s3_fetch, sandbox_fetch
from iot_dr.operate.rotate.provider_account import refuse_provider_mismatch
from iot_dr.operate.rotate.runs import CERTIFICATE, RotationStep
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform.workspace import copy_stack
from iot_dr.terraform_json.change import PlannedAction, changes_in
from iot_dr.terraform_json.provider_choice import Provider

# Terraform waits up to 75 minutes for ACM to issue a certificate (the provider's documentation of
# aws_acm_certificate_validation, "Timeouts"); the rest is for the other resources.
_TIMEOUT: Final = 90 * 60.0
_STOPPING: Final = "\nStopping: {} finishes its operations and releases its lock.\n"


class UnexpectedChangeError(UserError):
    """Terraform would change something that is not part of a rotation, or less than it should."""


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """A plan of one run; `document` is its JSON form."""

    run: RotationStep
    changes: tuple[PlannedAction, ...]
    document: Mapping[str, Any]
    terraform: Terraform
    file: Path
    commands: Commands

    @property
    def certificate(self) -> str | None:
        """The ARN of the certificate in the state before the plan; None if it has none."""
        return _certificate(self.document.get("prior_state", {}))

    def apply(self) -> None:
        """Apply the plan, if it has changes; after Ctrl-C Terraform finishes what it has started.

        Raises TerraformError, also if the state has changed since the plan.
        """
        if not self.changes:
            return
        with deferred_signals(self._stop):
            self.terraform.apply(self.file)

    def _stop(self) -> None:
        os.write(2, _STOPPING.format(product()).encode())
        self.commands.interrupt()


@dataclass(frozen=True, kw_only=True)
class RotationTerraform:
    """The synthesized stacks of an environment, with Terraform for each."""

    stacks: Path
    work: Path
    commands: Commands
    fetch: Fetch
    _ready: dict[str, Terraform] = field(default_factory=dict[str, Terraform], init=False)

    def certificate(self, stack: str) -> str | None:
        """Return the ARN of the certificate in a stack's state; None if it has none.

        Raises TerraformError, and PromotedError if the state has another owner now.
        """
        return _certificate(self._terraform(stack).show())

    def addresses(self, stack: str) -> frozenset[str]:
        """Return the addresses of a state's resources, tainted ones excluded.

        Raises what `certificate` raises.
        """
        state = self._terraform(stack).show()
        return frozenset(
            resource["address"] for resource in _resources(state) if not resource.get("tainted")
        )

    def plan(self, run: RotationStep) -> PlannedRun:
        """Plan a run.

        Raises TerraformError, PromotedError, and UnexpectedChangeError for changes that the run may
        not have.
        """
        terraform = self._terraform(run.stack)
        number = len([*terraform.folder.glob("*.tfplan")])
        file = terraform.folder / f"rotation-{number}.tfplan"
        terraform.plan(file, *run.options)
        document = terraform.show(file)
        planned = PlannedRun(
            run=run,
            changes=changes_in(document),
            document=document,
            terraform=terraform,
            file=file,
            commands=self.commands,
        )
        _refuse_unexpected(planned)
        return planned

    def _terraform(self, stack: str) -> Terraform:
        """Return Terraform in the stack's folder, initialized."""
        if stack not in self._ready:
            refuse_foreign(stack, StackDocument.read(self.stacks / stack), self.fetch)
            refuse_promoted(self.stacks, stack, self.fetch)
            folder = self.work / stack
            copy_stack(self.stacks / stack, folder)
            terraform = Terraform(folder, self.commands, _TIMEOUT)
            terraform.init(backend=True)
            self._ready[stack] = terraform
        return self._ready[stack]


@contextmanager
def workbench(settings: Settings, provider: Provider) -> Generator[RotationTerraform]:
    """Synthesize an environment and yield Terraform for it; no deploy runs at the same time.

    Raises DeployFolderError if a deploy runs on this machine or left a state that it could not
    write; ProviderMismatchError if provider and account do not match; EngineError, SandboxError.
    """
    refuse_provider_mismatch(provider)
    is_real = provider is Provider.AWS
    fetch = s3_fetch() if is_real else sandbox_fetch(sandbox_folder(settings.environment))
    with deploy_folder(settings.environment) as folder, ExitStack() as stack:
        own = stack.enter_context(_cleared(folder / "rotate"))
        RUNTIME.get().synthesize([settings], own / "out")
        stacks = own / "out" / "stacks"
        variables = stack.enter_context(terraform_variables(provider, settings, stacks))
        commands = stack.enter_context(closing(Engine.chosen(os.environ).commands(variables)))
        yield RotationTerraform(stacks=stacks, work=own / "work", commands=commands, fetch=fetch)


@contextmanager
def _cleared(folder: Path) -> Generator[Path]:
    """Yield an empty folder; it is deleted, as plans have secrets, unless a state is left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    try:
        yield folder
    finally:
        if not any(folder.rglob(UNWRITTEN_STATE)):
            shutil.rmtree(folder, ignore_errors=True)


def _certificate(state: Mapping[str, Any]) -> str | None:
    arns = (each["values"]["arn"] for each in _resources(state) if each["address"] == CERTIFICATE)
    return next(arns, None)


def _resources(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    return state.get("values", {}).get("root_module", {}).get("resources", [])


def _refuse_unexpected(planned: PlannedRun) -> None:
    """Raise UnexpectedChangeError for changes that are not part of a rotation."""
    run = planned.run
    unexpected = [change for change in planned.changes if change.address not in run.may_change]
    if unexpected:
        changes = ", ".join(f"{change.action.value} {change.address}" for change in unexpected)
        raise UnexpectedChangeError(
            f"{run.stack}: {product()} would also {changes}, not part of a rotation; deploy"
            " the environment first (iot-dr plan shows it), then rotate"
        )
