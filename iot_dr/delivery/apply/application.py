"""Applies kept plans, and nothing else."""

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.apply.plan_folder import (
    PLAN_AGAIN,
    ChangedPlanError,
    PlanFolder,
    require_plan_of_this_code,
)
from iot_dr.delivery.deploy.folder import deploy_folder
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.rollout.leases import Leases, NothingChangedError
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.session import RunLimits, Session, aws_session, standin_session
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.delivery.state.lock import LockedError
from iot_dr.delivery.state.objects import Objects
from iot_dr.delivery.state.open_objects import open_objects
from iot_dr.generate.waves import in_waves, only_wave, subgraph
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.plugins import plugin_cache
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.schedule import Outcome, StackBlockedError, StackScheduler
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.terraform import Terraform, lock_timeout
from iot_dr.terraform_json.change import changes_in, output_changes_in
from iot_dr.terraform_json.files import STACK_FILE
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.plan_manifest import PlannedStack, sha256
from iot_dr.terraform_json.provider_choice import Provider
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.state_location import state_location

# Terraform's own words for a state that has changed since the plan, and for another state.
_STALE: Final = {"Saved plan is stale", "Saved plan does not match the given state"}


class LockedStateError(LockedError, NothingChangedError):
    """The state is locked; nothing was applied."""


class StalePlanError(NothingChangedError):
    """The state has changed since the plan was made; nothing was applied."""


def _silent(_warning: str) -> None:
    """Ignore a warning."""


@dataclass(frozen=True, kw_only=True)
class PlanApplication:
    """Plans, their environment, and the wave to apply (None for all).

    Each plan waits for the lock of its state, for at most `lock_wait`. `warn` gets what an operator
    should know before a region that serves is changed.
    """

    settings: Settings
    provider: Provider
    plans: PlanFolder
    wave: int | None
    limits: RunLimits
    lock_wait: timedelta
    warn: Callable[[str], None] = _silent

    @property
    def stacks(self) -> tuple[PlannedStack, ...]:
        """The stacks to apply; raises UserError if the plans must not be applied here."""
        self.plans.refuse_other_target(self.settings.environment, self.provider)
        graph = platform_graph(self.settings)
        if self.wave is not None:
            # An unknown wave is reported before the wave of the plans is compared.
            only_wave(graph, self.wave)
        known = {node.name for node in graph.nodes}
        stacks = self.plans.chosen(self.wave, known)
        for stack in stacks:
            if stack.status == "planned":
                self.plans.plan(stack)
        return stacks

    @contextmanager
    def applied(
        self, listeners: PlanListeners
    ) -> Generator[tuple[Session, list[Outcome[StackPlan]]]]:
        """Apply the plans; yield the session, whose folder lasts for the block, and the outcomes.

        Raises UserError before anything is applied, for problems that the user can fix.
        """
        stacks = {stack.name: stack for stack in self.stacks}
        with deploy_folder(self.settings.environment) as folder, self._session(folder) as session:
            objects = self._objects()
            for warning in lagging_standbys(self.settings, stacks, objects, session.document):
                self.warn(warning)
            leases = Leases(self.settings, objects)
            run = _Run(session, self.plans, stacks, listeners, leases, self.lock_wait)
            schedule = StackScheduler(
                graph=subgraph(in_waves(platform_graph(self.settings)), stacks),
                work=run.apply,
                jobs=self.limits.jobs,
                interrupt=session.pool.interrupt,
                on_outcome=listeners.on_outcome,
            )
            yield session, schedule.run()

    def _objects(self) -> Objects:
        sandbox = sandbox_folder(self.settings.environment)
        return open_objects(self.settings, self.provider, sandbox)

    def _session(self, folder: Path) -> AbstractContextManager[Session]:
        """Synthesize the stacks into a folder of deploys, and return a session over them."""
        # A state that Terraform cannot write is left here: `deploy_folder` refuses the next.
        apply = folder / "apply"
        shutil.rmtree(apply, ignore_errors=True)
        RUNTIME.get().synthesize([self.settings], apply / "out")
        stacks, work = apply / "out" / "stacks", apply / "work"
        if self.provider is Provider.STANDIN:
            sandbox = sandbox_folder(self.settings.environment)
            return standin_session(self.settings, stacks, sandbox, work, self.limits)
        refuse_sandbox(os.environ)
        return aws_session(stacks, work, plugin_cache(), self.limits)


