"""Terraform on the stacks of some settings, in a sandbox, for tests."""

import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.settings import Settings
from iot_dr.delivery.base import apply_base
from iot_dr.delivery.session import RunLimits, Session, standin_session
from iot_dr.delivery.stack_plan import StackPlan, StackPlanner
from iot_dr.generate.waves import subgraph
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.change import PlannedAction
from stacks.graph import StackGraph
from stacks.platform_graph import platform_graph
from tests.support.made_once import copied
from tests.support.relay import Relay, lose_bucket
from tests.support.settings import settings
from tests.support.synthesized_once import SynthesizedOnce
from tests.support.template import Template

Outcomes = dict[str, Outcome[StackPlan]]


@dataclass(frozen=True)
class SandboxRun:
    """Terraform on the stacks of some settings, in a sandbox."""

    settings: Settings
    session: Session
    sandbox: Path

    def plan(self, *what: str, apply: bool = False) -> Outcomes:
        """Plan the stacks whose names end in one of `what`, or all stacks."""
        outcomes = StackPlanner(
            session=self.session,
            graph=self._graph(what),
            jobs=2,
            on_phase=lambda _node, _phase: None,
            on_outcome=lambda _outcome: None,
        ).plan(apply=apply)
        return {outcome.node.name: outcome for outcome in outcomes}

    def apply(self, *what: str) -> None:
        """Apply the same stacks by one command each, without keeping plans."""
        for outcome in apply_base(self.session, self._graph(what), jobs=2):
            assert isinstance(outcome, Done), getattr(outcome, "error", outcome)

    def _graph(self, what: tuple[str, ...]) -> StackGraph:
        graph = platform_graph(self.settings)
        return subgraph(
            graph, [each.name for each in graph.nodes if each.name.endswith(what or ("",))]
        )

    def opened(self, what: str) -> Path:
        """Return a working folder of the stack `iot-dev-WHAT` that is connected to its backend."""
        with self.session.initialized(f"iot-dev-{what}") as terraform:
            return terraform.folder

    def terraform(self, folder: Path, *arguments: str) -> str:
        """Run a Terraform command in a folder from `opened`, and return its output."""
        with self.session.pool.lent() as commands:
            ran = commands.run(arguments, folder, 100)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def typed(self, folder: Path, line: str, *more: str) -> str:
        """Run a line `terraform ...` as a user would type it in a folder, with more options."""
        program, *arguments = shlex.split(line)
        assert program == "terraform", line
        return self.terraform(folder, *arguments, *more)

    def copy_from_home(self) -> None:
        """Update the replicas of the global stacks' states, as S3 would."""
        state = self.session.stacks / "iot-dev-state" / "cdk.tf.json"
        Relay(Template.read(state)).run(self.sandbox)

    def lose_home(self) -> None:
        """Delete home's bucket with its contents."""
        lose_bucket(self.sandbox, self.settings.state_bucket(self.settings.home_region))


@contextmanager
def sandbox_run(sandbox: Path, scratch: Path, **changes: object) -> Generator[SandboxRun]:
    """Synthesize an environment and open a session on a sandbox."""
    chosen = settings(**changes)
    out = scratch / f"out-{len(list(scratch.iterdir()))}"
    SynthesizedOnce().synthesize([chosen], out)
    limits, work = RunLimits(jobs=2, timeout=100), out.with_name(f"work-{out.name}")
    with standin_session(chosen, out / "stacks", sandbox, work, limits) as session:
        yield SandboxRun(chosen, session, sandbox)


def apply_once(sandbox: Path, **changed: object) -> None:
    """Fill a sandbox with the states of an applied environment.

    Terraform does it once in a test run for the same settings.
    """

    def apply(folder: Path) -> None:
        with TemporaryDirectory() as scratch, sandbox_run(folder, Path(scratch), **changed) as run:
            run.apply()

    copied(f"applied {settings(**changed).model_dump_json()}", apply, sandbox)


def changes(outcome: Outcome[StackPlan]) -> tuple[PlannedAction, ...]:
    """Return the changes of a plan, which must exist."""
    assert isinstance(outcome, Done), getattr(outcome, "error", outcome)
    return outcome.result.changes
