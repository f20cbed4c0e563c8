"""`iot-dr plan` as a user runs it, on a copy of this project; mostly in a process of its own."""

import json
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from iot_dr.common.output_folder import MANIFEST
from iot_dr.terraform_json.plan_manifest import PlanManifest, sha256
from tests.support.command import ROOT, iot_dr, iot_dr_here, plain_environment
from tests.support.json_output import result_of
from tests.support.processes import marked
from tests.support.project import Project
from tests.support.settings import REGIONS

DEV = [
    *("iot-dev-state", "iot-dev-hosted-zone", "iot-dev-iot-eu-west-1"),
    *("iot-dev-iot-eu-central-1", "iot-dev-entry-point"),
]
WAVES = (1, 2, 4, 3, 5)
REGISTRY = ("telemetry", "device-registry")
DEADLINE = 60.0
SYNTHESIZE_BASE = """\
from pathlib import Path
from iot_dr.delivery.base import synthesize_base
print(*synthesize_base("HEAD", "dev", Path("base")).graph.nodes)
"""


def run(
    *arguments: str, scratch: Path, code: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[str]:
    scratch.mkdir(exist_ok=True)
    led = {"PYTHONPATH": str(code), "TMPDIR": str(scratch), **env}
    return iot_dr("plan", *arguments, cwd=code, **led)


@pytest.fixture
def clone(tmp_path: Path) -> Project:
    """A repository with one commit of this project's code."""
    return Project.copy(tmp_path / "clone")


def test_a_plan_shows_every_stack_and_keeps_its_files_for_the_owner_alone(
    clone: Project, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    options = ("--env", "dev", "--out", str(kept), "--detailed-exitcode")
    done = run(*options, code=clone.folder, scratch=tmp_path / "scratch")
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("Provider: STAND-IN for hashicorp/aws.")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("iot-dev-")] == DEV
    assert sorted(done.stderr.splitlines()) == sorted(f"{stack}: planned" for stack in DEV)
    assert "  + aws_route53_zone.zone" in done.stdout
    assert "5 stacks: " in lines[-1]
    manifest = PlanManifest.read(kept)
    assert manifest is not None
    assert [(each.name, each.wave, each.status) for each in manifest.stacks] == [
        (stack, wave, "planned") for stack, wave in zip(DEV, WAVES, strict=True)
    ]
    assert (manifest.environment, manifest.provider) == ("dev", "standin")
    assert manifest.base is None
    for stack in manifest.stacks:
        assert stack.plan_sha256 == sha256((kept / f"{stack.name}.tfplan").read_bytes())
        assert stack.json_sha256 == sha256((kept / f"{stack.name}.json").read_bytes())
    names = {f"{stack}{ending}" for stack in DEV for ending in (".tfplan", ".json")}
    names.add(MANIFEST)
    assert {path.name for path in kept.iterdir()} == names
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    policy = planned(kept, "iot-dev-iot-eu-west-1", "aws_iot_policy.device")["policy"]
    assert policy not in done.stdout + done.stderr
    assert list((tmp_path / "scratch").iterdir()) == []


def planned(kept: Path, stack: str, address: str) -> dict[str, Any]:
    document = json.loads((kept / f"{stack}.json").read_text(encoding="utf-8"))
    changes = {each["address"]: each["change"] for each in document["resource_changes"]}
    return changes[address]["after"]


@pytest.mark.usefixtures("lent")
@pytest.mark.exhaustive
def test_a_change_is_shown_against_its_base_only_and_no_change_as_none(clone: Project) -> None:
    clone.edit("environments/dev.yaml", "ttl: 60", "ttl: 30")
    clone.commit()
    command = "iot-dr plan --json --detailed-exitcode --base"
    changed = clone.try_here(f"{command} HEAD~1")
    assert changed.returncode == 2, changed.stderr
    report = result_of(changed.stdout)
    assert report["provider"] == "standin"
    assert [stack["name"] for stack in report["stacks"]] == DEV
    changes = [change for stack in report["stacks"] for change in stack["changes"]]
    assert {change["action"] for change in changes} == {"update"}
    assert {change["address"] for change in changes} == {
        "aws_lambda_function.watcher_eu_central_1",
        "aws_route53_record.regional_name",
        "aws_route53_record.failover_1_primary",
        "aws_route53_record.failover_1_secondary",
    }
    same = clone.try_here(f"{command} HEAD")
    assert same.returncode == 0, same.stderr
    assert [stack["changes"] for stack in result_of(same.stdout)["stacks"]] == [[]] * len(DEV)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--env", "staging"), "staging: no provider is selected"),
        (("--provider", "azure"), "unknown provider 'azure'; expected PROVIDER=standin or"),
        (("--base", "--upload-pack=x"), "must be the name of a commit"),
        (("--base", "no-such-commit"), "--base no-such-commit: "),
        (("--provider", "aws", "--base", "HEAD"), "--base is for the stand-in"),
        (("--wave", "1", "--base", "HEAD"), "--base is not for --wave"),
    ],
    ids=[
        *("no provider", "unknown provider", "option for a base", "unknown base"),
        *("base and aws", "base and wave"),
    ],
)
def test_nonsensical_arguments_are_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = iot_dr_here("plan", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_failed_stack_is_reported_and_the_status_is_1(clone: Project, tmp_path: Path) -> None:
    clone.edit("modules/canary.py", 'statistic="Maximum"', 'statistic="Maxim"')
    done = run("--detailed-exitcode", code=clone.folder, scratch=tmp_path / "scratch")
    assert done.returncode == 1
    assert "expected statistic to be one of" in done.stderr
    assert "aws_cloudwatch_metric_alarm.canary" in done.stderr
    assert "iot-dev-iot-eu-west-1 (iot-dev-iot-eu-west-1/canary/" in done.stderr
    assert "iot-dev-entry-point: not started, waits for" in done.stderr
    assert "iot-dev-hosted-zone (eu-west-1, global): " in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.exhaustive)],
)
def test_a_signal_ends_the_plan_and_all_that_it_started(
    clone: Project, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    led = {"PYTHONPATH": str(clone.folder), "TMPDIR": str(scratch)}
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "plan"],
        cwd=clone.folder,
        env={**plain_environment(), **led},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        assert select.select([process.stderr], [], [], DEADLINE)[0]
        process.send_signal(number)
        printed, stderr = process.communicate(timeout=DEADLINE)
    assert process.returncode == status, stderr
    assert printed == b""
    assert b"Traceback" not in stderr
    end = time.monotonic() + DEADLINE
    while left := marked("TMPDIR", str(scratch)):
        assert time.monotonic() < end, left
        time.sleep(0.02)
    assert list(scratch.iterdir()) == []