@dataclass(frozen=True)
class _Run:
    """One run over the stacks: after the first failure no other stack is started."""

    session: Session
    plans: PlanFolder
    stacks: Mapping[str, PlannedStack]
    listeners: PlanListeners
    leases: Leases
    lock_wait: timedelta
    _failed: list[str] = field(default_factory=list[str])
    # Outputs that this run has changed, by stack and name.
    _handed_over: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def apply(self, node: StackNode) -> StackPlan:
        """Apply one stack's plan.

        Raises StackBlockedError if another stack failed, or an upstream stack is not applied as
        this plan assumes.
        """
        stack = self.stacks[node.name]
        if blockers := tuple(self._failed or stack.waits_for or self._changed_upstream(node)):
            raise StackBlockedError(blockers)
        try:
            return self._apply(node, stack)
        except Exception:
            self._failed.append(node.name)
            raise

    def _changed_upstream(self, node: StackNode) -> Iterator[str]:
        """Yield the stacks whose outputs have changed since this plan has read them."""
        read = {(Path(key).stem, name) for key, name in self._hand_overs(node)}
        yield from sorted({stack for stack, _ in read & self._handed_over})

    def _hand_overs(self, node: StackNode) -> list[tuple[str, str]]:
        return self.session.document(node.name).hand_overs

    def _apply(self, node: StackNode, stack: PlannedStack) -> StackPlan:
        start = time.monotonic()
        content = self.plans.plan(stack)
        self.listeners.on_phase(node, "init")
        with self.session.initialized(node.name) as terraform:
            require_plan_of_this_code(content, (terraform.folder / STACK_FILE).read_bytes())
            file = terraform.folder / f"{node.name}.tfplan"
            with _for_the_owner_alone(file, content):
                document = _verified_json(terraform, file, stack)
                self.listeners.on_phase(node, "apply")
                with self.leases.hold(node, is_changed=bool(changes_in(document))):
                    self._apply_file(node, terraform, file)
        outputs = output_changes_in(document)
        self._handed_over.update(
            (node.name, each.address.removeprefix("output.")) for each in outputs
        )
        return StackPlan(
            node=node,
            changes=changes_in(document),
            outputs=outputs,
            document=document,
            file=file,
            seconds=time.monotonic() - start,
        )

    def _apply_file(self, node: StackNode, terraform: Terraform, file: Path) -> None:
        if lock := self.session.lock(node.name):
            self.listeners.on_phase(node, lock)
        try:
            terraform.apply(file, lock_timeout(self.lock_wait))
        except TerraformError as error:
            if error.is_locked:
                raise LockedStateError(
                    self.session.lock(node.name), "nothing is applied: "
                ) from error
            if _STALE.isdisjoint({each.summary for each in error.diagnostics}):
                raise
            message = "nothing is applied, its state has moved on since this plan was made"
            raise StalePlanError(f"{message}; {PLAN_AGAIN}") from error


def _verified_json(terraform: Terraform, file: Path, stack: PlannedStack) -> dict[str, Any]:
    """Return what a plan file holds; raises ChangedPlanError unless that was reviewed."""
    document = terraform.show(file)
    if sha256(json.dumps(document).encode()) != stack.json_sha256:
        raise ChangedPlanError("its plan file does not hold what its JSON shows")
    return document


@contextmanager
def _for_the_owner_alone(file: Path, content: bytes) -> Generator[None]:
    """Write a plan to a file that only its owner can read, for a `with` block.

    Plans contain sensitive values in clear.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    try:
        yield
    finally:
        file.unlink()


def lagging_standbys(
    settings: Settings,
    names: Collection[str],
    objects: Objects,
    document: Callable[[str], StackDocument],
) -> Iterator[str]:
    """Yield a warning for each standby that is behind, if a primary is about to be changed.

    A standby is behind if it was never applied or lacks resources of this code; attributes are not
    compared. `names` are the stacks about to be applied, `document` returns a stack's synthesized
    JSON. A state that cannot be read is skipped: its region may be lost, or the operator may not be
    allowed to read it.
    """
    rollout = RolloutWaves(platform_graph(settings))
    nodes = rollout.graph.nodes
    primaries = [node.name for node in nodes if node.name in names and node.role == "primary"]
    for node in nodes if primaries else ():
        if node.role != "standby" or node.name in names:
            continue
        with suppress(UserError):
            if behind := _behind(settings, node, objects, document):
                yield (
                    f"{node.name} ({node.region}, standby) {behind}, and {listing(primaries)} is"
                    f" changed before it: wave {rollout.numbers[node.name]} goes first"
                )


def _behind(
    settings: Settings,
    node: StackNode,
    objects: Objects,
    document: Callable[[str], StackDocument],
) -> str:
    stored = objects.find(state_location(settings, node))
    if stored is None:
        return "has never been applied"
    state = StateFile.or_empty(stored.content)
    applied = {each.address for each in state.managed if each.instances}
    resources: dict[str, Any] = document(node.name).content.get("resource", {})
    wanted = [f"{kind}.{name}" for kind, named in resources.items() for name in named]
    lacking = [address for address in wanted if address not in applied]
    return f"lacks {listing(lacking)}" if lacking else ""
