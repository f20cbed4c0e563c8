"""The official provider's plan after an apply, and the destruction of what it applied."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from iot_dr.cli.outcomes import StackProgress, failures
from iot_dr.delivery.session import Session
from iot_dr.delivery.stack_plan import StackPlanner
from iot_dr.terraform.schedule import Done, Failed, StackScheduler
from stacks.graph import StackGraph, StackNode
from tests.conformance.relaxing import PROTECTION, unprotect

UNKNOWN: Final = "known after apply"
"""The returned value of an argument that another change of the plan makes unknown."""


@dataclass(frozen=True, order=True, slots=True)
class LaterChange:
    """An argument that a later plan changes, and the value that the emulator returned, as JSON.

    A resource that is created or deleted has its type as the argument, and the action as the value.
    """

    argument: str
    returned: str

    def __str__(self) -> str:
        return f"{self.argument}: the emulator returned {self.returned}"


def plan_again(planner: StackPlanner) -> tuple[set[LaterChange], list[str]]:
    """Plan all stacks after their apply; return the changes, and the failures."""
    session = replace(planner.session, work=planner.session.work / "again")
    outcomes = replace(planner, session=session).plan(apply=False)
    plans = [each.result.document for each in outcomes if isinstance(each, Done)]
    changes = {change for plan in plans for change in later_changes(plan)}
    return changes, [f"plan again: {each}" for each in failures(session, outcomes)]


def destroy(planner: StackPlanner, progress: StackProgress) -> list[str]:
    """Destroy all stacks, each after those that read its outputs; return the failures.

    Protected resources lose their protection first, which changes the stacks' files.
    """
    session = replace(planner.session, work=planner.session.work / "destroy")
    unprotect(session.stacks)

    def work(node: StackNode) -> None:
        progress.phase(node, "destroy")
        _destroy(session, node.name)

    outcomes = StackScheduler(
        graph=_reversed(planner.graph),
        work=work,
        jobs=planner.jobs,
        interrupt=session.pool.interrupt,
        on_outcome=lambda _: None,
    ).run()
    return [
        f"destroy: {outcome.node.name}:"
        f" {outcome.error if isinstance(outcome, Failed) else 'not begun'}"
        for outcome in outcomes
        if not isinstance(outcome, Done)
    ]


def _destroy(session: Session, stack: str) -> None:
    """Destroy a stack; raises ValueError if its state still has resources."""
    with session.initialized(stack) as terraform:
        # Nothing is refreshed: the second plan has just read everything.
        if PROTECTION in json.dumps(session.document(stack).content):
            terraform.apply(None, "-refresh=false")
        terraform.apply(None, "-destroy", "-refresh=false")
        left = terraform.show().get("values", {}).get("root_module", {}).get("resources", [])
    if left:
        message = f"not destroyed: {', '.join(each['address'] for each in left)}"
        raise ValueError(message)


def _reversed(graph: StackGraph) -> StackGraph:
    return StackGraph(
        replace(
            node,
            depends_on=tuple(each.name for each in graph.nodes if node.name in each.earlier),
            goes_after=(),
        )
        for node in reversed(graph.nodes)
    )


def later_changes(plan: dict[str, Any]) -> Iterator[LaterChange]:
    """Yield the changed arguments of a plan; of a replaced resource, the configured ones."""
    for resource in plan.get("resource_changes", ()):
        type_, change = resource["type"], resource["change"]
        actions: list[str] = change["actions"]
        if actions in (["no-op"], ["read"]):
            continue
        before, after, unknown = change["before"], change["after"], change["after_unknown"]
        if actions == ["update"]:
            yield from _changed(type_, before, after, unknown)
        elif paths := change.get("replace_paths"):
            for path in paths:
                names = [name for name in path if isinstance(name, str)]
                yield LaterChange(".".join([type_, *names]), json.dumps(_at(before, path)))
            # What the configuration omits is null until the new resource exists.
            given = {name for name, value in after.items() if value is not None}
            yield from _changed(type_, {key: before[key] for key in given}, after, {})
        else:
            yield LaterChange(type_, " and ".join(actions))
    for name, change in plan.get("output_changes", {}).items():
        if change["actions"] != ["no-op"]:
            unknown = change.get("after_unknown")
            yield from _changed(f"output.{name}", change["before"], change["after"], unknown)


def _changed(path: str, before: object, after: object, unknown: object) -> Iterator[LaterChange]:
    was, now, open_ = map(_members, (before, after, unknown))
    is_comparable = isinstance(before, dict) or len(was) == len(now)
    if unknown is True:
        yield LaterChange(path, UNKNOWN)
    elif was and (now or open_) and is_comparable:
        for key in {**was, **now, **open_}:
            inner = f"{path}.{key}" if isinstance(key, str) else path
            yield from _changed(inner, was.get(key), now.get(key), open_.get(key))
    elif before != after:
        yield LaterChange(path, json.dumps(before))


def _members(value: object) -> dict[str | int, Any]:
    """Return the members of an object, or those of a list by number."""
    if isinstance(value, list):
        return dict(enumerate(cast("list[Any]", value)))
    return cast("dict[str | int, Any]", value) if isinstance(value, dict) else {}


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        value = value[step]
    return value
