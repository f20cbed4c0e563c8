"""The sandbox of an environment: every stack applied on this machine, and kept."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from environments.loader import find
from environments.settings import Settings
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.session import RunLimits, Session, standin_session
from iot_dr.delivery.stack_plan import StackPlan, StackPlanner
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.exclusive_run import exclusive_run, keep_all_out
from iot_dr.terraform.schedule import Done, Outcome
from stacks.platform_graph import platform_graph


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

    The states stay in the folder; Terraform's output goes to `log`. Raises what a plan with the
    stand-in raises, and SandboxError if another run is using the sandbox.
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


def sandbox_folder(environment: str) -> Path:
    """Return the folder of an environment's sandbox, below the working directory.

    Raises SettingsError if there is no such environment, so that removing the folder can never
    reach another one.
    """
    find(environment)
    return Path(".sandbox", environment)


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
