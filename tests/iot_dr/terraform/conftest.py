from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from tests.iot_dr.terraform.project import Project


@pytest.fixture(scope="session")
def cache() -> SchemaCache:
    """The schema, which the first of all test processes derives."""
    return SchemaCache.default()


@pytest.fixture(scope="session")
def daemon(cache: SchemaCache) -> Iterator[Daemon]:
    """A running stand-in, shared by the tests of one worker."""
    with Daemon(cache) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, cache: SchemaCache, daemon: Daemon) -> Iterator[Project]:
    """A stack of the test's own, with real Terraform and the running stand-in."""
    settings = {**standin_environment(cache), **daemon.environment}
    made = Project(tmp_path / "stack", cache.version, settings, Engine.chosen({}))
    yield made
    made.close()
