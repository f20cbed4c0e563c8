"""A project whose zone and certificates another team manages, from its settings to a sandbox."""

import json
from pathlib import Path

import pytest

from iot_dr.cli.rotate import CertificateOwnerError
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of

pytestmark = pytest.mark.usefixtures("lent")

SETTINGS = """\
project: example
environment: dev
domain: example.com
account_id: "111111111111"
regions: [eu-west-1, eu-central-1]
zone: {lookup: true}
health: {mode: shallow}
recovery: {rto: 600, fail_back: auto}
state: {bucket_prefix: example-iot}
suppressions: [{rule: devices-unknown-in-standby, reason: our service registers them}]
"""
STACKS = [
    *("iot-dev-state", "iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1", "iot-dev-entry-point"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def test_it_is_planned_and_applied_in_a_sandbox_without_a_stack_of_its_zone(project: Path) -> None:
    up = iot_dr_here("sandbox", "up", "--env", "dev", "--json", cwd=project)
    assert up.returncode == 0, up.stderr
    report = result_of(up.stdout)
    assert [stack["name"] for stack in report["applied"]["stacks"]] == STACKS
    assert [stack["changes"] for stack in report["second_plan"]["stacks"]] == [[]] * len(STACKS)
    zones = {
        resource["instances"][0]["attributes"]["zone_id"]
        for file in (project / ".sandbox").rglob("*.tfstate")
        for resource in json.loads(file.read_text(encoding="utf-8"))["resources"]
        if resource["type"] in {"aws_route53_zone", "aws_route53_record"}
    }
    assert len(zones) == 1
    down = iot_dr_here("sandbox", "down", "--env", "dev", cwd=project)
    assert down.returncode == 0, down.stderr
    assert not (project / ".sandbox" / "dev").exists()


def test_no_rule_has_a_finding(project: Path) -> None:
    checked = iot_dr_here("check", "--env", "dev", cwd=project)
    assert (checked.returncode, "\nok: 1 suppressed" in checked.stdout) == (0, True)


@pytest.mark.exhaustive
def test_a_review_of_the_first_deployment_has_no_zone_of_its_own(project: Path) -> None:
    done = iot_dr_here("review", "--env", "dev", "--provider", "standin", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "ok: a first deployment" in done.stdout
    assert "iot-dev-entry-point" in done.stdout
    assert "hosted-zone" not in done.stdout


def test_a_rotation_is_refused_with_the_owner_and_the_page(project: Path) -> None:
    done = iot_dr_here("rotate", "--region", "eu-west-1", "--env", "dev", cwd=project)
    assert done.returncode == CertificateOwnerError.status
    assert done.stderr == (
        "dev: zone: lookup: the certificates belong to another state; replace one there while"
        " the region is switched away (docs/runbooks/rotate.md)\n"
    )
