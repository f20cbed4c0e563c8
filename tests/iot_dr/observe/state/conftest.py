import os
import shutil
from collections.abc import Iterator

import pytest

from iot_dr.observe.state.store import Store
from iot_dr.terraform.sandbox.sandbox import Sandbox
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import World
from tests.support.settings import REGIONS, settings

SETTINGS = settings(regions=list(REGIONS[:3]))
BUCKETS = {region: SETTINGS.state_bucket(region) for region in SETTINGS.regions}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for all tests here: starting one takes half a second."""
    with Sandbox(tmp_path_factory.mktemp("states") / "dev", "111111111111") as running:
        yield running


@pytest.fixture(scope="session")
def store(server: Sandbox) -> Store:
    """A store with its clients made: each takes a good tenth of a second."""
    made = Store(None)
    with pytest.MonkeyPatch.context() as patch:
        lead_to(server, patch)
        server.create_buckets(BUCKETS)
        for region, bucket in BUCKETS.items():
            made.read(StateLocation(bucket=bucket, key="none", region=region))
    return made


@pytest.fixture
def world(server: Sandbox, store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    """Empty state buckets of an environment with three regions, and a store that sees them."""
    shutil.rmtree(server.folder / "s3")
    (server.folder / "buckets.json").unlink(missing_ok=True)
    (server.folder / "s3").mkdir()
    lead_to(server, monkeypatch)
    server.create_buckets(BUCKETS)
    return World(settings=SETTINGS, folder=server.folder, store=store)


def lead_to(server: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """Set this process's AWS variables to those of the sandbox."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in server.environment.items():
        if value:
            patch.setenv(name, value)
