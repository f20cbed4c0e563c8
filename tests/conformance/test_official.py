"""The stand-in compared with an official provider, if a mirror on this machine has one."""

import os
from pathlib import Path

import pytest

from tests.conformance.judgement import Judge
from tests.conformance.official import HOW_TO_POINT_AT_ONE, OfficialProvider, newest_provider
from tests.conformance.platforms import PLATFORMS
from tests.conformance.report import Report

NAMED = "tests/conformance"


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> OfficialProvider:
    """The official provider; it takes minutes, so it is used only if these tests are named."""
    if not any(NAMED in argument for argument in request.config.args):
        pytest.skip(f"takes minutes: name {NAMED}, or run `make conformance`")
    provider = newest_provider(os.environ)
    if provider is None:
        pytest.skip(HOW_TO_POINT_AT_ONE)
    return provider


def test_every_stack_runs_and_every_difference_is_explained(
    provider: OfficialProvider, tmp_path: Path
) -> None:
    judge = Judge(provider, tmp_path)
    judgements = [judge.judge(each, tmp_path / name) for name, each in PLATFORMS.items()]
    report = Report(provider.version, judgements)
    assert report.status == 0, "\n".join(report.lines())
