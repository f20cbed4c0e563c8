"""Plans of an environment's stacks, each made after its upstream stacks."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from iot_dr.delivery.session import Session
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.lock_holder import StateLockInfo
from iot_dr.terraform.schedule import Outcome, StackBlockedError, StackScheduler
from iot_dr.terraform.terraform import Terraform, lock_timeout
from iot_dr.terraform_json.change import PlannedAction, changes_in, output_changes_in
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackGraph, StackNode

# Terraform's own words for a missing state, and for a missing output.
_NO_HAND_OVER = {"Unable to find remote state", "Unsupported attribute"}

# S3's code, which Terraform prints: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_NO_BUCKET = "NoSuchBucket"

Phase = Literal["init", "plan", "apply", "destroy", "plan again"] | StateLockInfo
"""What is being done to a stack; a StateLockInfo is the lock that it waits for."""

OnPhase = Callable[[StackNode, Phase], None]


@dataclass(frozen=True, kw_only=True)
class StackChanges:
    """Changes to one stack's resources and outputs, planned or applied."""

    node: StackNode
    changes: tuple[PlannedAction, ...]
    outputs: tuple[PlannedAction, ...]


@dataclass(frozen=True, kw_only=True)
class StackPlan(StackChanges):
    """A plan of one stack.

    `document` is the plan's JSON form, with sensitive values in clear; `seconds` includes an apply.
    `file` is gone once a kept plan has been applied.
    """

    document: dict[str, Any]
    file: Path
    seconds: float


@dataclass(frozen=True, kw_only=True)
class StackPlanner:
    """Plans the stacks of an environment in one session."""

    session: Session
    graph: StackGraph
    jobs: int
    on_phase: OnPhase
    on_outcome: Callable[[Outcome[StackPlan]], None]
    lock_wait: timedelta | None = None
    """How long a plan waits for the lock of its state; without it, a locked state is an error."""
    is_temporary: bool = False
    """Whether the states are temporary and unshared: not locked, and written only if read."""
    on_applied: Callable[[StackNode], None] = lambda _: None
    """Called after a stack is applied, before others read its state."""

    def plan(self, *, apply: bool) -> list[Outcome[StackPlan]]:
        """Plan every stack; `apply` applies each plan, so that the next stacks can read it.

        If `is_temporary`, only plans of stacks that others read are applied.
        """
        names = {node.name for node in self.graph.nodes}
        if self.is_temporary:
            names = {read for name in names for read in self._read_by(name).values()}
        return self._run(lambda node: self._plan(node, apply=apply and node.name in names))

    def _run(self, work: Callable[[StackNode], StackPlan]) -> list[Outcome[StackPlan]]:
        return StackScheduler(
            graph=self.graph,
            work=work,
            jobs=self.jobs,
            interrupt=self.session.pool.interrupt,
            on_outcome=self.on_outcome,
        ).run()

    @contextmanager
    def _initialized(self, node: StackNode) -> Generator[Terraform]:
        try:
            with self.session.initialized(node.name) as terraform:
                yield terraform
        except TerraformError as error:
            creator = self._creator_of_bucket(node) if _NO_BUCKET in str(error) else None
            if creator:
                raise StackBlockedError((creator,)) from error
            raise

    def _creator_of_bucket(self, node: StackNode) -> str | None:
        """Return the state's stack if it has still to create the bucket of another stack's state.

        A bucket that its state knows was lost, and the states in it with it.
        """
        creators = [each.name for each in self.graph.nodes if each.what == "state"]
        for stack in creators:
            document = self.session.document(stack)
            role = document.backend[1].get("assume_role", {}).get("role_arn")
            state = StateFile.or_empty(self.session.fetch(document.location, role))
            known = {text(each.get("bucket")) for _, each in state.of_type("aws_s3_bucket")}
            declared = document.content.get("resource", {}).get("aws_s3_bucket", {}).values()
            bucket = self.session.document(node.name).location.bucket
            if stack != node.name and bucket in {each["bucket"] for each in declared} - known:
                return stack
        return None

    def _plan_after_upstream(self, node: StackNode, terraform: Terraform, file: Path) -> None:
        options = [lock_timeout(self.lock_wait)] if self.lock_wait is not None else []
        try:
            terraform.plan(file, *options, *self._unlocked)
        except TerraformError as error:
            waits_for = self._not_applied(node, error)
            if waits_for:
                raise StackBlockedError(waits_for) from error
            raise

    def _not_applied(self, node: StackNode, error: TerraformError) -> tuple[str, ...]:
        """Return the upstream stacks whose state is missing, or lacks an output that is read."""
        causes = "\n".join(
            f"{diagnostic.address} {diagnostic.code}" for diagnostic in error.diagnostics
        )
        return tuple(
            stack
            for name, stack in self._read_by(node.name).items()
            if f"data.terraform_remote_state.{name}" in causes
            and any(diagnostic.summary in _NO_HAND_OVER for diagnostic in error.diagnostics)
        )

    @property
    def _unlocked(self) -> list[str]:
        # Locking takes three of a plan's seven requests.
        return ["-lock=false"] if self.is_temporary else []

    def _read_by(self, stack: str) -> dict[str, str]:
        """Return the stacks whose states a stack reads, keyed by data source."""
        reads = self.session.document(stack).reads
        return {name: Path(config["key"]).stem for name, config in reads.items()}

    def _plan(self, node: StackNode, *, apply: bool) -> StackPlan:
        start = time.monotonic()
        self.on_phase(node, "init")
        with self._initialized(node) as terraform:
            file = terraform.folder / f"{node.name}.tfplan"
            self.on_phase(node, "plan")
            if self.lock_wait is not None and (lock := self.session.lock(node.name)):
                self.on_phase(node, lock)
            self._plan_after_upstream(node, terraform, file)
            document = terraform.show(file)
            if apply:
                self.on_phase(node, "apply")
                terraform.apply(file, *self._unlocked)
                self.on_applied(node)
        return StackPlan(
            node=node,
            changes=changes_in(document),
            outputs=output_changes_in(document),
            document=document,
            file=file,
            seconds=time.monotonic() - start,
        )
