from collections.abc import Generator

import pytest

from tests.support.runbook import Walk, commands


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "runbook(page, *sections): runs all commands of a page, or of those sections, by `walk`",
    )


@pytest.fixture
def walk(request: pytest.FixtureRequest) -> Generator[Walk]:
    """The commands that the test's marks `runbook` name; fails if a command is left.

    Marks are applied from the top down, as they are read.
    """
    marks: list[tuple[str, ...]] = [mark.args for mark in request.node.iter_markers("runbook")]
    walk = Walk([command for mark in reversed(marks) for command in commands(*mark)])
    assert walk.left, f"no command in {marks}"
    yield walk
    assert not walk.left, f"not run: {[command.text for command in walk.left]}"