@pytest.mark.exhaustive
def test_the_ca_of_devices_may_be_in_any_folder_of_the_base(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "data")
    provisioning = "provisioning: { method: just-in-time, ca_certificate: docs/ca.pem }"
    project.edit("environments/dev.yaml", "stream_shards: 1", f"stream_shards: 1, {provisioning}")
    (project.folder / "docs").mkdir()
    shutil.copy(ROOT / "tests/support/device_ca.pem", project.folder / "docs/ca.pem")
    project.run("git add docs")
    project.commit()
    assert "iot-dev-data" in project.run(shlex.join([sys.executable, "-c", SYNTHESIZE_BASE]))


@pytest.mark.usefixtures("lent")
@pytest.mark.exhaustive
def test_a_plan_with_the_stand_in_reads_copies_of_global_states(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "clone")
    done = project.try_here("iot-dr plan --json", HANDOVER_REGION="eu-central-1")
    assert done.returncode == 0, done.stderr
    stacks = result_of(done.stdout)["stacks"]
    assert [each["name"] for each in stacks] == DEV
    assert {each.get("status", "planned") for each in stacks} == {"planned"}


@pytest.mark.usefixtures("lent")
@pytest.mark.exhaustive
def test_stacks_that_only_the_base_has_are_named(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "clone", "data")
    project.edit("environments/dev.yaml", "data: {", "# data: {")
    done = project.try_here("iot-dr plan --base HEAD --json --detailed-exitcode")
    assert done.returncode == 2, done.stderr
    kinds = ("data", *(f"{what}-{each}" for each in REGIONS[:2] for what in REGISTRY))
    report = result_of(done.stdout)
    assert {each["name"] for each in report["dropped"]} == {f"iot-dev-{kind}" for kind in kinds}
    assert not {each["name"] for each in report["dropped"]} & {
        each["name"] for each in report["stacks"]
    }


@pytest.mark.usefixtures("lent")
@pytest.mark.exhaustive
@pytest.mark.parametrize("blocks", [(), ("pipeline",)])
def test_a_change_of_primary_is_shown_against_the_base_in_the_entry_point_and_pipelines_alone(
    tmp_path: Path, blocks: tuple[str, ...]
) -> None:
    project = Project.copy(tmp_path / "clone", *blocks)
    result = project.here("iot-dr plan --base HEAD --json", PRIMARY_REGION="eu-central-1")
    stacks = result_of(result)["stacks"]
    changes = {each["name"]: each["changes"] for each in stacks if each["changes"]}
    *pipelines, entry_point = changes
    assert (entry_point, pipelines) == (
        "iot-dev-entry-point",
        [f"iot-dev-{block}-{region}" for block in blocks for region in REGIONS[:2]],
    )
    for stack in pipelines:
        assert [each["address"] for each in changes[stack]] == ["aws_codepipeline.pipeline"]
    *resources, output = changes["iot-dev-entry-point"]
    assert output["address"] == "output.primary_region"
    for change in resources:
        is_record = change["address"].startswith("aws_route53_record.")
        # The watcher moves to the new first standby.
        assert is_record == ("watcher" not in change["address"])
        assert (change["action"] == "update") == is_record


def test_a_plan_folder_that_is_a_file_is_reported_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = iot_dr_here("plan", "--out", str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "file") in done.stderr
    assert "Traceback" not in done.stderr
