"""Terraform's output for people, of which the table of a deploy is made."""

import pytest

from iot_dr.delivery.deploy.printed_apply import (
    colourless,
    printed_changes,
    printed_diagnostics,
    printed_output_changes,
)
from iot_dr.terraform_json.change import Action, Change

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
        Change('aws_a.new["a b"]', Action.CREATE),
        Change("aws_b.changed", Action.UPDATE),
        Change("aws_c.other", Action.REPLACE),
        Change("aws_c.tainted", Action.REPLACE),
        Change("aws_c.asked", Action.REPLACE),
        Change("aws_d.gone", Action.DESTROY),
        Change("aws_d.left", Action.DESTROY),
        Change("aws_e.kept", Action.FORGET),
    )


def test_outputs_are_read_and_not_what_is_within_their_values() -> None:
    assert printed_output_changes(colourless(OUTPUT)) == (
        Change("output.zone_id", Action.CREATE),
        Change("output.checks", Action.UPDATE),
        Change("output.former", Action.DESTROY),
    )


def test_nothing_is_made_up_where_nothing_changes() -> None:
    told = "No changes. Your infrastructure matches the configuration.\n"
    assert printed_changes(told) == printed_output_changes(told) == printed_diagnostics(told) == ()


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
    found = printed_diagnostics(box.format("first", address) + box.format("second", address))
    assert [(each.severity, each.summary) for each in found] == [
        ("error", "first"),
        ("error", "second"),
    ]
    assert all(each.detail.endswith("\n\nrefused") for each in found)
