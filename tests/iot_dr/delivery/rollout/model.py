"""A small pure model of pipelines that roll an environment out, with the real leases of regions.

What is modelled is as AWS documents it: QUEUED mode lets one execution at a time into a stage and
none overtake another; a failed stage ends its execution and may be retried; a condition skips a
stage (docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html). Terraform
refuses a plan whose state has moved on, and locks a state; who dies leaves the lock. The leases,
the waves and their order are the project's own.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.pipeline.guard import NotPermittedHereError, refuse_inactive
from iot_dr.delivery.rollout.lease import lease_location
from iot_dr.delivery.rollout.leases import Leases, NothingChangedError
from iot_dr.delivery.state.objects import TaggedObject
from iot_dr.terraform.lock_holder import lock_location
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves, Wave
from stacks.state_location import StateLocation, state_location
from tests.support.state_files import state_file

_REGIONAL = "iot-dev-iot-"
Outcome = Literal[
    "done",
    "done, and an alarm goes off",
    "fails at once",
    "fails midway",
    "fails midway, its state as it was",
    "is killed midway",
]


@dataclass(frozen=True)
class Commit:
    """Settings, and the version of the code that each stack is made of."""

    settings: Settings
    versions: dict[str, int]

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        return RolloutWaves(platform_graph(self.settings)).waves

    @cached_property
    def stages(self) -> tuple[str, ...]:
        kinds = ("plan", "change", "verify")
        return ("guard", *(f"{kind} {wave.number}" for wave in self.waves for kind in kinds))


class Memory:
    """Objects in memory, each new until time passes."""

    def __init__(self) -> None:
        self.content: dict[StateLocation, bytes] = {}
        self._old: set[StateLocation] = set()

    def find(self, location: StateLocation) -> TaggedObject | None:
        content = self.read(location)
        age = timedelta(minutes=11 if location in self._old else 0)
        return None if content is None else TaggedObject(content, content.decode(), age)

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        current_object = self.find(location)
        if (current_object.tag if current_object else None) != tag:
            return None
        self.write(location, content)
        return content.decode()

    def read(self, location: StateLocation) -> bytes | None:
        return self.content.get(location)

    def write(self, location: StateLocation, content: bytes) -> None:
        self.content[location] = content
        self._old.discard(location)

    def delete(self, location: StateLocation) -> None:
        self.content.pop(location, None)

    def let_time_pass(self) -> None:
        """Let everything be older than anybody waits for a lock."""
        self._old = set(self.content)


@dataclass
class Stack:
    """What exists of a stack: the version, or half of it, and the serial of its state."""

    version: int = -1
    is_half: bool = False
    is_ill: bool = False
    serial: int = 0
    had: set[int] = field(default_factory=set[int])


@dataclass(frozen=True)
class Plan:
    """A plan of one stack, made on a serial of its state."""

    node: StackNode
    version: int
    serial: int
    has_changes: bool


@dataclass
class Execution:
    """One way of a commit through a pipeline; `at` is the stage it is in or has failed in."""

    commit: Commit
    region: str
    at: int = 0
    is_over: bool = False
    has_failed: bool = False
    plans: tuple[Plan, ...] = ()
    is_skipped: bool = False
    """Whether the wave that it is in is skipped, for a region that goes first."""
    has_skipped: bool = False
    approved: tuple[Plan, ...] = ()
    applied: set[str] = field(default_factory=set[str])
    applying: list[tuple[Plan, AbstractContextManager[None]]] = field(
        default_factory=list[tuple[Plan, AbstractContextManager[None]]]
    )

    @property
    def stage(self) -> str:
        stages = self.commit.stages
        return stages[self.at] if self.at < len(stages) else "end"

    @property
    def has_changes(self) -> bool:
        return not self.is_skipped and any(plan.has_changes for plan in self.plans)

    @property
    def wave(self) -> Wave:
        number = int(self.stage.split()[1])
        return next(wave for wave in self.commit.waves if wave.number == number)


@dataclass
class World:
    """An environment, its pipelines and what they have done."""

    commits: Sequence[Commit]
    objects: Memory = field(default_factory=Memory)
    stacks: dict[str, Stack] = field(default_factory=dict[str, Stack])
    executions: list[Execution] = field(default_factory=list[Execution])
    gates: type[Leases] = Leases
    changed_early: list[str] = field(default_factory=list[str])
    """Regions that were changed while they served, to what a standby has never had."""
    spread: list[str] = field(default_factory=list[str])
    """Regions that were changed to what makes another one ill."""
    dead: list[AbstractContextManager[None]] = field(
        default_factory=list[AbstractContextManager[None]]
    )
    """The leases of those who were killed, which nobody ends."""

    def stack(self, name: str) -> Stack:
        return self.stacks.setdefault(name, Stack())

    @property
    def serving(self) -> str | None:
        """The primary of the entry point that stands."""
        for location, content in self.objects.content.items():
            if location.key.endswith("entry-point.tfstate"):
                state_json: Any = json.loads(content)
                return state_json["outputs"]["primary_region"]["value"]
        return None

    def start(self, commit: int, region: str) -> None:
        self.executions.append(Execution(self.commits[commit], region))

    def may_advance(self, execution: Execution) -> bool:
        """Whether the next stage is free and no execution would be overtaken."""
        if execution.is_over or execution.has_failed or execution.applying:
            return False
        earlier = self.executions[: self.executions.index(execution)]
        return not any(
            other.region == execution.region
            and not other.is_over
            and not other.has_failed
            and other.at <= execution.at
            for other in earlier
        )

    def advance(self, execution: Execution, *, says_yes: bool) -> None:
        """Do what the stage does, up to the beginning of an apply."""
        kind, _, _ = execution.stage.partition(" ")
        is_skipped = kind == "change" and not execution.has_changes
        try:
            # Each build asks, and what is skipped has none.
            if not is_skipped:
                refuse_inactive(execution.commit.settings, execution.region)
        except NotPermittedHereError:
            execution.has_failed = True
            return
        if kind == "plan":
            self._plan(execution)
        elif kind == "change" and not is_skipped:
            execution.approved = execution.plans if says_yes else ()
            if says_yes:
                self._begin(execution)
                return
            execution.has_failed = True
        elif kind == "verify":
            execution.has_failed = not self._is_well(execution)
        if not execution.has_failed:
            self._next(execution)

    def end_apply(self, execution: Execution, outcome: Outcome) -> None:
        """End the apply of the stack that is being changed."""
        plan, lease = execution.applying.pop()
        stack = self.stack(plan.node.name)
        if outcome == "is killed midway":
            stack.is_half, execution.has_failed = True, True
            stack.serial += 1
            self.dead.append(lease)
            return
        self.objects.delete(self._lock(execution, plan.node))
        if outcome in {"done", "done, and an alarm goes off"}:
            lease.__exit__(None, None, None)
            stack.version, stack.is_half = plan.version, False
            stack.serial += 1
            stack.had.add(plan.version)
            stack.is_ill = outcome != "done" and plan.node.what == "iot"
            execution.applied.add(plan.node.name)
            if plan.node.what == "entry-point":
                self._serve(execution.commit.settings, plan.node)
            self._begin(execution)
            return
        if outcome.startswith("fails midway"):
            stack.is_half = True
            stack.serial += outcome == "fails midway"
        self._fail(execution, lease, RuntimeError() if stack.is_half else NothingChangedError())

    def _plan(self, execution: Execution) -> None:
        leases = self.gates(execution.commit.settings, self.objects)
        nodes = execution.wave.nodes
        is_after_regions = any(node.what == "entry-point" for node in nodes)
        if execution.has_skipped and is_after_regions:
            execution.has_failed = True
            return
        execution.plans = tuple(self._plans(execution, leases))
        execution.approved, execution.applied = (), set()
        has_work = any(plan.has_changes for plan in execution.plans)
        execution.is_skipped = has_work and any(leases.blocking_stack(node) for node in nodes)
        execution.has_skipped |= execution.is_skipped

    def _plans(self, execution: Execution, leases: Leases) -> Iterator[Plan]:
        for node in execution.wave.nodes:
            stack, version = self.stack(node.name), execution.commit.versions.get(node.name, 0)
            is_other = (
                stack.version != version or stack.is_half or leases.is_partially_applied(node)
            )
            if node.what == "entry-point":
                is_other |= self.serving != execution.commit.settings.primary_region
            yield Plan(node, version, stack.serial, is_other)

    def _is_well(self, execution: Execution) -> bool:
        """Whether plans without changes are still without, and no alarm of the wave is on.

        A wave that is skipped is asked nothing.
        """
        if execution.is_skipped:
            return True
        planned = [(plan, self.stack(plan.node.name)) for plan in execution.plans]
        if not execution.has_changes:
            places = (lease_location(execution.commit.settings, plan.node) for plan, _ in planned)
            if any(self.objects.find(place) for place in places):
                return False
            if any(plan.serial != stack.serial for plan, stack in planned):
                return False
        return not any(stack.is_ill for _, stack in planned)

    def _begin(self, execution: Execution) -> None:
        """Begin the apply of the next stack of the wave, or leave the stage."""
        for plan in execution.plans:
            if plan.node.name in execution.applied:
                continue
            leases = self.gates(execution.commit.settings, self.objects)
            lease = leases.hold(plan.node, is_changed=plan.has_changes)
            try:
                lease.__enter__()
            except UserError:
                execution.has_failed = True
                return
            lock = self._lock(execution, plan.node)
            if self.objects.find(lock) or plan.serial != self.stack(plan.node.name).serial:
                self._fail(execution, lease, NothingChangedError())
                return
            if plan.has_changes:
                self.objects.write(lock, b"{}")
                execution.applying.append((plan, lease))
                self._look(execution, plan)
                return
            lease.__exit__(None, None, None)
            execution.applied.add(plan.node.name)
        self._next(execution)

    def _fail(
        self, execution: Execution, lease: AbstractContextManager[None], error: Exception
    ) -> None:
        with suppress(NothingChangedError, RuntimeError):
            lease.__exit__(type(error), error, None)
        execution.has_failed = True

    @property
    def unwhole(self) -> set[str]:
        """The regions that are being changed now, or are partially applied."""
        now = {plan.node for execution in self.executions for plan, _ in execution.applying}
        return {node.region for node in now if node.what == "iot"} | {
            name.removeprefix(_REGIONAL)
            for name, stack in self.stacks.items()
            if stack.is_half and name.startswith(_REGIONAL)
        }

    def _look(self, execution: Execution, plan: Plan) -> None:
        """Note a region that is changed to what a region before it never had, or is ill with."""
        commit = execution.commit
        if plan.node.what != "iot" or plan.node.role == "leaving":
            return
        for name in (f"{_REGIONAL}{region}" for region in commit.settings.regions):
            other, version = self.stack(name), commit.versions[name]
            if name == plan.node.name:
                continue
            if plan.node.region == self.serving and version not in other.had:
                self.changed_early.append(f"{plan.node.name} before {name}")
            # What is half of that already is only made whole.
            is_half = self.stack(plan.node.name).is_half
            if other.is_ill and other.version == plan.version and not is_half:
                self.spread.append(f"{plan.node.name} to what makes {name} ill")

    def _lock(self, execution: Execution, node: StackNode) -> StateLocation:
        return lock_location(state_location(execution.commit.settings, node))

    def take_back_locks(self) -> None:
        """Do what an operator does for those who were killed."""
        at_work = {
            self._lock(execution, plan.node)
            for execution in self.executions
            for plan, _ in execution.applying
        }
        for place in [each for each in self.objects.content if each.key.endswith(".tflock")]:
            if place not in at_work:
                self.objects.delete(place)

    def _next(self, execution: Execution) -> None:
        execution.at += 1
        execution.is_over |= execution.stage == "end"

    def _serve(self, settings: Settings, node: StackNode) -> None:
        state = state_file(outputs={"primary_region": settings.primary_region})
        self.objects.write(state_location(settings, node), state)
