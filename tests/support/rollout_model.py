"""A small pure model of pipelines that roll an environment out, with the real turns of regions.

What is modelled is as AWS documents it: QUEUED mode lets one execution at a time into a stage and
none overtake another; a failed stage ends its execution and may be retried; a condition skips a
stage (docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html). Terraform
refuses a plan whose state has moved on, and locks a state. The turns, the waves and their order
are the project's own.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from environments.settings import Settings
from iot_dr.pipeline.guard import refuse_inactive
from iot_dr.pipeline.refusal import RefusedError
from iot_dr.rollout.turns import NothingDoneError, Turns
from iot_dr.user_error import UserError
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout, Wave
from stacks.state_location import StateLocation, state_location

_REGIONAL = "iot-dev-iot-"
Outcome = Literal["done", "done, and an alarm goes off", "fails at once", "fails midway"]


@dataclass(frozen=True)
class Commit:
    """Settings, and the version of the code that each stack is made of."""

    settings: Settings
    versions: dict[str, int]

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        return Rollout(platform_graph(self.settings)).waves

    @cached_property
    def stages(self) -> tuple[str, ...]:
        kinds = ("plan", "approve", "apply")
        return ("guard", *(f"{kind} {wave.number}" for wave in self.waves for kind in kinds))


class Memory:
    """Objects in memory."""

    def __init__(self) -> None:
        self.content: dict[StateLocation, bytes] = {}

    def read(self, location: StateLocation) -> bytes | None:
        return self.content.get(location)

    def write(self, location: StateLocation, content: bytes) -> None:
        self.content[location] = content

    def delete(self, location: StateLocation) -> None:
        self.content.pop(location, None)


@dataclass
class Stack:
    """What stands of a stack: the version, or half of it, and the serial of its state."""

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
        return any(plan.has_changes for plan in self.plans)

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
    changed_early: list[str] = field(default_factory=list[str])
    """Regions that were changed while they served, to what a standby has never had."""
    spread: list[str] = field(default_factory=list[str])
    """Regions that were changed to what makes another one ill."""

    def stack(self, name: str) -> Stack:
        return self.stacks.setdefault(name, Stack())

    @property
    def serving(self) -> str | None:
        """The primary of the entry point that stands."""
        for location, content in self.objects.content.items():
            if location.key.endswith("entry-point.tfstate"):
                told: Any = json.loads(content)
                return told["outputs"]["primary_region"]["value"]
        return None

    def start(self, commit: int, region: str) -> None:
        self.executions.append(Execution(self.commits[commit], region))

    def may_advance(self, execution: Execution) -> bool:
        """Tell whether nothing is in the next stage, and nobody would be overtaken."""
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
        try:
            # Each build asks, and an approval is none.
            if not execution.stage.startswith("approve"):
                refuse_inactive(execution.commit.settings, execution.region)
        except RefusedError:
            execution.has_failed = True
            return
        if execution.stage.startswith("plan"):
            execution.plans = tuple(self._plans(execution))
            execution.approved = ()
            execution.applied = set()
        elif execution.stage.startswith("apply"):
            self._begin(execution)
            return
        elif execution.stage.startswith("approve") and execution.has_changes:
            if not says_yes:
                execution.has_failed = True
                return
            execution.approved = execution.plans
        self._next(execution)

    def end_apply(self, execution: Execution, outcome: Outcome) -> None:
        """End the apply of the stack that is being changed."""
        plan, turn = execution.applying.pop()
        stack = self.stack(plan.node.name)
        if outcome in {"done", "done, and an alarm goes off"}:
            turn.__exit__(None, None, None)
            stack.version, stack.is_half = plan.version, False
            stack.serial += 1
            stack.had.add(plan.version)
            stack.is_ill = outcome != "done" and plan.node.what == "iot"
            execution.applied.add(plan.node.name)
            if plan.node.what == "entry-point":
                self._serve(execution.commit.settings, plan.node)
            self._begin(execution)
            return
        if outcome == "fails midway":
            stack.is_half = True
            stack.serial += 1
        self._fail(execution, turn, RuntimeError() if stack.is_half else NothingDoneError())

    def _plans(self, execution: Execution) -> Iterator[Plan]:
        for node in execution.wave.nodes:
            stack, version = self.stack(node.name), execution.commit.versions.get(node.name, 0)
            is_other = stack.version != version or stack.is_half
            if node.what == "entry-point":
                is_other |= self.serving != execution.commit.settings.primary_region
            yield Plan(node, version, stack.serial, is_other)

    def _begin(self, execution: Execution) -> None:
        """Begin the apply of the next stack of the wave, or ask the alarms and leave the stage."""
        for plan in execution.plans:
            if plan.node.name in execution.applied:
                continue
            turns = Turns(execution.commit.settings, self.objects)
            turn = turns.taken(plan.node, is_changed=plan.has_changes)
            try:
                turn.__enter__()
            except UserError:
                execution.has_failed = True
                return
            if self._is_locked(plan) or plan.serial != self.stack(plan.node.name).serial:
                self._fail(execution, turn, NothingDoneError())
                return
            if plan.has_changes:
                execution.applying.append((plan, turn))
                self._look(execution, plan)
                return
            turn.__exit__(None, None, None)
            execution.applied.add(plan.node.name)
        if any(self.stack(plan.node.name).is_ill for plan in execution.plans):
            execution.has_failed = True
            return
        self._next(execution)

    def _fail(
        self, execution: Execution, turn: AbstractContextManager[None], error: Exception
    ) -> None:
        with suppress(NothingDoneError, RuntimeError):
            turn.__exit__(type(error), error, None)
        execution.has_failed = True

    @property
    def unwhole(self) -> set[str]:
        """The regions that are being changed now, or are half-changed."""
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
            if other.is_ill and other.version == plan.version:
                self.spread.append(f"{plan.node.name} to what makes {name} ill")

    def _is_locked(self, plan: Plan) -> bool:
        """Tell whether another apply of the same stack holds the lock of its state."""
        applying = (each for execution in self.executions for each, _ in execution.applying)
        return any(each.node.name == plan.node.name for each in applying)

    def _next(self, execution: Execution) -> None:
        execution.at += 1
        execution.is_over |= execution.stage == "end"

    def _serve(self, settings: Settings, node: StackNode) -> None:
        state = {"outputs": {"primary_region": {"value": settings.primary_region}}}
        self.objects.write(state_location(settings, node), json.dumps(state).encode())
