"""The sandbox of an environment: every stack applied on this machine, and kept."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from environments.loader import find
from environments.project import project_root
from environments.settings import Settings
from iot_dr.common.signals import KILLED_BY, deferred_signals
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.deploy.cdktf import cdktf_variables
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.session import RunLimits, Session, standin_session
from iot_dr.delivery.stack_plan import StackPlan, StackPlanner
from iot_dr.generate.synthesis import synthesize_over
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.exclusive_run import exclusive_run, keep_all_out
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform.variables import standin_variables
from stacks.platform_graph import platform_graph


class CommandMissingError(UsageError):
    """The command to run is not on the path."""


@dataclass(frozen=True, kw_only=True)
class SandboxOutcomes:
    """The outcomes in a sandbox: the applies, and plans after them (none if an apply failed)."""

    session: Session
    first: list[Outcome[StackPlan]]
    second: list[Outcome[StackPlan]]


@contextmanager
def apply_in_sandbox(
    settings: Settings, folder: Path, limits: RunLimits, listeners: PlanListeners, log: RunLog
) -> Generator[SandboxOutcomes]:
    """Apply every stack in the sandbox `folder`, then plan every stack again.

    The states stay in the folder; Terraform's output goes to `log`. Raises SandboxError if
    another run is using the sandbox, and what `standin_session` raises.
    """
    with exclusive_run(folder), tempfile.TemporaryDirectory(prefix="iot-dr-sandbox-") as name:
        scratch = Path(name)
        stacks = scratch / "out" / "stacks"
        synthesis = partial(RUNTIME.get().synthesize, [settings], scratch / "out")
        with standin_session(
            settings, stacks, folder, scratch / "first", limits, synthesis
        ) as quiet:
            session = replace(quiet, on_output=log.note)
            planner = StackPlanner(
                session=session,
                graph=platform_graph(settings),
                jobs=limits.jobs,
                on_phase=listeners.on_phase,
                on_outcome=listeners.on_outcome,
            )
            first = planner.plan(apply=True)
            again = replace(planner, session=replace(session, work=scratch / "second"))
            done = all(isinstance(outcome, Done) for outcome in first)
            second = again.plan(apply=False) if done else []
            yield SandboxOutcomes(session=session, first=first, second=second)


def run_in_sandbox(settings: Settings, folder: Path, command: Sequence[str]) -> int:
    """Run a command with the sandbox and the stand-in instead of AWS; return its status.

    It synthesizes into `cdktf.out` next to `.sandbox` first. Signals are left to the command:
    those of a terminal reach it too. Raises what `standin_variables` raises, and
    CommandMissingError if there is no such program.
    """
    out = folder.parents[1] / "cdktf.out"
    synthesis = partial(synthesize_over, [settings], out)
    with (
        standin_variables(settings, out / "stacks", folder, synthesis) as variables,
        launcher(Engine.chosen(os.environ)) as instance,
        deferred_signals(lambda: None),
    ):
        own = terraform_environment({**variables, **cdktf_variables(instance)})
        folders = (project_root() / "node_modules" / ".bin", instance.program.parent, own["PATH"])
        # Terraform takes an empty variable as unset; aws fails with an empty AWS_PROFILE.
        own = {name: value for name, value in own.items() if value or not name.startswith("AWS_")}
        own |= {"ENV": settings.environment, "PATH": os.pathsep.join(map(str, folders))}
        program = shutil.which(command[0], path=own["PATH"])
        if program is None:
            remedy = "; run `make cdktf-cli`" if command[0] == "cdktf" else ""
            raise CommandMissingError(f"{command[0]}: no such program on the path{remedy}")
        status = subprocess.run([program, *command[1:]], env=own, check=False).returncode  # noqa: S603 - the user's command
    return status if status >= 0 else KILLED_BY - status


def sandbox_folder(environment: str) -> Path:
    """Return the folder of an environment's sandbox, from the working directory.

    It is in the project that the working directory is in, or else in the working directory.

    Raises SettingsError if there is no such environment, so that removing the folder can never
    reach another one.
    """
    find(environment)
    root, here = project_root().resolve(), Path.cwd()
    return Path(
        os.path.relpath(root if here.is_relative_to(root) else here), ".sandbox", environment
    )


def remove(folder: Path) -> bool:
    """Remove a sandbox, and its parent folder if that becomes empty; return whether it existed.

    Raises SandboxError if a run is using the sandbox.
    """
    if not folder.is_dir():
        return False
    with keep_all_out(folder):
        shutil.rmtree(folder)
    with suppress(OSError):
        folder.parent.rmdir()
    return True
