"""What is read from Terraform's output: diagnostics, its progress, and the full log of a run."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.diagnostic import TerraformError, diagnostics_in, init_diagnostics
from iot_dr.terraform.json_lines import messages_in, unfinished_in
from iot_dr.terraform.run_log import RunLog

MODULE = {
    "severity": "error",
    "summary": "Error accessing remote module registry",
    "detail": 'Failed to retrieve available versions for module "audit" (cdk.tf.json:32) from'
    " registry.terraform.io: failed to request discovery document: no such host.",
    "range": {"filename": "cdk.tf.json", "start": {"line": 32}},
}
NEEDS_NETWORK = (
    "Error: cdk.tf.json:32: module audit: its source cannot be read; it needs the network: copy the"
    " module into the project, and name its folder"
)
NOT_IN_STANDIN = (
    "Error: the stand-in has no provider hashicorp/random; plan with PROVIDER=aws, or use"
    " hashicorp/aws only"
)
LOCKED = "Error acquiring the state lock"


def error(summary: str, detail: str) -> dict[str, object]:
    return {"severity": "error", "summary": summary, "detail": detail}


def provider(registry: str) -> dict[str, object]:
    detail = f"provider {registry}/hashicorp/random was not found in any of the search locations"
    return error("Failed to query available provider packages", detail)


def lines(*diagnostics: dict[str, object]) -> str:
    return "\n".join(json.dumps({"diagnostic": diagnostic}) for diagnostic in diagnostics)


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        (MODULE, NEEDS_NETWORK),
        (provider("registry.terraform.io"), NOT_IN_STANDIN),
        (provider("registry.opentofu.org"), NOT_IN_STANDIN),
        (error("Not initialized", "Run init."), "Error: Not initialized\nRun init."),
        (error(LOCKED, "By me\n\nTerraform acquires a state lock"), f"Error: {LOCKED}\nBy me"),
        (error(LOCKED, "By me\n\nOpenTofu acquires a state lock"), f"Error: {LOCKED}\nBy me"),
    ],
)
def test_a_missing_source_has_its_remedy_and_a_lock_no_advice_to_go_without(
    diagnostic: dict[str, object], expected: str
) -> None:
    (read,) = init_diagnostics(lines(diagnostic))
    assert str(read) == expected
    assert str(TerraformError("init", 1, (read,), "")).endswith(expected)


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


def test_the_log_is_its_owners_alone_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deploy.log"
    for number in range(3):
        printed: list[str] = []
        with RunLog(path).announced(printed.append) as log:
            log.write(f"run {number}")
        assert printed == [f"The full log: {path}"]
    assert path.read_text() == "run 2\n"
    assert path.with_name("deploy.log.1").read_text() == "run 1\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_logged_is_in_the_file_while_the_run_goes_on(tmp_path: Path) -> None:
    with RunLog(tmp_path / "up.log").announced(lambda _: None) as log:
        log.write("a line")
        assert (tmp_path / "up.log").read_text() == "a line\n"


def test_a_run_that_logs_nothing_leaves_the_log_before_and_names_none(tmp_path: Path) -> None:
    printed: list[str] = []
    with RunLog(tmp_path / "up.log").announced(printed.append):
        pass
    assert printed == []
    assert list(tmp_path.iterdir()) == []


def test_messages_for_machines_are_text_and_what_holds_secrets_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "up.log"
    error = """{"@message": "Error: refused", "diagnostic": {"detail": "by AWS"}}"""
    with RunLog(path).announced(lambda _: None) as log:
        log.note(
            "iot-dev-state", "apply", f"""{{"@message": "zone: Creating..."}}\nplain\n{error}"""
        )
        log.note("iot-dev-state", "show", "a secret")
        log.note("iot-dev-state", "output", "a secret")
    head, *lines = path.read_text().strip().splitlines()
    assert head.startswith("== iot-dev-state: terraform apply, ended ")
    assert lines == ["zone: Creating...", "plain", "Error: refused", "by AWS"]


def test_a_log_that_cannot_be_written_does_not_end_the_run_and_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "file" / "deploy.log"
    (tmp_path / "file").write_text("")
    printed: list[str] = []
    with RunLog(path).announced(printed.append) as log:
        log.write("a line")
    assert printed == [f"The full log: {path} (not whole: Not a directory)"]
