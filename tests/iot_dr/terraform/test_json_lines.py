"""Terraform's output is read as far as it came."""

import json

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.diagnostic import diagnostics_in
from iot_dr.terraform.json_lines import messages_in, unfinished_in


def hook(kind: str, address: str) -> str:
    return json.dumps({"type": kind, "hook": {"resource": {"addr": address}}})


OUTPUT = "\n".join(
    (
        "Initializing ...",
        hook("refresh_start", "aws_a.a"),
        hook("refresh_complete", "aws_a.a"),
        hook("apply_start", "aws_a.b"),
        hook("apply_start", "aws_a.c"),
        hook("apply_errored", "aws_a.b"),
        json.dumps({"diagnostic": {"severity": "error", "summary": "No"}, "type": "diagnostic"}),
        "[1]",
    )
)


def test_what_was_begun_and_did_not_end_is_named() -> None:
    assert unfinished_in(OUTPUT) == ("aws_a.c",)
    assert unfinished_in("") == ()


@given(st.integers(0, len(OUTPUT)))
def test_output_that_breaks_off_anywhere_is_read_up_to_there(end: int) -> None:
    cut = OUTPUT[:end]
    assert [*messages_in(cut)] == [*messages_in(OUTPUT)][: len([*messages_in(cut)])]
    assert set(unfinished_in(cut)) <= {"aws_a.a", "aws_a.b", "aws_a.c"}
    assert [each.summary for each in diagnostics_in(cut)] in ([], ["No"])
