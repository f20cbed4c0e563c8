"""The journal of the stacks while cdktf runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.cli.outcomes import StackProgress
from iot_dr.delivery.deploy.journal import (
    Journal,
    colourless,
    printed_changes,
    printed_diagnostics,
    printed_output_changes,
)
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Done, Failed, Waiting
from iot_dr.terraform_json.change import Action, PlannedAction
from stacks.graph import StackNode

OUTPUT = """\
\x1b[1maws_sns_topic.alarms: Refreshing state... [id=arn]\x1b[0m
\x1b[1m  # aws_sns_topic.drifted\x1b[0m has changed

Terraform will perform the following actions:

\x1b[1m  # data.aws_caller_identity.me\x1b[0m will be read during apply
\x1b[1m  # aws_a.new["a b"]\x1b[0m will be created
\x1b[0m  \x1b[32m+\x1b[0m\x1b[0m resource "aws_a" "new" {
      + text = <<-EOT
            # aws_a.within will be created
        EOT
    }
\x1b[1m  # aws_b.changed\x1b[0m will be updated in-place
\x1b[1m  # aws_c.other\x1b[0m must be \x1b[1m\x1b[31mreplaced\x1b[0m
\x1b[1m  # aws_c.tainted\x1b[0m is tainted, so must be \x1b[1m\x1b[31mreplaced\x1b[0m
\x1b[1m  # aws_c.asked\x1b[0m will be \x1b[1m\x1b[31mreplaced\x1b[0m, as requested
\x1b[1m  # aws_d.gone\x1b[0m will be \x1b[1m\x1b[31mdestroyed\x1b[0m
  # (because aws_d.gone is not in configuration)
\x1b[1m  # aws_d.left (deposed object 0a1b2c3d)\x1b[0m will be \x1b[1m\x1b[31mdestroyed\x1b[0m
\x1b[1m # aws_e.kept\x1b[0m will no longer be managed by Terraform, but will not be destroyed
\x1b[1m  # aws_f.kept\x1b[0m will be removed from the OpenTofu state but will not be destroyed

Plan: 4 to add, 1 to change, 5 to destroy.

Changes to Outputs:
  \x1b[32m+\x1b[0m zone_id = (known after apply)
  ~ checks  = {
      + deep = "1"
    }
  - former  = "x" -> null
\x1b[0m\x1b[1maws_d.gone: Destroying...\x1b[0m
"""
WARNING = """\
╷
│ Warning: Deprecated attribute
│
│   with aws_b.changed,
│   on cdk.tf.json line 12, in resource.aws_b.changed:
│   12:         "old": "x"
│
│ Use another one.
│
│ (and one more similar warning elsewhere)
╵
"""


def test_every_kind_of_change_is_read_in_terraforms_order() -> None:
    assert printed_changes(colourless(OUTPUT)) == (
        PlannedAction('aws_a.new["a b"]', Action.CREATE),
        PlannedAction("aws_b.changed", Action.UPDATE),
        PlannedAction("aws_c.other", Action.REPLACE),
        PlannedAction("aws_c.tainted", Action.REPLACE),
        PlannedAction("aws_c.asked", Action.REPLACE),
        PlannedAction("aws_d.gone", Action.DESTROY),
        PlannedAction("aws_d.left", Action.DESTROY),
        PlannedAction("aws_e.kept", Action.FORGET),
        PlannedAction("aws_f.kept", Action.FORGET),
    )


def test_outputs_are_read_and_not_what_is_within_their_values() -> None:
    assert printed_output_changes(colourless(OUTPUT)) == (
        PlannedAction("output.zone_id", Action.CREATE),
        PlannedAction("output.checks", Action.UPDATE),
        PlannedAction("output.former", Action.DESTROY),
    )


def test_nothing_is_made_up_where_nothing_changes() -> None:
    no_changes = "No changes. Your infrastructure matches the configuration.\n"
    assert (
        printed_changes(no_changes)
        == printed_output_changes(no_changes)
        == printed_diagnostics(no_changes)
        == ()
    )


def test_a_warning_of_the_plan_and_of_the_apply_is_one_and_whole() -> None:
    (warning,) = printed_diagnostics(f"{WARNING}\naws_b.changed: Modifying...\n{WARNING}")
    assert (warning.severity, warning.address) == ("warning", "aws_b.changed")
    assert str(warning).splitlines() == [
        "Warning: Deprecated attribute",
        "  on aws_b.changed",
        "  on cdk.tf.json line 12, in resource.aws_b.changed:",
        '  12:         "old": "x"',
        "",
        "Use another one.",
        "",
        "(and one more similar warning elsewhere)",
    ]


@pytest.mark.parametrize("address", ["", "│   with aws_b.changed,\n"])
def test_errors_stand_by_themselves(address: str) -> None:
    box = "╷\n│ Error: {}\n│ \n{}│   on cdk.tf.json line 1:\n│ \n│ refused\n╵\n"
    diagnostics = printed_diagnostics(box.format("first", address) + box.format("second", address))
    assert [(each.severity, each.summary) for each in diagnostics] == [
        ("error", "first"),
        ("error", "second"),
    ]
    assert all(each.detail.endswith("\n\nrefused") for each in diagnostics)


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
        yield Journal(folder=runs, nodes=nodes, log=log, progress=StackProgress(nodes))


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
