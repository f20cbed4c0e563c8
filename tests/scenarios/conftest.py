from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.runbook import Walk, commands

if TYPE_CHECKING:
    from iot_dr.drill.play.faults import Faults
    from tests.scenarios.support.place import Place
    from tests.support.applied_world import AppliedWorld


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


@pytest.fixture(scope="module")
def dev(
    dev_world: "tuple[AppliedWorld, Faults]", tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Place]":
    """`dev` in a made-up account whose commands see a platform on a virtual clock."""
    from tests.scenarios.support.place import placed  # noqa: PLC0415 - it loads moto and the drill
    from tests.support.applied_world import new_test  # noqa: PLC0415 - it loads moto

    new_test(*dev_world)
    with placed(dev_world, tmp_path_factory.mktemp("place")) as place:
        yield place
