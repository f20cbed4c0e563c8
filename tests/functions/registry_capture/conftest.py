"""A region of an empty account, new for each test."""

from collections.abc import Iterator

import pytest

from tests.functions.registry.aws import AwsRegion, made_up_account
from tests.functions.registry.rows import WEST


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[AwsRegion]:
    """The region that is captured."""
    assert credentials
    with made_up_account(monkeypatch):
        yield AwsRegion(WEST, monkeypatch)
