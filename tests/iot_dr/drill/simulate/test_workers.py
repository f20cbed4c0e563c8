"""Who does the work of a sweep."""

import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from distributed import LocalCluster

from iot_dr.common.extra import MissingExtraError
from iot_dr.common.user_error import UsageError
from iot_dr.drill.simulate.grid import GridPoint, grid
from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.drill.simulate.sweep import Task, gathered, tasks, work
from iot_dr.drill.simulate.workers import ClusterError, work_here, work_there
from tests.support.settings import settings


@pytest.fixture(scope="module")
def points() -> list[GridPoint]:
    return list(grid(settings(), ["endpoint.ttl=10"]).points())


@pytest.fixture
def todo(points: list[GridPoint]) -> list[Task]:
    return list(tasks(points, 300, 1))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    make = cast("Callable[..., Any]", LocalCluster)  # whose arguments dask leaves untyped
    with make(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", protocol="tcp"
    ) as running:
        yield running.scheduler_address


def test_processes_of_this_machine_find_what_one_finds(
    points: list[GridPoint], todo: list[Task]
) -> None:
    done: list[int] = []
    figures = work_here(todo[:1], lambda: done.append(1))
    assert figures == [work(todo[0])]
    assert len(done) == 1
    both = gathered(points, [work(task) for task in todo])
    assert [each.values for each in both] == [{"endpoint.ttl": 60}, {"endpoint.ttl": 10}]
    assert both[0].own == figures[0]
    assert both[1].worse.p99 < both[0].worse.p99


def test_a_cluster_finds_the_same_in_the_same_order(cluster: str, todo: list[Task]) -> None:
    done: list[int] = []
    assert work_there(cluster, todo, lambda: done.append(1)) == [work(task) for task in todo]
    assert len(done) == len(todo)


def test_a_worker_that_fails_is_reported_in_a_sentence(cluster: str) -> None:
    broken = Task(scenario=cast("Scenario", "no scenario"), devices=1, seed=1)
    with pytest.raises(ClusterError, match=r"a worker failed: AttributeError: 'str' object"):
        work_there(cluster, [broken], lambda: None)


@pytest.mark.exhaustive
def test_an_address_where_nobody_answers_is_reported(todo: list[Task]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no Dask scheduler answers there") as caught:
            work_there(address, todo, lambda: None)
    assert caught.value.status == 1


@pytest.mark.parametrize("address", ["nonsense://x", "127.0.0.1:not-a-port", "", "foo"])
def test_an_address_that_is_none_is_refused_at_once(address: str, todo: list[Task]) -> None:
    with pytest.raises(UsageError, match=f"--cluster '{address}': not an address"):
        work_there(address, todo, lambda: None)


def test_a_cluster_without_its_extra_says_what_to_install(
    todo: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"install 'iot-dr\[cluster\] @") as it:
        work_there("tcp://127.0.0.1:1", todo, lambda: None)
    assert it.value.status == 2
