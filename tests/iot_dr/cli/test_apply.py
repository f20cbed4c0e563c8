import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from iot_dr.cli.apply import ApplyReport
from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.regular_file import KeptFile
from iot_dr.delivery.apply.plan_folder import manifest_in
from iot_dr.delivery.pipeline.variables import digest_of_plans_and_review
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, sha256
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.json_output import result_of

STACK = "iot-dev-state"


def plans(folder: Path, provider: Literal["standin", "aws"]) -> Path:
    """Keep what looks like the plan of the first wave."""
    folder.mkdir()
    for ending in ("tfplan", "json"):
        (folder / f"{STACK}.{ending}").write_bytes(b"{}")
    digest = sha256(b"{}")
    stack = PlannedStack(
        name=STACK,
        what="state",
        region="eu-west-1",
        role=None,
        wave=1,
        status="planned",
        plan_sha256=digest,
        json_sha256=digest,
    )
    made = PlanManifest(
        format=1, environment="dev", provider=provider, wave=1, base=None, stacks=(stack,)
    )
    (folder / MANIFEST).write_bytes(made.encoded())
    return folder


def test_real_plans_are_applied_only_when_somebody_agrees(tmp_path: Path) -> None:
    made = plans(tmp_path / "plans", "aws")
    done = iot_dr_here("apply", "--plans", str(made), "--provider", "aws")
    assert (done.returncode, done.stdout) == (2, "")
    assert "dev would be changed by these plans, but confirmation needs a terminal" in done.stderr
    assert "pass --yes" in done.stderr


def test_the_provider_is_the_one_of_the_environment_unless_named(tmp_path: Path) -> None:
    made = plans(tmp_path / "plans", "aws")
    done = iot_dr_here("apply", "--plans", str(made))
    assert done.returncode == 2
    assert "made with PROVIDER=aws; expected PROVIDER=standin" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("{", "must be a review in JSON"),
        ("{}", "must be a review in JSON"),
    ],
)
def test_a_review_that_is_none_is_refused_before_anything_begins(
    tmp_path: Path, content: str | None, said: str
) -> None:
    made, file = plans(tmp_path / "plans", "standin"), tmp_path / "review.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = iot_dr_here("apply", "--plans", str(made), "--review", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"review.json: {said}" in done.stderr


def test_a_wave_that_the_plans_are_not_of_is_refused(tmp_path: Path) -> None:
    made = plans(tmp_path / "plans", "standin")
    done = iot_dr_here("apply", "--plans", str(made), "--wave", "2")
    assert done.returncode == 2
    assert "contains plans of wave 1; expected wave 2" in done.stderr
    done = iot_dr_here("apply", "--plans", str(made), "--wave", "99")
    assert (done.returncode, done.stderr) == (2, "--wave 99: there are waves 1 to 5\n")


def test_a_folder_without_plans_is_reported_how_to_come_by_them(tmp_path: Path) -> None:
    done = iot_dr_here("apply", "--plans", str(tmp_path), cwd=ROOT)
    assert done.returncode == 2
    assert "make the plans with `iot-dr plan --out`" in done.stderr


def test_a_failed_apply_is_reported_for_people_and_for_machines(tmp_path: Path) -> None:
    made = plans(tmp_path / "plans", "standin")
    done = iot_dr_here("apply", "--plans", str(made), "--json", cwd=tmp_path)
    assert done.returncode == 1
    (stack,) = result_of(done.stdout)["stacks"]
    assert (stack["name"], stack["status"]) == (STACK, "failed")
    assert f"{STACK}: its plan file is not of a stack of this platform" in done.stderr


def test_other_plans_than_the_approved_ones_are_refused_before_anything_begins(
    tmp_path: Path,
) -> None:
    made, file = plans(tmp_path / "plans", "standin"), tmp_path / "review.json"
    file.write_text("{}", encoding="utf-8")
    named = ("apply", "--plans", str(made), "--plans-sha256", "0" * 64)
    done = iot_dr_here(*named, "--review", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "are not what was planned and approved" in done.stderr
    assert "plan and review again" in done.stderr
    done = iot_dr_here(*named)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "--plans-sha256: covers plans and their review; give the review with --review"
        in done.stderr
    )


# Prints the name of each file that the command opens.
_SHOWING_OPENED = """
import os, sys
def show(event, values):
    if event == "open" and isinstance(values[0], (str, os.PathLike)):
        print(os.path.basename(values[0]))
sys.addaudithook(show)
from iot_dr.command import main
main()
"""


def test_manifest_and_review_are_read_once_so_that_what_was_checked_is_used(
    tmp_path: Path,
) -> None:
    made, file = plans(tmp_path / "plans", "standin"), tmp_path / "review.json"
    file.write_text('{"environment": "dev", "provider": null, "stacks": []}', encoding="utf-8")
    digest = digest_of_plans_and_review(manifest_in(made), KeptFile.read(file))
    options = ["--plans", str(made), "--review", str(file), "--plans-sha256", digest]
    done = subprocess.run(
        [sys.executable, "-c", _SHOWING_OPENED, "apply", *options],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{STACK}.json: is JSON, but not Terraform's" in done.stderr
    opened = done.stdout.splitlines()
    assert (opened.count(MANIFEST), opened.count(file.name)) == (1, 1)


@pytest.mark.parametrize(
    ("provider", "message"), [("standin", "STAND-IN"), ("aws", "in account 111111111111.")]
)
def test_the_provider_is_reported_first(
    tmp_path: Path, provider: Literal["standin", "aws"], message: str
) -> None:
    made = plans(tmp_path / "plans", provider)
    # An AWS that is this machine is refused before anything is asked of it.
    here = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    words = ("apply", "--plans", str(made), "--provider", provider, "--yes")
    done = iot_dr_here(*words, cwd=tmp_path, **here)
    assert done.returncode != 0
    first, *_ = done.stdout.splitlines()
    assert first.startswith("Provider: ")
    assert message in first


def test_the_first_wave_of_a_pipeline_is_named_as_any_other() -> None:
    assert ApplyReport("dev", 0, [], 1).text() == "dev: wave 0, 0 of 0 stacks applied in 1.0 s"
    assert ApplyReport("dev", None, [], 1).text() == "dev: 0 of 0 stacks applied in 1.0 s"
