"""The command that renews a snapshot, in the explanation of a comparison that failed."""

from collections.abc import Generator

import pytest
from syrupy.assertion import SnapshotAssertion

Explanations = list[list[str]]


@pytest.hookimpl(wrapper=True)
def pytest_assertrepr_compare(
    left: object, right: object
) -> Generator[None, Explanations, Explanations]:
    """Add the command as the second line: pytest cuts the end of a long difference."""
    explanations = yield
    for side in (left, right):
        if isinstance(side, SnapshotAssertion):
            file = side.test_location.item.nodeid.partition("::")[0]
            command = f".venv/bin/python -m pytest {file} --snapshot-update"
            explanations[0].insert(1, f"if the difference is correct, run {command}")
    return explanations
