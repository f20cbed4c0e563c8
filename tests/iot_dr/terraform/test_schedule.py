"""Stacks are worked on in the order of their graph, side by side where they can be."""

import os
import signal
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.schedule import (
    Done,
    Failed,
    Outcome,
    StackBlockedError,
    StackScheduler,
    Waiting,
)
from stacks.graph import StackGraph, StackNode


def node(name: str, *depends_on: str) -> StackNode:
    return StackNode(name=name, what="iot", region="eu-west-1", role=None, depends_on=depends_on)


def run(
    nodes: list[StackNode], work: Callable[[StackNode], str], jobs: int = 2
) -> dict[str, Outcome[str]]:
    reported: list[Outcome[str]] = []
    schedule = StackScheduler[str](
        graph=StackGraph(nodes),
        work=work,
        jobs=jobs,
        interrupt=lambda: None,
        on_outcome=reported.append,
    )
    outcomes = schedule.run()
    assert sorted(each.node.name for each in reported) == sorted(each.name for each in nodes)
    return {each.node.name: each for each in outcomes}


@st.composite
def graphs(draw: st.DrawFn) -> list[StackNode]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    return [
        node(name, *draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else ())
        for index, name in enumerate(names)
    ]


@given(graphs(), st.data(), st.integers(1, 4))
def test_a_stack_goes_after_all_it_waits_for_and_a_failure_holds_back_its_dependents_alone(
    nodes: list[StackNode], data: st.DataObject, jobs: int
) -> None:
    failing = set(data.draw(st.lists(st.sampled_from([each.name for each in nodes]))))
    ended: list[str] = []

    def work(stack: StackNode) -> str:
        assert set(stack.depends_on) <= set(ended)
        if stack.name in failing:
            raise ValueError(stack.name)
        ended.append(stack.name)
        return stack.name

    outcomes = run(nodes, work, jobs)
    for stack in nodes:
        failed = [name for name in stack.depends_on if not isinstance(outcomes[name], Done)]
        outcome = outcomes[stack.name]
        if failed:
            assert outcome == Waiting(node=stack, waits_for=tuple(failed))
        else:
            assert isinstance(outcome, Failed if stack.name in failing else Done)


def test_independent_stacks_go_side_by_side() -> None:
    both = threading.Barrier(2, timeout=20)

    def work(stack: StackNode) -> str:
        both.wait()
        return stack.name

    outcomes = run([node("one"), node("two")], work)
    assert all(isinstance(outcome, Done) for outcome in outcomes.values())


def test_no_more_than_the_given_number_go_side_by_side() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def work(stack: StackNode) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1
        return stack.name

    run([node(f"s{number}") for number in range(20)], work, jobs=3)
    assert most <= 3


def test_work_that_finds_its_upstream_not_applied_is_waiting_and_not_failed() -> None:
    def work(stack: StackNode) -> str:
        if stack.name == "two":
            raise StackBlockedError(("one",))
        return stack.name

    nodes = [node("one"), node("two", "one"), node("three", "two")]
    outcomes = run(nodes, work)
    assert outcomes["two"] == Waiting(node=nodes[1], waits_for=("one",))
    assert outcomes["three"] == Waiting(node=nodes[2], waits_for=("two",))


def test_ctrl_c_interrupts_what_runs_begins_nothing_new_and_waits_for_the_end() -> None:
    interrupted = threading.Event()
    ended: list[str] = []

    def work(stack: StackNode) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.wait(20)
        ended.append(stack.name)
        return stack.name

    schedule = StackScheduler[str](
        graph=StackGraph([node("one"), node("two", "one")]),
        work=work,
        jobs=2,
        interrupt=interrupted.set,
        on_outcome=lambda _outcome: None,
    )
    with pytest.raises(KeyboardInterrupt):
        schedule.run()
    assert ended == ["one"]
