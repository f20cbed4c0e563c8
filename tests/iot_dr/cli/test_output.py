"""What commands print on a terminal: the width of lines, progress, and completion."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.cli.sandbox import handed_over_text
from iot_dr.cli.text import echo, filled, wrapped
from iot_dr.terraform.hand_over import HandOver
from tests.iot_dr.cli.terminal import Terminal
from tests.iot_dr.cli.test_commands import command_lines
from tests.support.command import iot_dr_here, plain_environment

_OFFLINE = [
    ("graph", "--env", "prod"),
    ("graph", "--env", "prod", "--waves"),
    ("rto", "--env", "prod"),
    ("drill", "list", "--env", "prod"),
    ("env", "show", "prod"),
    ("env", "show", "no-such-environment"),
    ("check", "--list"),
    ("rto", "--env"),
]


def too_wide(text: str, width: int) -> list[str]:
    """Return the lines of more than `width` characters that have a space to break at."""
    return [
        line
        for line in text.splitlines()
        if len(line) > width and " " in re.sub(r"^[\s│*]+", "", line.rstrip(" │"))
    ]


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("words", _OFFLINE, ids=" ".join)
def test_no_line_is_wider_than_the_terminal(words: tuple[str, ...], width: int) -> None:
    done = iot_dr_here(*words, COLUMNS=str(width))
    assert done.stdout + done.stderr
    assert too_wide(done.stdout + done.stderr, width) == []


@pytest.mark.parametrize("words", [(), *command_lines()], ids=" ".join)
def test_no_line_of_help_is_wider_than_80_columns(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words, "--help", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []


def test_help_on_a_narrow_terminal_has_every_option_in_full() -> None:
    done = iot_dr_here("plan", "--help", COLUMNS="40")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if len(line) > 40] == []
    assert "…" not in done.stdout
    assert "\n  --detailed-exitcode " in done.stdout


@pytest.mark.parametrize("words", [("plan",), ("registry",), ()], ids=" ".join)
def test_help_names_a_type_for_options_with_a_value_only(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words, "--help", COLUMNS="80")
    assert "<bool>" not in done.stdout
    assert ("NAME" in done.stdout) == (words == ("plan",))


@pytest.mark.parametrize("words", [("--quiet", "env", "check"), ("env", "check", "--quiet")])
def test_quiet_is_understood_before_and_after_the_command(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(": no mistakes\n")


def test_no_choice_of_an_option_is_broken_over_lines_of_the_reviews_help() -> None:
    done = iot_dr_here("review", "--help", COLUMNS="80")
    assert "What to print: terminal, markdown, json or html." in " ".join(
        re.sub("│", " ", done.stdout).split()
    )
    assert "htm│l" not in re.sub(r"[ │]*\n[ │]*", "│", done.stdout)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("review --json", "No such option: --json (Possible options: --format json)"),
        ("plan --environment dev", "No such option: --environment (Possible options: --env)"),
        ("rto --enviroment dev", "No such option: --enviroment (Possible options: --env)"),
        ("comment --json", "No such option: --json"),
        ("apply --no-such", "No such option: --no-such"),
        ("simulate", "No such command 'simulate'. Did you mean 'drill simulate'?"),
        ("show", "No such command 'show'. Did you mean 'env show', 'sandbox show'?"),
        ("simulat", "No such command 'simulat'."),
        ("env simulate", "No such command 'simulate'."),
    ],
)
def test_an_unknown_word_is_answered_with_the_one_that_exists(line: str, message: str) -> None:
    done = iot_dr_here(*line.split(), COLUMNS="120")
    assert done.returncode == 2
    assert f"│ {message}  " in done.stderr


@pytest.mark.parametrize("words", [*command_lines()], ids=" ".join)
def test_a_misspelt_environment_is_answered_with_the_option_of_every_command_that_has_it(
    words: tuple[str, ...],
) -> None:
    wrong = iot_dr_here(*words, "--enviroment", "dev", COLUMNS="120")
    has_it = " --env " in iot_dr_here(*words, "--help", COLUMNS="120").stdout
    assert wrong.returncode == 2
    assert "No such option: --enviroment" in wrong.stderr
    assert ("--enviroment (Possible options: --env)" in wrong.stderr) == has_it


@pytest.mark.usefixtures("lent")
def test_the_summary_of_a_plan_has_a_line_for_each_stack_and_fits_80_columns() -> None:
    arguments = ("plan", "--env", "dev", "--summary")
    done = iot_dr_here(*arguments, "--quiet", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert too_wide(done.stdout, 80) == []
    assert done.stdout.count("\niot-dev-") == 10
    assert "aws_" not in done.stdout
    assert "\n10 stacks: " in done.stdout


@given(st.lists(st.text("ab  \n", max_size=30)).map(" ".join), st.integers(10, 60))
def test_wrapped_lines_fit_and_keep_every_word(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert lines.split() == text.split()
    assert too_wide(lines, width) == []


def test_a_row_of_a_table_continues_below_its_last_column() -> None:
    assert wrapped("name  what it is and why", 20) == "name  what it is and\n      why"
    assert wrapped("  an item of a list that", 20) == "  an item of a list\n      that"


@pytest.mark.parametrize("document", ['{"a": "' + "word " * 40 + '"}', "[" + "1, " * 60 + "1]"])
def test_json_is_never_wrapped(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "40")
        echo(document)
    assert capsys.readouterr().out == f"{document}\n"


def test_a_file_or_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        echo("word " * 40)
    assert capsys.readouterr().out == f"{'word ' * 40}\n"


@pytest.mark.parametrize(("stream", "longest"), [(Terminal(), 80), (StringIO(), 99)])
def test_paragraphs_fit_the_terminal_and_99_columns_elsewhere(
    stream: StringIO, longest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setattr("sys.stdout", stream)
        lines = filled("word " * 60).splitlines()
    assert longest - len("word ") < max(map(len, lines)) <= longest


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("iot-dr pro", "prove"), ("iot-dr switch a", "away"), ("iot-dr plan --sum", "--summary")],
)
def test_the_shell_completes_commands_and_options(typed: str, completed: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(
        [Path(sys.executable).with_name("iot-dr")],
        env={**plain_environment(), **words, "_IOT_DR_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [completed]


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--out"),
        ("apply", "--plans"),
        ("apply", "--plans", "plans", "--review"),
        ("review", "--plans"),
        ("comment", "--body"),
        ("check",),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_refused(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words, "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "must not be empty; expected a path" in " ".join(done.stderr.split())


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_planned(
    tmp_path: Path, below: str
) -> None:
    file = tmp_path / "plans"
    file.touch()
    out = file / below
    done = iot_dr_here("plan", "--out", str(out))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--out {out}: is not a folder; expected a folder or a new path\n"


@pytest.mark.usefixtures("lent")
def test_plans_that_cannot_be_kept_are_reported_with_the_option(tmp_path: Path) -> None:
    out = tmp_path / "plans"
    (out / "manifest.json").mkdir(parents=True)
    done = iot_dr_here("plan", "--wave", "1", "--out", str(out), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    planned, line = done.stderr.splitlines()
    assert planned.startswith("iot-dev-state: ")
    assert line == f"--out {out}: the plans cannot be kept: Is a directory"


def test_each_output_is_shown_once_with_its_readers_in_80_columns() -> None:
    zone = "staging/iot-staging-hosted-zone.tfstate"
    readers = (f"iot-staging-iot-{each}" for each in ("eu-west-1", "eu-central-1", "eu-north-1"))
    handed = [
        *(HandOver(output="zone_id", key=zone, value="Z1", consumer=each) for each in readers),
        HandOver(
            output="certificate_arn",
            key=zone,
            value="arn:" + "a" * 90,
            consumer="iot-staging-iot-eu-west-1",
        ),
    ]
    assert handed_over_text(handed).splitlines() == [
        "iot-staging-hosted-zone: zone_id",
        "  Z1",
        "  read by iot-staging-iot-eu-west-1, iot-staging-iot-eu-central-1,",
        "    iot-staging-iot-eu-north-1",
        "iot-staging-hosted-zone: certificate_arn",
        "  arn:" + "a" * 90,
        "  read by iot-staging-iot-eu-west-1",
    ]
