"""A new path for the deep check: the new one is served first, the old one is removed last."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.runbook import Walk
from tests.support.sandbox_run import SandboxRun, apply_once, sandbox_run

pytestmark = pytest.mark.usefixtures("lent")

REGION = "iot-eu-west-1"
SECRET = "terraform_data.health_path"
ROUTE = "aws_apigatewayv2_route.health"
CHECK = "aws_route53_health_check.deep"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxRun]:
    folder = tmp_path_factory.mktemp("rotation")
    apply_once(folder / "sandbox")
    with sandbox_run(folder / "sandbox", folder) as made:
        yield made


@pytest.fixture(scope="module")
def folder(run: SandboxRun) -> Path:
    return run.opened(REGION)


def state(run: SandboxRun, folder: Path) -> dict[str, Any]:
    document = json.loads(run.terraform(folder, "show", "-json"))
    resources = document["values"]["root_module"]["resources"]
    return {each["address"]: each["values"] for each in resources}


def done(line: dict[str, Any]) -> tuple[str, str]:
    return line["hook"]["action"], line["hook"]["resource"]["addr"]


@pytest.mark.runbook("health.md", "A new path for the deep check")
def test_a_new_path_is_served_and_checked_before_the_old_one_is_removed(
    walk: Walk, run: SandboxRun, folder: Path
) -> None:
    before = state(run, folder)
    # There is no terminal for a confirmation.
    printed = walk.step(lambda line: run.typed(folder, line, "-auto-approve", "-json"))
    lines = [json.loads(line) for line in printed.splitlines()]
    order = [done(line) for line in lines if line["type"] == "apply_complete"]
    served, asked, gone = (
        order.index(each) for each in (("create", ROUTE), ("update", CHECK), ("delete", ROUTE))
    )
    assert served < asked < gone
    after = state(run, folder)
    old, new = (each[CHECK]["resource_path"] for each in (before, after))
    assert old != new
    assert after[ROUTE]["route_key"] == f"GET {new}"
    assert after["aws_apigatewayv2_stage.health"]["route_settings"][0]["route_key"] == f"GET {new}"
    for secret in (old, new):
        assert secret.removeprefix("/health/") not in printed


def test_terraforms_output_of_a_plan_does_not_contain_the_path(
    run: SandboxRun, folder: Path
) -> None:
    path = state(run, folder)[CHECK]["resource_path"].removeprefix("/health/")
    assert len(path) == 36
    for arguments in (["plan"], ["plan", f"-replace={SECRET}"], ["show"], ["output"]):
        printed = run.terraform(folder, *arguments, "-no-color")
        assert path not in printed, arguments
