"""An environment's stacks validated, planned and applied with one provider.

With the official one they are also planned again and destroyed.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.cli.outcomes import StackProgress, failures
from iot_dr.delivery.session import RunLimits, Session, aws_session, standin_session
from iot_dr.delivery.stack_plan import StackPlanner
from iot_dr.terraform.schedule import Done
from stacks.platform_graph import platform_graph
from tests.conformance.cloud import made_up_cloud
from tests.conformance.later import LaterChange, destroy, plan_again
from tests.conformance.official import OfficialProvider
from tests.conformance.relaxing import relax

LIMITS: Final = RunLimits(jobs=2, timeout=300)


@dataclass(frozen=True, slots=True)
class Trial:
    """The results of a provider: plans by name, failures, and arguments that were removed.

    `later` are the changes of the official provider's plans after the apply.
    """

    plans: dict[str, dict[str, Any]]
    failures: list[str]
    removed: set[str] = field(default_factory=set[str])
    later: set[LaterChange] = field(default_factory=set[LaterChange])


def official_trial(
    settings: Settings,
    stacks: Path,
    folder: Path,
    provider: OfficialProvider,
    schema: dict[str, Any],
) -> Trial:
    """Run the stacks with an official provider, against moto, from an adapted copy."""
    folder.mkdir(parents=True)
    relaxed = folder / "relaxed"
    shutil.copytree(stacks, relaxed)
    removed = relax(relaxed, provider.version, schema)
    with (
        made_up_cloud(settings, folder, provider),
        aws_session(relaxed, folder / "work", folder / "plugins", LIMITS) as session,
    ):
        trial, planner, progress = _through(settings, session)
        if trial.failures:
            return replace(trial, removed=removed)
        with progress.shown():
            later, again = plan_again(planner)
            failed = [*again, *destroy(planner, progress)]
        return replace(trial, failures=failed, removed=removed, later=later)


def standin_trial(settings: Settings, stacks: Path, folder: Path) -> Trial:
    """Run the stacks with the stand-in."""
    folder.mkdir(parents=True)
    with standin_session(settings, stacks, folder / "sandbox", folder / "work", LIMITS) as session:
        return _through(settings, session)[0]


def _through(settings: Settings, session: Session) -> tuple[Trial, StackPlanner, StackProgress]:
    graph = platform_graph(settings)
    invalid = [
        message
        for node in graph.nodes
        for message in _errors(replace(session, work=session.work / "validate"), node.name)
    ]
    progress = StackProgress(graph.nodes)
    walk = StackPlanner(
        session=session,
        graph=graph,
        jobs=LIMITS.jobs,
        on_phase=progress.phase,
        on_outcome=progress.outcome,
    )
    with progress.shown():
        outcomes = walk.plan(apply=True)
    plans = {
        outcome.node.name: outcome.result.document
        for outcome in outcomes
        if isinstance(outcome, Done)
    }
    failed = [*invalid, *failures(session, outcomes)]
    # The report comes after the last environment, half an hour later.
    sys.stderr.writelines(f"{message}\n" for message in failed)
    return Trial(plans, failed), walk, progress


def _errors(session: Session, stack: str) -> Iterator[str]:
    with session.initialized(stack, backend=False) as terraform:
        for diagnostic in terraform.validate():
            if diagnostic.severity == "error":
                yield f"{stack}\n{diagnostic}"
    sys.stderr.write(f"{stack}: validated\n")
