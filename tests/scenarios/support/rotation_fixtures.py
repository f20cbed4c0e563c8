"""Fixtures of the scenarios of `iot-dr rotate`: a day with Terraform and the stand-in provider.

Named as a plugin by the tests that take them, for they stand in more than one file.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.iot_dr.operate.rotate.day import Day, rotation_day
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.aws_account import lead_to
from tests.support.aws_faults import Faults
from tests.support.sandbox_run import apply_once
from tests.support.shared_clients import share_clients
from tests.support.tls_names import Authority


@dataclass(frozen=True)
class Estate:
    """What takes seconds to make: dev applied in a sandbox, and an authority."""

    sandbox: Path
    certificates: Path
    authority: Authority


@pytest.fixture(scope="session")
def rotation_estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Make what all days have in common."""
    folder, certificates = (tmp_path_factory.mktemp(each) for each in ("estate", "certificates"))
    apply_once(folder / "sandbox")
    return Estate(folder / "sandbox", certificates, Authority(certificates))


@pytest.fixture
def day(
    rotation_estate: Estate,
    dev_world: tuple[AppliedWorld, Faults],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:
    """A day on which all is well; this process is led to the account and works in a folder."""
    estate, (world, faults) = rotation_estate, dev_world
    new_test(world, faults)
    shutil.copytree(estate.sandbox, tmp_path / ".sandbox" / "dev")
    monkeypatch.chdir(tmp_path)
    lead_to(faults.endpoint, monkeypatch)
    share_clients(monkeypatch)
    with rotation_day(world, faults, estate.authority, estate.certificates, tmp_path) as day:
        yield day
