"""`python -m tools.benchmarks.design_mutants`: its table, its JSON and its status."""

import json

import pytest

from tools.benchmarks.design_mutants.__main__ import main

# Without device data it has half the stacks.
CORE = ("--settings", "tools/benchmarks/environments/core.yaml")


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code, capsys.readouterr().out


def test_the_table_shows_what_each_stage_decided(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = output(capsys, *CORE, "--sample", "8", "--seed", "3")
    lines = text.splitlines()
    assert lines[0].startswith("core: 8 of ")
    stages = [line.split()[:2] for line in lines[2:] if line][1:4]
    assert stages[0] == ["schema", "8"]
    assert stages[1][0] == "rules"
    assert any(line.startswith("8 harmless changes of ") for line in lines)


def test_json_has_the_reason_of_each_mutant_and_the_status_follows_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, text = output(capsys, *CORE, "--sample", "8", "--seed", "3", "--json")
    mutants, harmless = (json.loads(text)[key] for key in ("mutants", "harmless"))
    assert len(mutants) == 8
    unexplained = [mutant for mutant in mutants if mutant["result"] == "silent"]
    assert status == bool(unexplained)
    assert len(harmless) == 8
    assert {change["result"] for change in harmless} <= {"silent", "warned"}
    assert all(mutant["reason"] for mutant in mutants if mutant not in unexplained)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sample", "0"), "--sample 0: must be 1 or more"),
        (("--drill", "61"), "--drill 61: must be 0 to 60"),
    ],
)
def test_a_wrong_option_is_refused(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


def test_a_mistake_in_the_settings_is_reported_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(("--env", "nowhere"))
    assert "error: " in capsys.readouterr().err
