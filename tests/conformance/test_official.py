"""The stand-in beside an official provider, where a mirror on this machine has one."""

import os
from pathlib import Path

import pytest

from environments.settings import Settings
from tests.conformance.judgement import judge
from tests.conformance.official import HOW_TO_POINT_AT_ONE, OfficialProvider, found
from tests.conformance.platforms import PLATFORMS

NAMED = "tests/conformance"


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> OfficialProvider:
    """The official provider; it takes minutes, so only a run that names these tests has it."""
    if not any(NAMED in argument for argument in request.config.args):
        pytest.skip(f"takes minutes: name {NAMED}, or run `make conformance`")
    provider = found(os.environ)
    if provider is None:
        pytest.skip(HOW_TO_POINT_AT_ONE)
    return provider


@pytest.mark.parametrize("settings", PLATFORMS.values(), ids=PLATFORMS)
def test_every_stack_goes_through_and_every_difference_is_explained(
    settings: Settings, provider: OfficialProvider, tmp_path: Path
) -> None:
    judgement = judge(settings, provider, tmp_path)
    assert judgement.failures == []
    assert list(map(str, judgement.unexplained)) == []
    assert judgement.stacks == len(settings.regions) + 3
