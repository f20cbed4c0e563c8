from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.drill.play.faults import Faults
from tests.iot_dr.operate.rotate.bench import States
from tests.iot_dr.operate.rotate.day import Day, rotation_day
from tests.iot_dr.operate.rotate.world import DEV
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.aws_account import lead_to
from tests.support.shared_clients import share_clients
from tests.support.tls_names import Authority


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="session")
def authority(certificates: Path) -> Authority:
    return Authority(certificates)


@pytest.fixture
def states(tmp_path: Path) -> States:
    """The states on which rotations work in these tests, without Terraform."""
    return States(DEV, tmp_path / ".sandbox")


@pytest.fixture
def day(  # noqa: PLR0913, PLR0917 - what makes it
    dev_world: tuple[AppliedWorld, Faults],
    authority: Authority,
    certificates: Path,
    states: States,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:
    """A day on which all is well: each region serves `arn(REGION)`, by `states`."""
    world, faults = dev_world
    new_test(world, faults)
    monkeypatch.chdir(tmp_path)
    lead_to(faults.endpoint, monkeypatch)
    share_clients(monkeypatch)
    with rotation_day(world, faults, authority, certificates, tmp_path) as made:
        # Each look asks DNS, TLS and AWS; a quarter of them shows the same.
        made.interval = 240.0
        made.workbench = states.workbench
        yield made
