"""`iot-dr rotate` in a made-up world: real Terraform, HTTP, DNS and TLS, on this machine.

The stand-in provider makes certificates and domain configurations up; see
tests/iot_dr/operate/rotate/day.py for the order of events. No wait uses real time. Tests without
Terraform are in tests/iot_dr/operate/rotate.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from iot_dr.cli.confirmation import RefusedError
from iot_dr.drill.play.account import variables
from iot_dr.generate.synthesis import synthesize
from iot_dr.operate.rotate.rotation_terraform import UnexpectedChangeError
from iot_dr.terraform.provider_backend import ProviderMismatchError
from iot_dr.terraform.sandbox.locks import locks_in
from tests.iot_dr.operate.rotate.command import outcomes, puts, rotate, run_on, stop, typed, wished
from tests.iot_dr.operate.rotate.day import Day
from tests.support import loopback
from tests.support.command import iot_dr_here, plain_environment
from tests.support.json_output import result_of
from tests.support.relay import Relay
from tests.support.template import Template

pytest_plugins = ["tests.scenarios.support.rotation_fixtures"]

pytestmark = pytest.mark.usefixtures("lent")

DEV = load("dev", {})
WEST, CENTRAL = DEV.regions
SANDBOX = Path(".sandbox", "dev")


@pytest.mark.parametrize("region", [CENTRAL, pytest.param(WEST, marks=pytest.mark.exhaustive)])
def test_a_region_gets_a_new_certificate_while_another_takes_the_devices(
    day: Day, region: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alarm_region = DEV.alarm_regions(region)[0]
    before, other = day.certificate(region), day.certificate(alarm_region)
    assert rotate(day, region, as_json=True) == 0
    captured = capsys.readouterr()
    now = day.certificate(region)
    assert now not in {before, other}
    assert day.certificate(alarm_region) == other
    assert day.serving(region) == [now, now]
    assert puts(day) == [(region, True), (region, False)]
    assert outcomes(day, region) == ["begun", "done"]
    assert [step for step in "12345" if f"\n{step}. " in captured.err] == [*"12345"]
    assert f"Next: iot-dr rotate --region {alarm_region} --env dev" in captured.err
    document = result_of(captured.out)
    assert (document["outcome"], document["step"], document["next_region"]) == (
        "done",
        None,
        alarm_region,
    )
    assert document["certificate"]["before"] == before
    assert document["certificate"]["current"] == now
    assert len(document["certificate"]["sha256"]) == 64
    # Nothing is left of the plans, which contain secrets.
    assert [*Path(".deploy").rglob("*.tfplan")] == []


@pytest.mark.exhaustive
def test_domain_configurations_recreated_by_a_deploy_at_home_are_deleted_before_the_certificate(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    regional = next(SANDBOX.rglob("iot-dev-iot-eu-west-1.tfstate"))
    serving = json.loads(regional.read_bytes())
    stop(day, WEST, "iot-dev-iot-eu-west-1: 2 to create")
    # ACM had not issued it yet, and in between a deploy has created the former resources again.
    edit(
        next(SANDBOX.rglob("iot-dev-hosted-zone.tfstate")),
        without("aws_acm_certificate_validation"),
    )
    edit(regional, lambda _resources: serving["resources"])
    assert rotate(day, WEST) == 0
    stderr = capsys.readouterr().err
    deleted, issued, made = (
        stderr.index(summary)
        for summary in (
            "iot-dev-iot-eu-west-1: 2 to destroy",
            "iot-dev-hosted-zone: 1 to create",
            "iot-dev-iot-eu-west-1: 2 to create",
        )
    )
    assert deleted < issued < made
    assert day.serving(WEST) == [day.certificate(WEST)] * 2


@pytest.mark.exhaustive
def test_half_deleted_without_an_alarm_region_the_endpoint_is_created_the_rotation_ends_later(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    before = day.certificate(WEST)
    stop(day, WEST, "iot-dev-hosted-zone: 3 to replace")
    assert day.serving(WEST) == []
    day.faults.fail("refuse", CENTRAL)
    assert rotate(day, WEST, force=True) == 0
    assert day.serving(WEST) == [before, before]
    day.faults.failing.clear()
    assert rotate(day, WEST) == 0
    assert "Under way: begun by arn:aws:sts::111111111111:user/moto" in capsys.readouterr().out
    assert before != day.certificate(WEST)
    assert day.serving(WEST) == [day.certificate(WEST)] * 2
    assert outcomes(day, WEST) == ["begun", "done"]


Resources = list[dict[str, Any]]


def edit(state: Path, change: Callable[[Resources], Resources]) -> None:
    """Write a state as another run would."""
    document = json.loads(state.read_bytes())
    document["resources"] = change(document["resources"])
    document["serial"] += 1
    state.write_text(json.dumps(document))


def without(type_: str) -> Callable[[Resources], Resources]:
    return lambda resources: [each for each in resources if each["type"] != type_]


def test_any_answer_but_yes_changes_nothing(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = day.certificate(CENTRAL)
    typed(monkeypatch, "no\n")
    assert rotate(day, CENTRAL, yes=False) == 1
    captured = capsys.readouterr()
    assert "± aws_acm_certificate.certificate" in captured.out
    assert "The rule stateful-resource-destroyed blocks such a plan" in captured.out
    assert "Declined: nothing was changed." in captured.err
    assert (day.certificate(CENTRAL), puts(day), day.records(CENTRAL)) == (before, [], [])
    assert locks_in(SANDBOX) == []


def test_a_plan_that_changes_more_than_a_rotation_is_refused_but_abandoning_is_possible(
    day: Day,
) -> None:
    stop(day, CENTRAL, "drain")
    edit(next(SANDBOX.rglob("iot-dev-iot-eu-central-1.tfstate")), without("aws_iot_policy"))
    with pytest.raises(UnexpectedChangeError, match=r"would also create aws_iot_policy\S+,"):
        rotate(day, CENTRAL)
    assert rotate(day, CENTRAL, abandon=True) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]


def test_an_environment_that_is_not_deployed_is_refused(day: Day) -> None:
    shutil.rmtree(SANDBOX)
    with pytest.raises(RefusedError, match="is not in a state: deploy the environment first"):
        rotate(day, CENTRAL)


@pytest.mark.exhaustive
def test_ctrl_c_while_terraform_works_leaves_no_lock_and_the_same_command_continues(
    day: Day, tmp_path: Path
) -> None:
    day.follow(CENTRAL, is_away=True)
    before = day.certificate(CENTRAL)
    network = loopback.written(day.names, day.tls, day.authority.roots)
    program = [sys.executable, "-m", "tests.scenarios.support.rotate_program", network]
    options = ["--region", CENTRAL, "--env", "dev", "--provider", "standin", "--yes"]
    with subprocess.Popen(
        [*program, "rotate", *options],
        cwd=tmp_path,
        env={**plain_environment(tmp_path), **variables(day.faults.endpoint)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "4 to replace" in line:
                break
        while not locks_in(SANDBOX):
            assert process.poll() is None
            time.sleep(0.01)
        # To the whole group, as a terminal does.
        os.killpg(process.pid, signal.SIGINT)
        result = process.stderr.read()
    assert process.returncode == 130, result
    assert "Stopping: Terraform finishes its operations and releases its lock." in result
    assert "Interrupted in step 3; nothing is lost." in result
    assert "Traceback" not in result
    assert locks_in(SANDBOX) == []
    assert rotate(day, CENTRAL) == 0
    now = day.certificate(CENTRAL)
    assert now != before
    assert day.serving(CENTRAL) == [now, now]


def test_the_stand_in_never_runs_with_a_real_account(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(ProviderMismatchError, match="a rotation would set the real switch"):
        rotate(day, CENTRAL)


def test_the_real_provider_never_runs_with_a_made_up_account(day: Day) -> None:
    wish = replace(wished(CENTRAL), provider="aws")
    with pytest.raises(ProviderMismatchError, match="PROVIDER=aws makes real resources"):
        run_on(day, wish)


def test_help_shows_an_example() -> None:
    shown = iot_dr_here("rotate", "--help").stdout
    assert "Example: iot-dr rotate --region eu-central-1 --env prod --provider aws" in shown


@pytest.mark.exhaustive
def test_half_deleted_and_without_home_a_standby_is_created_from_the_replicated_outputs(
    day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = day.certificate(CENTRAL)
    synthesize([DEV], tmp_path / "out")
    state = Template.read(tmp_path / "out" / "stacks" / "iot-dev-state" / "cdk.tf.json")
    Relay(state).run(SANDBOX)
    home = DEV.state_bucket(WEST)
    for file in SANDBOX.rglob("iot-dev-hosted-zone.tfstate"):
        if home in file.parts:
            file.unlink()
            break
    else:
        pytest.fail("home has no such state")
    edit(
        next(SANDBOX.rglob("iot-dev-iot-eu-central-1.tfstate")),
        without("aws_iot_domain_configuration"),
    )
    day.live()
    day.faults.fail("refuse", WEST)
    monkeypatch.setenv("HANDOVER_REGION", CENTRAL)
    assert rotate(day, CENTRAL, force=True) == 0
    assert day.serving(CENTRAL) == [before, before]
