"""A first apply of emitted modules that was stopped: the next plan and apply go on from there."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.terraform import PlanStatus
from tests.support.emitted import Opened, managed, state_of

PLATFORM = "examples/complete"
STATE = "modules/state-backend/examples/complete"


def address(resource: Mapping[str, Any]) -> str:
    """Return a resource's address without keys, as `dependencies` in a state have it."""
    parts = (resource.get("module"), resource["type"], resource["name"])
    return ".".join(part for part in parts if part)


def steps(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return, by resource, the state of an apply that ended once the resource was created.

    It has what Terraform must have created before, and nothing else.
    """
    resources = {address(each): each for each in state["resources"] if each["mode"] == "managed"}
    return {
        last: {
            **state,
            "outputs": {},
            "resources": [
                resources[each] for each in resources if each in {last, *needed(resources[last])}
            ],
        }
        for last in resources
    }


def needed(resource: Mapping[str, Any]) -> set[str]:
    """Return the addresses of what a resource depends on, directly or not."""
    return {each for instance in resource["instances"] for each in instance.get("dependencies", ())}


def decisive(module: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the addresses that a configuration's data sources depend on by `depends_on`.

    Terraform reads a data source in a plan as soon as they all exist.
    """
    for resource in module.get("resources", ()):
        if resource["mode"] == "data":
            yield from (f"{path}{each}" for each in resource.get("depends_on", ()))
    for name, call in module.get("module_calls", {}).items():
        yield from decisive(call["module"], f"{path}module.{name}.")


@pytest.mark.parametrize(
    ("example", "whole"),
    [
        (PLATFORM, False),
        pytest.param(PLATFORM, True, marks=pytest.mark.exhaustive),
        pytest.param(STATE, True, marks=pytest.mark.exhaustive),
    ],
)
def test_an_apply_that_was_stopped_after_any_step_is_planned_again(
    example: str, whole: bool, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    shutil.copytree(modules, tmp_path / "dist")
    folder = tmp_path / "dist" / example
    terraform = opened(folder)
    terraform.apply(None)
    applied = state_of(folder)
    stopped = steps(applied)
    terraform.plan(folder / "plan")
    read = decisive(terraform.show(folder / "plan")["configuration"]["root_module"])
    for last in stopped if whole else read:
        (folder / "terraform.tfstate").write_text(json.dumps(stopped[last]))
        assert terraform.plan(folder / "plan", "-refresh=false") is PlanStatus.CHANGED, last


def test_it_is_applied_to_its_end_though_the_table_was_not_created(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    shutil.copytree(modules, tmp_path / "dist")
    folder = tmp_path / "dist" / PLATFORM
    terraform = opened(folder)
    # The first step that Terraform could take, with what it must create before.
    registry = "module.platform.module.primary_registry.terraform_data.device_registry"
    terraform.apply(None, f"-target={registry}")
    table = "module.platform.module.device_data.aws_dynamodb_table.device_registry"
    assert managed(state_of(folder)).keys() == {registry, table}
    terraform.apply(None)
    # A state from before 1.1.0, in which that step has no input, shows no change either.
    text = (folder / "terraform.tfstate").read_text()
    name = managed(json.loads(text))[table]["name"]
    value = rf'\{{\s*"value": "{name}",\s*"type": "string"\s*\}}'
    old, count = re.subn(rf'("(?:input|output)": ){value}', r"\1null", text)
    assert count == 4
    (folder / "terraform.tfstate").write_text(old)
    assert terraform.plan(folder / "again") is PlanStatus.UNCHANGED
