"""Two regions with their functions, new for each test."""

from collections.abc import Iterator

import pytest

from tests.functions.authority import Authority
from tests.functions.registry.devices import Register, registers
from tests.functions.registry.pair import Pair, two_regions


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[Pair]:
    """The regions, with nothing in them."""
    assert credentials
    with two_regions(monkeypatch) as made:
        yield made


@pytest.fixture
def certificate(pair: Pair, authority: Authority) -> Register:
    """Registers a device's certificate in the west."""
    return registers(pair.west, authority)
