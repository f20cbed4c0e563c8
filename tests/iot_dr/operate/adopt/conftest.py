from collections.abc import Iterator

import pytest

from iot_dr.observe.status.network import NETWORK
from tests.iot_dr.operate.adopt.world import Adoptable, adoptable
from tests.support.aws_account import lead_to
from tests.support.within import within


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adoptable]:
    """The account of all tests here, which each test resets."""
    with adoptable(tmp_path_factory.mktemp("adoptable")) as made:
        yield made


@pytest.fixture
def platform(deployed: Adoptable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adoptable]:
    """The account before the cut-over, while everything works."""
    lead_to(deployed.faults.endpoint, monkeypatch)
    deployed.reset()
    deployed.faults.seen.clear()
    with within(NETWORK, deployed.network):
        yield deployed
