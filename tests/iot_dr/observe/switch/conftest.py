from collections.abc import Iterator

import pytest

from tests.iot_dr.observe.switch.place import SETTINGS, Place
from tests.support.applied_world import applied_world, new_test
from tests.support.aws_account import lead_to
from tests.support.shared_clients import share_clients


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An environment with three regions, made once: that takes seconds."""
    with applied_world(SETTINGS, tmp_path_factory.mktemp("stacks")) as (world, faults):
        yield Place(world, faults)


@pytest.fixture
def place(applied: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The environment, all well, no switch put, and this process led to its account."""
    new_test(applied.world, applied.faults)
    lead_to(applied.faults.endpoint, monkeypatch)
    share_clients(monkeypatch)
    return Place(applied.world, applied.faults)
