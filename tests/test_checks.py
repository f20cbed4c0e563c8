"""The linters and the type check of the whole project, which run during the other tests."""

import pytest

from tests.support.checks import COMMANDS, findings


@pytest.mark.parametrize("check", COMMANDS)
def test_the_project_passes_its_own(check: str) -> None:
    output = findings(check)
    assert not output, output
