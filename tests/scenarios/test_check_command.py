"""`iot-dr check` as a user runs it: on synthesized, planned and handwritten Terraform."""

import json
from pathlib import Path

import pytest

from environments.loader import names
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of
from tests.support.project import Project

pytestmark = pytest.mark.usefixtures("lent")

BLOCKED = {
    "resource": {
        "aws_route53_record": {
            "device": {
                "zone_id": "Z1",
                "name": "mqtt.example.com",
                "type": "CNAME",
                "records": ["x.example.net"],
                "failover_routing_policy": [{"type": "PRIMARY"}],
            }
        }
    }
}


@pytest.mark.parametrize("environment", names())
def test_our_own_environments_are_not_blocked(environment: str) -> None:
    done = iot_dr_here("check", "--env", environment, "--json")
    report = result_of(done.stdout)
    assert done.returncode == 0, report["findings"]
    assert report["verdict"] != "block"
    assert f"iot-{environment}-entry-point" in report["stacks"]


def test_a_synthesized_folder_and_its_plans_are_judged_alike(tmp_path: Path) -> None:
    out, plans = tmp_path / "out", tmp_path / "plans"
    project = Project.copy(tmp_path / "project")
    project.here(f"iot-dr synth --out {out}")
    project.here(f"iot-dr plan --provider standin --out {plans}")
    of_design, of_plans = (
        result_of(project.here(f"iot-dr check --env dev --json {each}")) for each in (out, plans)
    )
    assert of_design["stacks"]
    assert {**of_design, "stacks": sorted(of_design["stacks"])} == {
        **of_plans,
        "stacks": sorted(of_plans["stacks"]),
    }


def test_a_design_that_a_rule_blocks_ends_with_1_and_a_sentence_outside_of_any_project_too(
    tmp_path: Path,
) -> None:
    file = tmp_path / "dns.tf.json"
    file.write_text(json.dumps(BLOCKED))
    done = iot_dr_here("check", str(file), cwd=tmp_path, IOT_DR_ROOT="")
    assert (done.returncode, done.stderr) == (1, "")
    assert "block  aws_route53_record.device: " in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("main.tf", b'resource "aws_x" "y" {}', "terraform show -json"),
        ("plan.tfplan", b"PK\x03\x04\x00", "terraform show -json plan.tfplan"),
        ("deep.json", b"[" * 10_000, "nested deeper"),
        ("cut.json", b'{"resource": {"aws_x"', "truncated"),
    ],
)
def test_a_file_that_is_not_terraform_json_ends_with_2_and_no_traceback(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    done = iot_dr_here("check", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{name}: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_environment_ends_with_2() -> None:
    done = iot_dr_here("check", "--env", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("name", ["loop.json", "loop", "a" * 300, "d/" * 3000, "absent"])
def test_a_path_that_the_system_refuses_ends_with_2_and_a_sentence(
    name: str, tmp_path: Path
) -> None:
    for link in ("loop.json", "loop"):
        (tmp_path / link).symlink_to(link)
    done = iot_dr_here("check", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert ": cannot be read: " in done.stderr
    assert len(done.stderr.splitlines()) == 1
