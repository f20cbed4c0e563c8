"""The plan of an environment, made in a folder that is thrown away."""

import json
import os
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from environments.settings import Settings
from iot_dr.base import BaseError, synthesize_base
from iot_dr.synthesis import synthesize
from iot_dr.terraform.mixture import refuse_sandbox
from iot_dr.terraform.plugins import plugin_cache
from iot_dr.terraform.provider_choice import Provider
from iot_dr.terraform.sandbox.sandbox import create_buckets
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform.session import Limits, Session, aws_session, standin_session
from iot_dr.terraform.stack_plan import OnPhase, StackPlan, Walk
from stacks.platform_graph import platform_graph

_SANDBOX = "sandbox"


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What to plan, with which provider, and what to keep of it.

    `base` names a commit to show the changes since; `keep` is a folder for the plan files.
    """

    settings: Settings
    provider: Provider
    limits: Limits
    base: str | None
    keep: Path | None


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """Who is told how a plan goes on."""

    on_phase: OnPhase
    on_outcome: Callable[[Outcome[StackPlan]], None]


@contextmanager
def planned(
    request: PlanRequest, listeners: Listeners
) -> Generator[tuple[Session, list[Outcome[StackPlan]]]]:
    """Synthesize and plan every stack; all that was made for it stands for a `with` block.

    Raises BaseError when the base cannot be had, MixtureError when provider and backend do not go
    together, SandboxError or EngineError when what a run needs does not start.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-plan-") as name:
        folder = Path(name)
        synthesize([request.settings], folder / "out")
        with _session(request, folder) as session:
            if request.base is not None:
                _apply_base(request, session, folder, request.base)
            walk = Walk(
                session=session,
                graph=platform_graph(request.settings),
                jobs=request.limits.jobs,
                on_phase=listeners.on_phase,
                on_outcome=listeners.on_outcome,
            )
            outcomes = walk.plan(apply=request.provider is Provider.STANDIN)
            _keep(request, outcomes)
            yield session, outcomes


def _session(request: PlanRequest, folder: Path) -> AbstractContextManager[Session]:
    stacks, work = folder / "out" / "stacks", folder / "work"
    if request.provider is Provider.STANDIN:
        return standin_session(request.settings, stacks, folder / _SANDBOX, work, request.limits)
    if request.base is not None:
        message = "--base is for the stand-in: the real provider has the applied state as its base"
        raise BaseError(message)
    refuse_sandbox(os.environ)
    return aws_session(stacks, work, plugin_cache(), request.limits)


def _apply_base(request: PlanRequest, session: Session, scratch: Path, ref: str) -> None:
    """Bring the sandbox to where the commit would have brought it."""
    folder, sandbox = scratch / "base", scratch / _SANDBOX
    graph = synthesize_base(ref, request.settings.environment, folder)
    base = replace(session, stacks=folder / "out" / "stacks", work=folder / "work")
    backends = [base.document(node.name).backend[1] for node in graph.nodes]
    create_buckets(sandbox, {each["region"]: each["bucket"] for each in backends})
    walk = Walk(
        session=base,
        graph=graph,
        jobs=request.limits.jobs,
        on_phase=lambda _node, _phase: None,
        on_outcome=lambda _outcome: None,
    )
    for outcome in walk.plan(apply=True):
        if not isinstance(outcome, Done):
            detail = getattr(outcome, "error", "waits for another stack")
            message = f"--base {ref}: {outcome.node.name} does not apply there: {detail}"
            raise BaseError(message)


def _keep(request: PlanRequest, outcomes: Sequence[Outcome[StackPlan]]) -> None:
    if request.keep is None:
        return
    request.keep.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        if isinstance(outcome, Done):
            # Both hold sensitive values in clear: for the owner's eyes only.
            plan, name = outcome.result, outcome.node.name
            _write(request.keep / f"{name}.tfplan", plan.file.read_bytes())
            _write(request.keep / f"{name}.json", json.dumps(plan.document).encode())


def _write(path: Path, content: bytes) -> None:
    # Made anew with a name of its own, and so readable by nobody else whatever lay there before.
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).replace(path)
