"""`iot-dr state` as its user runs it, in an empty working folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.iot_dr.cli.test_output import too_wide
from tests.support.command import iot_dr_here, plain_environment
from tests.support.json_output import result_of
from tests.support.project import Project

pytestmark = pytest.mark.usefixtures("lent")

CENTRAL = "eu-central-1"
STACKS = ("iot-dev-state", "iot-dev-hosted-zone", "iot-dev-entry-point")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "iot_dr", "state", *arguments]


def state(
    folder: Path, *arguments: str, answer: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with `answer` for the question it may ask."""
    return iot_dr_here("state", *arguments, cwd=folder, typed=answer, **env)


def put(folder: Path, region: str, name: str, content: object) -> None:
    path = folder / ".sandbox" / "dev" / "s3" / f"example-iot-dev-{region}" / "dev" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A working folder whose sandbox has copies and locks in the standby, and no home."""
    sandbox = tmp_path / ".sandbox" / "dev"
    for stack in STACKS:
        content = {"version": 4, "lineage": "a", "serial": 3, "resources": ()}
        put(tmp_path, CENTRAL, f"{stack}.tfstate", content)
        put(tmp_path, CENTRAL, f"{stack}.tfstate.tflock", {})
    (sandbox / "buckets.json").write_text(json.dumps({f"example-iot-dev-{CENTRAL}": CENTRAL}))
    return tmp_path


def test_init_says_what_it_does_and_where_the_state_ends(tmp_path: Path) -> None:
    made = state(tmp_path, "init", "--provider", "standin")
    assert made.returncode == 0, made.stderr
    assert "iot-dev-state creates the bucket example-iot-dev-eu-central-1" in made.stdout
    place = "s3://example-iot-dev-eu-west-1/dev/iot-dev-state.tfstate"
    assert made.stdout.splitlines()[-1] == f"The state is in {place} (eu-west-1)."
    states = result_of(state(tmp_path, "status", "--json").stdout)["states"]
    shown = next(each for each in states if each["stack"] == "iot-dev-state")
    assert (shown["is_copy"], shown["problem"]) == (False, None)
    assert shown["serial"] > 0


@pytest.mark.exhaustive
def test_a_killed_init_is_repeated_and_ends_well(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("init"),
        cwd=tmp_path,
        env=plain_environment(tmp_path),
        stdout=subprocess.PIPE,
        # Terraform's own process has it too, so that the output ends when the last of them has.
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line.strip().startswith("apply"):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    again = state(tmp_path, "init")
    assert again.returncode == 0, again.stderr
    assert not (tmp_path / ".sandbox" / "dev" / "bootstrap").exists()


def test_where_s3_does_not_answer_init_begins_nothing(tmp_path: Path) -> None:
    result = state(
        tmp_path,
        "init",
        "--provider",
        "aws",
        answer="y\n",
        # A name that resolves nowhere: RFC 2606.
        AWS_ENDPOINT_URL="http://aws.invalid",
        AWS_ACCESS_KEY_ID="none",
        AWS_SECRET_ACCESS_KEY="none",
        XDG_STATE_HOME=str(tmp_path),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert result.returncode == 1
    assert "S3 does not answer" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "iot-dr").exists()


def test_the_real_provider_is_refused_where_aws_is_this_machine(tmp_path: Path) -> None:
    result = state(
        tmp_path, "init", "--provider", "aws", AWS_ENDPOINT_URL="http://127.0.0.1:1", answer="y\n"
    )
    assert result.returncode == 2
    assert result.stderr.startswith("AWS_ENDPOINT_URL=http://127.0.0.1:1: PROVIDER=aws makes real")


def test_another_environment_than_dev_names_its_provider(tmp_path: Path) -> None:
    for name in ("init", "status"):
        result = state(tmp_path, name, "--env", "prod")
        assert result.returncode == 2
        assert result.stderr.startswith("prod: no provider is selected")


def test_without_a_sandbox_status_says_how_to_make_one(tmp_path: Path) -> None:
    result = state(tmp_path, "status")
    assert result.returncode == 1
    assert "iot-dr state init --env dev --provider standin" in result.stderr
    assert "Traceback" not in result.stderr


def test_status_shows_a_home_that_is_gone_and_the_locks_in_the_copy(lost: Path) -> None:
    shown = state(lost, "status")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[0] == "STACK"
    assert lines[1].split() == ["REGION", "KIND", "SERIAL", "LINEAGE", "AGE", "COPY"]
    assert (lines[2], lines[3][-15:]) == ("iot-dev-state", "does not answer")
    assert too_wide("\n".join(line for line in lines if line[:2] == "  "), 80) == []
    assert "example-iot-dev-eu-west-1 (eu-west-1): there is no such bucket" in lines
    assert len([line for line in lines if line.startswith("locked: ")]) == len(STACKS)


def test_a_record_of_abandoned_regions_that_cannot_be_read_hides_no_state(lost: Path) -> None:
    put(lost, "eu-west-1", "abandoned.json", {})
    buckets = {f"example-iot-dev-{region}": region for region in ("eu-west-1", CENTRAL)}
    (lost / ".sandbox" / "dev" / "buckets.json").write_text(json.dumps(buckets))
    shown = state(lost, "status")
    assert shown.returncode == 0, shown.stderr
    assert "abandoned regions: not known: s3://example-iot-dev-eu-west-1/dev/ab" in shown.stdout
    assert "restore its earlier version" in shown.stdout
    result = result_of(state(lost, "status", "--json").stdout)
    assert result["abandoned"] is None
    assert {*STACKS} <= {each["stack"] for each in result["states"]}


def test_no_text_of_a_record_controls_the_terminal(lost: Path) -> None:
    hostile = "eu\x1b[2J"
    region = {"region": hostile, "since": hostile, "who": hostile, "serial": 1, "resources": {}}
    put(lost, "eu-west-1", "abandoned.json", {"regions": [region]})
    buckets = {f"example-iot-dev-{region}": region for region in ("eu-west-1", CENTRAL)}
    (lost / ".sandbox" / "dev" / "buckets.json").write_text(json.dumps(buckets))
    shown = state(lost, "status")
    assert shown.returncode == 0, shown.stderr
    assert "abandoned: eu\\u001b[2J at eu\\u001b[2J by eu\\u001b[2J: 0 res" in shown.stdout
    fence = {"owner_region": hostile, "owner_bucket": "b", "former_bucket": "a", "keys": []}
    put(lost, CENTRAL, "promoted.json", {**fence, "since": "2026-01-02T03:04:05+00:00"})
    refused = state(lost, "status")
    assert refused.returncode == 1
    assert "promoted.json: is not a readable fence: names of regions" in refused.stderr
    assert "\x1b" not in shown.stdout + shown.stderr + refused.stdout + refused.stderr


def test_a_lock_that_was_left_is_taken_back_by_its_id_alone(lost: Path) -> None:
    stack = f"iot-dev-iot-{CENTRAL}"
    lock = {"ID": "6b1c", "Who": "operator@host", "Operation": "OperationTypeApply"}
    put(lost, CENTRAL, f"{stack}.tfstate.tflock", {**lock, "Created": "2026-01-02T03:04:05Z"})
    message = "locked by operator@host, apply since 2026-01-02 03:04:05 UTC, lock 6b1c"
    unlock = f"iot-dr state unlock {stack} --id 6b1c --env dev --provider standin"
    shown = state(lost, "status").stdout.splitlines()
    assert shown[shown.index(f"  if no run is active: {unlock}") - 1].endswith(message[7:])
    for options in ([], ["--id", "other"]):
        refused = state(lost, "unlock", stack, *options)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"{stack}: its state is {message}")
    assert state(lost, *unlock.split()[2:]).returncode == 0
    again = state(lost, "unlock", stack)
    assert again.stderr == f"{stack}: no lock is held on its state\n"
    assert again.returncode == 1
    unknown = state(lost, "unlock", "iot-dev-stat")
    assert (unknown.returncode, unknown.stderr) == (
        2,
        "iot-dev-stat: is not a stack of dev; did you mean 'iot-dev-state'?\n",
    )


def test_promote_asks_and_does_nothing_when_the_answer_is_negative(lost: Path) -> None:
    asked = state(lost, "promote", "--region", CENTRAL, answer="n\n")
    assert asked.returncode == 1
    assert "iot-dev-hosted-zone: serial 3, lineage a, written 2" in asked.stdout
    assert not list(lost.rglob("promoted.json"))
    assert len(list(lost.rglob("*.tflock"))) == len(STACKS)


def test_promote_fences_and_clears_the_locks(lost: Path) -> None:
    done = state(lost, "promote", "--region", CENTRAL, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Promoted. Now set home_region")
    assert not list(lost.rglob("*.tflock"))
    assert f"promoted: {CENTRAL} owns the global states since" in state(lost, "status").stdout


def test_promote_names_no_setting_that_a_zone_of_others_does_not_accept(lost: Path) -> None:
    project = Project.copy(lost / "project")
    shutil.move(lost / ".sandbox", project.folder)
    project.edit(
        "environments/dev.yaml", "{ create: true, delegation: manual }", "{ lookup: true }"
    )
    done = project.here(f"iot-dr state promote --region {CENTRAL} --env dev --yes")
    assert f"Promoted. Now set home_region to {CENTRAL} in environments/dev.yaml" in done


def test_after_a_promotion_init_makes_no_second_owner(lost: Path) -> None:
    assert state(lost, "promote", "--region", CENTRAL, "--yes").returncode == 0
    refused = state(lost, "init")
    assert refused.returncode == 1
    assert f"promoted to {CENTRAL}" in refused.stderr
    home = lost / ".sandbox" / "dev" / "s3" / "example-iot-dev-eu-west-1"
    assert not list(home.rglob("*.tfstate"))


def test_promote_is_refused_in_one_sentence_while_home_answers(lost: Path) -> None:
    buckets = lost / ".sandbox" / "dev" / "buckets.json"
    regions = {**json.loads(buckets.read_text()), "example-iot-dev-eu-west-1": "eu-west-1"}
    buckets.write_text(json.dumps(regions))
    refused = state(lost, "promote", "--region", CENTRAL, "--yes")
    assert refused.returncode == 1
    assert refused.stderr.startswith("example-iot-dev-eu-west-1 (eu-west-1) answers")
    assert len(refused.stderr.splitlines()) == 1
