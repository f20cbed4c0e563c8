from collections.abc import Generator

import pytest

from tests.support.github_api import GitHub, github_api


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Generator[GitHub]:
    """A fake GitHub API on this machine, without a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with github_api(GitHub()) as served:
        yield served
