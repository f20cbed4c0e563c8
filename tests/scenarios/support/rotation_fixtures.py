"""Fixtures of the scenarios of `iot-dr rotate`: a world with Terraform and the stand-in provider.

Tests that use them name this module as a plugin, because they are in several files.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from iot_dr.drill.play.faults import Faults
from tests.iot_dr.operate.rotate.day import Day, rotation_day
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.aws_account import lead_to
from tests.support.sandbox_run import apply_once
from tests.support.shared_clients import share_clients
from tests.support.tls_names import Authority


@dataclass(frozen=True)
class Estate:
    """Parts that take seconds to create: dev applied in a sandbox, and an authority."""

    sandbox: Path
    certificates: Path
    authority: Authority


@pytest.fixture(scope="session")
def rotation_estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Create the shared parts of all worlds."""
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
    """A healthy world; this process uses its account and works in a folder."""
    estate, (world, faults) = rotation_estate, dev_world
    new_test(world, faults)
    shutil.copytree(estate.sandbox, tmp_path / ".sandbox" / "dev")
    monkeypatch.chdir(tmp_path)
    lead_to(faults.endpoint, monkeypatch)
    share_clients(monkeypatch)
    with rotation_day(world, faults, estate.authority, estate.certificates, tmp_path) as day:
        yield day
