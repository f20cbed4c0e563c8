"""What is told of the stacks while cdktf runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.cli.progress import Progress
from iot_dr.delivery.deploy.journal import Journal
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Done, Failed, Waiting
from stacks.graph import StackNode

ZONE, REGION = (
    StackNode(name=name, what="iot", region="eu-west-1", role=None, depends_on=())
    for name in ("iot-dev-zone", "iot-dev-region")
)
PLAN = "  # aws_a.b will be created\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def journal(runs: Path, tmp_path: Path) -> Iterator[Journal]:
    nodes = (ZONE, REGION)
    with RunLog(tmp_path / "log").announced(lambda _: None) as log:
        yield Journal(folder=runs, nodes=nodes, log=log, progress=Progress(nodes))


def test_a_stack_is_reported_as_its_apply_ends_and_its_output_is_in_the_log(
    journal: Journal, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / f"{ZONE.name}.init.0").write_text("Initializing\n")
    (runs / f"{ZONE.name}.apply").write_text(PLAN)
    journal.line("a line of cdktf")
    assert capsys.readouterr().err == ""
    (runs / f"{ZONE.name}.apply").rename(runs / f"{ZONE.name}.apply.0")
    journal.line("another one")
    assert capsys.readouterr().err == f"{ZONE.name}: 1 to create\n"
    done, waiting = journal.outcomes
    assert isinstance(done, Done)
    assert isinstance(waiting, Waiting)
    assert list(runs.iterdir()) == []
    log = (tmp_path / "log").read_text()
    assert log.index("a line of cdktf") < log.index("Initializing") < log.index("Plan: 1 to add")


def test_what_ended_after_cdktf_had_gone_is_reported_too(journal: Journal, runs: Path) -> None:
    (runs / f"{ZONE.name}.apply.0").write_text(PLAN)
    journal.close()
    assert isinstance(journal.outcomes[0], Done)


# With the launcher's program, or by itself, which that program notes.
@pytest.mark.parametrize("status", ["", ".137"])
def test_a_killed_terraform_is_a_failure_with_what_it_printed_at_last(
    journal: Journal, runs: Path, status: str
) -> None:
    (runs / f"{ZONE.name}.apply{status}").write_text(f"{PLAN}aws_a.b: Creating...\n")
    journal.close()
    failed, waiting = journal.outcomes
    assert isinstance(failed, Failed)
    assert "it was killed" in str(failed.error)
    assert "aws_a.b: Creating..." in str(failed.error)
    assert journal.killed == [ZONE.name]
    assert waiting == Waiting(node=REGION, waits_for=(ZONE.name,))


def test_a_failure_without_an_error_is_shown_by_its_last_lines(
    journal: Journal, runs: Path
) -> None:
    (runs / f"{ZONE.name}.init.2").write_text("panic: out of memory\n")
    journal.line("")
    (failed, _) = journal.outcomes
    assert isinstance(failed, Failed)
    assert str(failed.error) == "terraform init failed (2)\n\npanic: out of memory"


def test_where_terraform_never_ran_the_stacks_wait_for_cdktf(journal: Journal) -> None:
    journal.line("Error: cdktf is broken")
    assert journal.outcomes == [Waiting(node=each, waits_for=("cdktf",)) for each in (ZONE, REGION)]
    assert journal.last_lines == "Error: cdktf is broken"


def test_warnings_are_kept_with_their_stack(journal: Journal, runs: Path) -> None:
    (runs / f"{ZONE.name}.apply.0").write_text("╷\n│ Warning: Deprecated\n│ \n│ Use more.\n╵\n")
    journal.line("")
    assert [(stack, str(each)) for stack, each in journal.warnings] == [
        (ZONE.name, "Warning: Deprecated\nUse more.")
    ]
