"""The example of a project with own stacks and a module, in three regions, by its commands."""

import json
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from environments.loader import load
from iot_dr.delivery.deploy.deployment import KEPT_BY_DESTROY
from stacks.platform_graph import platform_graph
from tests.support.command import ROOT, iot_dr_here
from tests.support.json_output import result_of

pytestmark = pytest.mark.exhaustive

EXAMPLE: Final = ROOT / "examples" / "own-stacks"
REGIONS: Final = ("eu-west-1", "eu-central-1", "us-east-2")
OWN: Final = {
    "iot-dev-order-queues",
    *(f"iot-dev-{kind}-{region}" for kind in ("orders", "audit") for region in REGIONS),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the example."""
    folder = tmp_path_factory.mktemp("project") / "own"
    shutil.copytree(EXAMPLE, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def run(project: Path, *arguments: str) -> str:
    """Return the output of a command that must succeed."""
    done = iot_dr_here(*arguments, "--env", "dev", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_waves_contain_own_stacks_and_modules(project: Path) -> None:
    waves = result_of(run(project, "graph", "--waves", "--json"))[0]["waves"]
    names = {stack["name"] for wave in waves for stack in wave["stacks"]}
    assert names >= OWN


def test_own_stacks_and_modules_are_planned_and_marked_in_the_review(project: Path) -> None:
    run(project, "plan", "--out", "plans")
    review = iot_dr_here("review", "--plans", "plans", "--format", "json", cwd=project)
    stacks = json.loads(review.stdout)["stacks"]
    assert {stack["name"] for stack in stacks if stack.get("off_device_path")} == OWN
    for stack in stacks:
        if stack["name"] in OWN:
            assert stack["counts"].get("create", 0) == (0 if "order-queues" in stack["name"] else 2)


def test_no_rule_has_a_finding_that_the_settings_do_not_accept(project: Path) -> None:
    assert "\nok: 1 suppressed" in run(project, "check")


def test_they_are_applied_in_a_sandbox_and_then_have_nothing_to_do(project: Path) -> None:
    report = result_of(run(project, "sandbox", "up", "--json"))
    assert {stack["name"] for stack in report["applied"]["stacks"]} >= OWN
    assert not any(stack["changes"] for stack in report["second_plan"]["stacks"])
    run(project, "sandbox", "down")


def test_deploy_creates_and_destroy_removes_them(project: Path) -> None:
    run(project, "deploy", "--provider", "standin")
    run(project, "destroy", "--provider", "standin", "--confirm", "dev")
    nodes = platform_graph(load("dev", {}, project / "environments")).nodes
    states = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))["resources"]
        for file in (project / ".sandbox").rglob("*.tfstate")
    }
    left = {name for name, resources in states.items() if resources}
    assert left == {node.name for node in nodes if node.what in KEPT_BY_DESTROY}
