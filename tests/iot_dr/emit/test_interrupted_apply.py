"""A first apply of emitted modules that was stopped: the next plan and apply go on from there."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.terraform import PlanStatus, Terraform
from tests.iot_dr.emit.conftest import ARGUMENTS, PLATFORM
from tests.support.emitted import Opened, changed, copied_example, state_of
from tests.support.state_server import SERVED_STATE

STATE = "modules/state-backend/examples/complete"


def address(resource: Mapping[str, Any]) -> str:
    """Return a resource's address without keys, as `dependencies` in a state have it."""
    parts: list[str] = [resource.get("module", ""), resource["type"], resource["name"]]
    return re.sub(r"\[\d+\]", "", ".".join(filter(None, parts)))


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


def assert_planned(terraform: Terraform, stopped: Mapping[str, Any]) -> None:
    """Plan each state of a stopped apply."""
    folder = terraform.folder
    for last in stopped:
        (folder / SERVED_STATE).write_text(json.dumps(stopped[last]))
        assert terraform.plan(folder / "plan", "-refresh=false") is PlanStatus.CHANGED, last


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
def test_an_apply_that_was_stopped_after_any_step_is_planned_again(  # noqa: PLR0913 - fixtures
    *,
    whole: bool,
    platform: Path,
    planned_again: tuple[PlanStatus, dict[str, Any]],
    modules: Path,
    opened: Opened,
    tmp_path: Path,
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    changed(folder, **ARGUMENTS)
    shutil.copyfile(platform / SERVED_STATE, folder / SERVED_STATE)
    stopped = steps(state_of(folder))
    # After these a plan reads a data source.
    read = {*decisive(planned_again[1]["configuration"]["root_module"])}
    assert read
    assert_planned(opened(folder), stopped if whole else {last: stopped[last] for last in read})


@pytest.mark.exhaustive
def test_an_apply_of_the_state_backend_that_was_stopped_is_planned_again(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    terraform = opened(copied_example(modules, tmp_path, STATE))
    terraform.apply(None)
    assert_planned(terraform, steps(state_of(terraform.folder)))
