"""`iot-dr review` without a place for its output, with wrong paths, and with plans of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iot_dr.cli.review import planned_review, show
from iot_dr.common.output_folder import MANIFEST
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, sha256
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.support.command import iot_dr_here, plain_environment
from tests.support.plan_parts import create, document, update
from tests.support.settings import settings

KEPT = {"review.json", "review.html", "review.md"}
# The text is written to `sys.stdout`, and all others to its buffer by the same lines.
FORMATS = [
    *("terminal", "html"),
    *(pytest.param(name, marks=pytest.mark.exhaustive) for name in ("markdown", "json")),
]
TRACES = ("Traceback", "Exception ignored")
SECRET = "correct-horse-battery"
ERROR = f"terraform plan failed\n\nError: no user {SECRET}\x1b[31m"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "iot.json"
    changes = [update("aws_x.y", {"name": "cafe"}, {"name": "caf\u00e9"})]
    file.write_text(json.dumps(document(resource_changes=changes)), encoding="utf-8")
    return file


def review(
    *arguments: object, redirected: str = "", stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run it beneath a shell that redirects; stderr must show no traceback."""
    done = subprocess.run(
        [
            *("/bin/sh", "-c", f'exec "$@" {redirected}', "sh"),
            *(sys.executable, "-m", "iot_dr", "review", *map(str, arguments)),
        ],
        env={**plain_environment(), **variables},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert not [each for each in TRACES if each in done.stderr], done.stderr
    return done


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.mark.parametrize("format_", FORMATS)
def test_files_are_written_although_stdouts_disk_is_full(
    plan: Path, tmp_path: Path, format_: str
) -> None:
    out = tmp_path / "out"
    done = review("--plans", plan, "--out", out, "--format", format_, redirected="> /dev/full")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert names(out) == KEPT


@pytest.mark.parametrize("format_", FORMATS)
def test_files_are_written_although_nobody_reads_stdout(
    plan: Path, tmp_path: Path, format_: str
) -> None:
    out = tmp_path / "out"
    reading, writing = os.pipe()
    os.close(reading)
    done = review("--plans", plan, "--out", out, "--format", format_, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
    assert names(out) == KEPT


@pytest.mark.parametrize("format_", FORMATS)
def test_a_closed_stdout_is_not_an_error(plan: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / "out"
    done = review("--plans", plan, "--out", out, "--format", format_, redirected=">&-")
    assert done.returncode == 0, done.stderr
    assert names(out) == KEPT


@pytest.mark.parametrize(
    "redirected",
    [
        "<&- >&- 2>&-",
        *(pytest.param(each, marks=pytest.mark.exhaustive) for each in ("2>&-", ">&- 2>&-")),
    ],
)
def test_an_error_has_its_status_without_stderr(tmp_path: Path, redirected: str) -> None:
    done = review("--plans", tmp_path / "nowhere.json", redirected=redirected)
    assert (done.returncode, done.stdout) == (2, "")


def test_closed_stdin_is_reported() -> None:
    done = review("--plans", "-", redirected="<&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input: closed; pipe a plan into it, or name a file" in done.stderr


def test_characters_outside_the_encoding_are_escaped(plan: Path) -> None:
    done = review("--plans", plan, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert r"caf\xe9" in done.stdout


def refused(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run it in this process; it must refuse its arguments."""
    done = iot_dr_here("review", *map(str, arguments))
    assert (done.returncode, done.stdout) == (2, "")
    return done


@pytest.mark.parametrize("option", ["--plans", "--out", "--shown"])
def test_an_empty_path_is_rejected(plan: Path, option: str) -> None:
    done = refused("--plans", plan, option, "")
    message = " ".join(done.stderr.split())
    assert option in message
    assert "must not be empty; expected a path" in message


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_as_out_folder_is_rejected_first(plan: Path, below: str) -> None:
    done = refused("--plans", plan.parent / "nowhere", "--out", plan / below)
    assert (
        done.stderr == f"--out {plan / below}: is not a folder; expected a folder or a new path\n"
    )


def test_an_unwritable_out_folder_is_rejected_first(plan: Path) -> None:
    folder = plan.parent / ("x" * 300)
    done = refused("--plans", plan, "--out", folder)
    assert done.stderr == f"--out {folder}: cannot be written: File name too long\n"


def stack(name: str, **more: Any) -> PlannedStack:
    return PlannedStack(name=name, what="x", region="eu-west-1", role=None, wave=1, **more)


def half_planned(folder: Path) -> None:
    """Plan one stack with a secret, and fail with it in another."""
    done, failed, *_ = platform_graph(settings()).nodes
    plan = json.dumps(document(resource_changes=[create("aws_x.y", {"p": SECRET}, {"p": True})]))
    (folder / f"{done.name}.json").write_text(plan, encoding="utf-8")
    (folder / f"{done.name}.tfplan").write_bytes(b"")
    hashes = {"plan_sha256": sha256(b""), "json_sha256": sha256(plan.encode())}
    stacks = (
        stack(done.name, status="planned", **hashes),
        stack(failed.name, status="failed", error=ERROR),
    )
    manifest = PlanManifest(
        format=1, environment="dev", provider="standin", wave=None, base=None, stacks=stacks
    )
    (folder / MANIFEST).write_bytes(manifest.encoded())


def test_terraforms_error_is_printed_without_secrets(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    with planned_review(settings(), Provider.STANDIN, None, half_planned) as result:
        show(result, "markdown")
    out, err = (each.decode() for each in capfdbinary.readouterr())
    assert SECRET not in out + err
    assert "Error: no user (sensitive)" in err
    assert "Error: no user (sensitive)" in out
    assert "\x1b" not in out + err


def test_columns_sets_the_width_of_a_review_in_a_pipe(plan: Path) -> None:
    wide = iot_dr_here("review", "--plans", str(plan))
    narrow = iot_dr_here("review", "--plans", str(plan), COLUMNS="40")
    assert 40 < max(map(len, wide.stdout.splitlines())) <= 100
    assert 20 < max(map(len, narrow.stdout.splitlines())) <= 40
    assert narrow.stdout.split() == wide.stdout.split()
