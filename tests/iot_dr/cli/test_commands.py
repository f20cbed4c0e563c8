"""A command's module is imported when the command is called."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from iot_dr.cli.commands import LazyCommand, app, groups
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.json_output import document_of

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


def _imported_by_help(words: tuple[str, ...]) -> str:
    """Return the names of all modules that `--help` of a command has imported."""
    done = subprocess.run(
        [sys.executable, "-c", _HELP, *words, "--help"],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="all"),
        pytest.param(("switch",), id="switch"),
        pytest.param(("registry",), id="registry", marks=pytest.mark.exhaustive),
    ],
)
def test_listing_commands_imports_none_of_them(words: tuple[str, ...]) -> None:
    imported = _imported_by_help(words)
    for name in ("boto3", "iot_dr.cli.plan", "iot_dr.cli.registry.diff", "iot_dr.cli.switch"):
        assert f"'{name}'" not in imported
    assert "'iot_dr.cli.commands'" in imported


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("deploy",), id="deploy"),
        pytest.param(("rotate",), id="rotate"),
        pytest.param(("doctor",), id="doctor", marks=pytest.mark.exhaustive),
    ],
)
def test_help_imports_nothing_that_is_slow(words: tuple[str, ...]) -> None:
    imported = _imported_by_help(words)
    for name in ("boto3", "cdktf", "dns.query", "iot_dr.rules.catalogue"):
        assert f"'{name}'" not in imported


def test_a_removed_command_names_what_replaces_it() -> None:
    done = iot_dr_here("role", "plan", "--to", "eu-central-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "PRIMARY_REGION=REGION iot-dr review" in done.stderr


def test_the_version_is_printed() -> None:
    done = iot_dr_here("--version")
    assert (done.returncode, done.stdout) == (0, f"iot-dr {version('iot-dr')}\n")


ARGUMENTS: dict[tuple[str, ...], list[str]] = {
    ("env", "show"): ["dev"], ("env", "new"): ["test"],
    ("apply",): ["--plans", "plans"],
    ("comment",): ["--body", "review.md"], ("reviewed",): ["--commit", "HEAD"],
    ("registry", "diff"): ["eu-west-1", "eu-central-1"],
    ("rotate",): ["--region", "eu-west-1"],
    ("sandbox", "exec"): ["--", "true"],
    ("switch", "away"): ["eu-west-1", "--reason", "x"],
    ("switch", "back"): ["eu-west-1", "--reason", "x"],
}  # fmt: skip
"""Arguments of commands that require some."""


def command_lines() -> Iterator[tuple[str, ...]]:
    yield from ((name,) for name, command in app.commands.items() if name not in groups)
    yield from ((name, each) for name, group in groups.items() for each in group.commands)


def commands_with_json() -> list[tuple[str, ...]]:
    def has_json(words: tuple[str, ...]) -> bool:
        command = (groups[words[0]] if len(words) > 1 else app).commands[words[-1]]
        assert isinstance(command, LazyCommand)
        return any("--json" in each.opts for each in command.loaded().params)

    return [words for words in command_lines() if has_json(words)]


WITH_JSON = commands_with_json()


@pytest.mark.parametrize("words", [*command_lines()], ids=" ".join)
def test_outside_of_a_project_no_command_raises(words: tuple[str, ...], tmp_path: Path) -> None:
    arguments = [*ARGUMENTS.get(words, []), *(["--json"] if words in WITH_JSON else [])]
    done = iot_dr_here(*words, *arguments, cwd=tmp_path, IOT_DR_ROOT="")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Usage: " in done.stderr or len(done.stderr.splitlines()) == 1, done.stderr
    assert not list(tmp_path.iterdir())
    if words in WITH_JSON:
        document = document_of(done.stdout)
        assert (document["command"], document["exit_status"]) == (" ".join(words), 2)
        assert document["error"]["message"].split()[0] in done.stderr


def test_a_command_says_once_that_its_network_is_not_the_public_one() -> None:
    game = {"IOT_DR_NETWORK": "{}", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}
    done = iot_dr_here("env", "show", "--env", "dev", "--json", **game)
    assert done.stderr.startswith(
        "IOT_DR_NETWORK is set: this terminal sees http://127.0.0.1:5000 "
    )
    assert done.stderr.count("IOT_DR_NETWORK") == 1
    assert document_of(done.stdout)
    assert "IOT_DR_NETWORK" not in iot_dr_here("env", "show", "--env", "dev").stderr
