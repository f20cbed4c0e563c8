import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.terraform.sandbox.sandbox import Sandbox
from tests.iot_dr.terraform.sandbox.client import ACCOUNT, BUCKETS, request


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for all tests that leave its process alone: starting one takes half a second."""
    with Sandbox(tmp_path_factory.mktemp("sandbox") / "dev", ACCOUNT) as running:
        yield running


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    """A running sandbox that holds nothing but an empty bucket in each of two regions."""
    for bucket in (server.folder / "s3").glob("*"):
        shutil.rmtree(bucket)
    (server.folder / "buckets.json").unlink(missing_ok=True)
    # If moto is loaded, it forgets the properties of the removed objects.
    request(server, "GET", "/missing-bucket/key")
    server.create_buckets(BUCKETS)
    return server


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """The same with a process of the test's own, which it may harm."""
    with Sandbox(tmp_path / "dev", ACCOUNT) as running:
        running.create_buckets(BUCKETS)
        yield running
