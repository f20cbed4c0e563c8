"""Fixtures of the scenarios of `iot-dr rotate`: a day with Terraform and the stand-in provider.

Named as a plugin by the tests that take them, for they stand in more than one file.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from environments.loader import load
from stacks.platform_graph import platform_graph
from tests.support.applied_world import AppliedWorld, applied_world, new_test
from tests.support.aws_account import lead_to
from tests.support.aws_faults import Faults
from tests.support.rotation_world import Day, rotation_day
from tests.support.sandbox_run import changes, sandbox_run
from tests.support.tls_names import Authority

_DEV: Final = load("dev", {})


@dataclass(frozen=True)
class Estate:
    """What takes seconds to make: the account, dev applied in a sandbox, and an authority."""

    world: AppliedWorld
    faults: Faults
    sandbox: Path
    certificates: Path
    authority: Authority


@pytest.fixture(scope="session")
def rotation_estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Make what all days have in common."""
    folder, certificates = (tmp_path_factory.mktemp(each) for each in ("estate", "certificates"))
    (folder / "scratch").mkdir()
    with sandbox_run(folder / "sandbox", folder / "scratch") as made:
        stacks = [node.name for node in platform_graph(made.settings).nodes]
        assert all(changes(each) for each in made.plan(*stacks, apply=True).values())
    with applied_world(_DEV, tmp_path_factory.mktemp("stacks")) as (world, faults):
        yield Estate(world, faults, folder / "sandbox", certificates, Authority(certificates))


@pytest.fixture
def day(rotation_estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A day on which all is well; this process is led to the account and works in a folder."""
    estate = rotation_estate
    new_test(estate.world, estate.faults)
    shutil.copytree(estate.sandbox, tmp_path / ".sandbox" / "dev")
    monkeypatch.chdir(tmp_path)
    lead_to(estate.faults.endpoint, monkeypatch)
    made = rotation_day(
        estate.world, estate.faults, estate.authority, estate.certificates, tmp_path
    )
    with made as day:
        yield day
