"""Plans an environment in a temporary folder."""

import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from environments.settings import Settings
from iot_dr.delivery.base import BaseCommit, BaseCommitError, apply_base, commit_of, synthesize_base
from iot_dr.delivery.plan_folder_writer import PlanProvenance, write_plans
from iot_dr.delivery.rollout.leases import Leases
from iot_dr.delivery.session import RunLimits, Session, aws_session, standin_session
from iot_dr.delivery.stack_plan import OnPhase, StackPlan, StackPlanner
from iot_dr.delivery.state.objects import SandboxObjects
from iot_dr.delivery.state.open_objects import open_objects
from iot_dr.generate.waves import only_wave
from iot_dr.terraform.plugins import plugin_cache
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.sandbox import create_buckets
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.provider_choice import Provider
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import handover_location, state_location

_SANDBOX = "sandbox"


@dataclass(frozen=True, kw_only=True)
class WaveRequest:
    """The number of a wave to plan on the deployed states, and the folder of the sandbox's states.

    Each plan waits for the lock of its state, for at most `lock_wait`.
    """

    number: int
    sandbox: Path
    lock_wait: timedelta


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What to plan, with which provider, and what to keep of it.

    `base` is a commit to compare with; `keep` is a folder for the plan files. With a `wave` nothing
    else is planned and nothing applied, so that its plans can be applied later. `synthesized` is a
    folder with the stacks, if they need not be synthesized; on AWS only.
    """

    settings: Settings
    provider: Provider
    limits: RunLimits
    base: str | None
    keep: Path | None
    wave: WaveRequest | None = None
    synthesized: Path | None = None

    @property
    def wave_number(self) -> int | None:
        """The number of the wave, if only a wave is planned."""
        return self.wave.number if self.wave else None

    @property
    def is_temporary(self) -> bool:
        """Whether the states are those of a throwaway sandbox."""
        return self.provider is Provider.STANDIN and self.wave is None

    @property
    def graph(self) -> StackGraph:
        """The stacks to plan, the global ones first in a throwaway sandbox: its home answers."""
        settings = self.settings
        if self.is_temporary:
            settings = settings.model_copy(update={"handover_region": None})
        graph = platform_graph(settings)
        return only_wave(graph, self.wave.number) if self.wave else graph


@dataclass(frozen=True, kw_only=True)
class PlanListeners:
    """Callbacks for the progress of a plan."""

    on_phase: OnPhase
    on_outcome: Callable[[Outcome[StackPlan]], None]


class PlannedStacks(NamedTuple):
    """The session and the outcomes of a plan; `dropped` are stacks that only the base has."""

    session: Session
    outcomes: list[Outcome[StackPlan]]
    dropped: tuple[StackNode, ...]


@contextmanager
def planned(request: PlanRequest, listeners: PlanListeners) -> Generator[PlannedStacks]:
    """Synthesize and plan the stacks.

    Temporary files last for the `with` block. Raises BaseCommitError if the base is not allowed or
    cannot be built, and what `synthesize_base` raises; ProviderMismatchError if provider and
    backend do not go together, SandboxError or EngineError if what a run needs does not start, and
    PlansNotWrittenError if the plans cannot be kept.
    """
    _refuse(request)
    with tempfile.TemporaryDirectory(prefix="iot-dr-plan-") as name:
        folder = Path(name)
        with _session(request, folder) as session:
            base = None
            if request.base is not None:
                base = _apply_base(request, session, folder, request.base)
            planner = StackPlanner(
                session=session,
                graph=request.graph,
                jobs=request.limits.jobs,
                on_phase=listeners.on_phase,
                on_outcome=listeners.on_outcome,
                lock_wait=request.wave.lock_wait if request.wave else None,
                is_temporary=request.is_temporary,
                on_applied=partial(_replicate, request.settings, SandboxObjects(folder / _SANDBOX)),
            )
            outcomes = planner.plan(apply=request.is_temporary)
            if request.keep:
                write_plans(request.keep, provenance(request, base), outcomes)
            yield PlannedStacks(session, outcomes, base.dropped(request.settings) if base else ())


def _replicate(settings: Settings, objects: SandboxObjects, node: StackNode) -> None:
    """Copy a global stack's state to where `handover_region` reads it, as S3 does on AWS."""
    original, copy = state_location(settings, node), handover_location(settings, node)
    if copy != original and (content := objects.read(original)) is not None:
        objects.write(copy, content)


def _refuse(request: PlanRequest) -> None:
    """Raise BaseCommitError for an invalid request, before seconds go into a synthesis."""
    if request.base is None:
        return
    if request.wave is not None:
        message = "--base is not for --wave: a wave is planned on the deployed state"
        raise BaseCommitError(message)
    if request.provider is not Provider.STANDIN:
        message = "--base is for the stand-in: the real provider has the applied state as its base"
        raise BaseCommitError(message)
    commit_of(request.base)


def provenance(request: PlanRequest, base: BaseCommit | None) -> PlanProvenance:
    """Return the provenance of plans; in a throwaway sandbox no apply can have failed."""
    made = PlanProvenance(request.settings, request.provider, request.wave_number, base)
    if request.is_temporary:
        return made
    sandbox = request.wave.sandbox if request.wave else Path()  # none on AWS
    objects = open_objects(request.settings, request.provider, sandbox)
    leases = Leases(request.settings, objects)
    nodes = request.graph.nodes
    return replace(
        made,
        partially_applied=tuple(node.name for node in nodes if leases.is_partially_applied(node)),
        blocked_by={
            node.name: first.name for node in nodes if (first := leases.blocking_stack(node))
        },
    )


def _session(request: PlanRequest, folder: Path) -> AbstractContextManager[Session]:
    out, work = request.synthesized or folder / "out", folder / "work"
    stacks, synthesis = out / "stacks", partial(RUNTIME.get().synthesize, [request.settings], out)
    if request.provider is Provider.STANDIN:
        sandbox, scope = (
            (request.wave.sandbox, None) if request.wave else (folder / _SANDBOX, folder)
        )
        return standin_session(
            request.settings, stacks, sandbox, work, request.limits, synthesis, scope
        )
    refuse_sandbox(os.environ)
    if request.synthesized is None:
        synthesis()
    return aws_session(stacks, work, plugin_cache(), request.limits)


def _apply_base(request: PlanRequest, session: Session, scratch: Path, ref: str) -> BaseCommit:
    """Apply the stacks of the base commit in the sandbox and return the base.

    Raises BaseCommitError if a stack does not apply, and what `synthesize_base` raises.
    """
    folder, sandbox = scratch / "base", scratch / _SANDBOX
    former = synthesize_base(ref, request.settings.environment, folder)
    base = replace(session, stacks=folder / "out" / "stacks", work=folder / "work")
    backends = [base.document(node.name).backend[1] for node in former.graph.nodes]
    create_buckets(sandbox, {each["region"]: each["bucket"] for each in backends})
    for outcome in apply_base(base, former.graph, request.limits.jobs):
        if not isinstance(outcome, Done):
            detail = getattr(outcome, "error", "waits for another stack")
            message = f"--base {ref}: {outcome.node.name} does not apply there: {detail}"
            raise BaseCommitError(message)
    return former
