"""A command's module is imported when the command is called."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from iot_dr.cli.commands import LazyCommand, app, groups
from tests.support.command import ROOT, plain_environment

_HELP = """\
import atexit, sys
from iot_dr.command import main
atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr))
sys.argv = ["iot-dr", *sys.argv[1:]]
main()
"""


def lazy_commands() -> Iterator[LazyCommand]:
    for group in (app, *groups.values()):
        yield from (each for each in group.commands.values() if isinstance(each, LazyCommand))


def test_listed_help_is_the_first_line_of_each_command() -> None:
    for command in lazy_commands():
        first, *_ = command.loaded().help.split("\n\n")
        assert command.help == first


@pytest.mark.parametrize("words", [(), ("registry",), ("switch",)], ids=" ".join)
def test_listing_commands_imports_none_of_them(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HELP, *words, "--help"],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    for name in ("boto3", "iot_dr.cli.plan", "iot_dr.cli.registry.diff", "iot_dr.cli.switch"):
        assert f"'{name}'" not in done.stderr
    assert "'iot_dr.cli.commands'" in done.stderr
