"""Emitted modules in real Terraform, with no Python in what they are called by."""

import json
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.schedule import Done
from iot_dr.terraform.terraform import PlanStatus
from modules.context import Context
from modules.registry_trail import trail_bucket_name
from stacks.state_copy import copied_stacks
from stacks.state_location import state_location
from tests.support.emitted import (
    EXAMPLES,
    Opened,
    changed,
    emitted_modules,
    managed,
    plain_terraform,
    state_of,
)
from tests.support.same_resources import differences
from tests.support.sandbox_run import sandbox_run
from tests.support.settings import settings

PLATFORM = "examples/complete"
STATE = "modules/state-backend/examples/complete"
REGISTRY = "modules/device-registry/examples/complete"
SLOTS = {"eu-west-1": "primary", "eu-central-1": "standby"}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return emitted_modules(tmp_path_factory.mktemp("emitted") / "dist")


@pytest.fixture(scope="module")
def opened() -> Generator[Opened]:
    with plain_terraform() as terraform:
        yield terraform


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The state of each stack of the app, applied: by the end of the stack's name."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "work").mkdir()
    with sandbox_run(folder / "sandbox", folder / "work", data={}) as run:
        outcomes = run.plan(apply=True)
    assert all(isinstance(each, Done) for each in outcomes.values())
    files = (folder / "sandbox").rglob("*.tfstate")
    return {file.stem.removeprefix("iot-dev-"): json.loads(file.read_bytes()) for file in files}


def copied(modules: Path, tmp_path: Path, example: str) -> Path:
    """Give an example in a copy of all modules, clean."""
    shutil.copytree(modules, tmp_path / "dist")
    return tmp_path / "dist" / example


@pytest.fixture(scope="module")
def platform(modules: Path, opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The complete example of the platform, applied."""
    folder = copied(modules, tmp_path_factory.mktemp("platform"), PLATFORM)
    terraform = opened(folder)
    assert terraform.validate() == []
    assert terraform.plan(folder / "plan") is PlanStatus.CHANGED
    terraform.apply(folder / "plan")
    return folder


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each != PLATFORM])
def test_an_example_is_valid_and_applied_from_a_clean_folder(
    example: str, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied(modules, tmp_path, example)
    terraform = opened(folder)
    assert terraform.validate() == []
    assert terraform.plan(folder / "plan") is PlanStatus.CHANGED
    terraform.apply(folder / "plan")
    assert terraform.plan(folder / "again") is PlanStatus.UNCHANGED


def test_the_platform_stays_as_it_was_applied(platform: Path, opened: Opened) -> None:
    assert opened(platform).plan(platform / "again") is PlanStatus.UNCHANGED


def test_the_platforms_resources_are_those_of_the_app(
    platform: Path, app: dict[str, dict[str, Any]]
) -> None:
    module = {
        address.removeprefix("module.platform."): attributes
        for address, attributes in managed(state_of(platform)).items()
    }
    stacks = {
        f"module.{_called(what, address)}.{by_slot(address)}": attributes
        for what, state in app.items()
        if what != "state"
        for address, attributes in managed(state).items()
    }
    assert stacks.keys() == module.keys()
    found = differences(stacks, module)
    assert found == []


def test_the_state_backends_resources_are_those_of_the_app(
    modules: Path, opened: Opened, app: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    folder = copied(modules, tmp_path, STATE)
    chosen = settings(data={})
    keys = [state_location(chosen, node).key for node in copied_stacks(chosen)]
    changed(folder, copied_keys=json.dumps(keys))
    terraform = opened(folder)
    terraform.plan(folder / "plan")
    terraform.apply(folder / "plan")
    module = {
        address.removeprefix("module.state_backend."): attributes
        for address, attributes in managed(state_of(folder)).items()
    }
    stack = {by_slot(address): each for address, each in managed(app["state"]).items()}
    assert differences(stack, module) == []


def test_another_region_serves_after_one_apply_that_replaces_nothing_that_answers(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied(modules, tmp_path, PLATFORM)
    shutil.copyfile(platform / "terraform.tfstate", folder / "terraform.tfstate")
    changed(folder, primary_region='"eu-central-1"')
    terraform = opened(folder)
    terraform.plan(folder / "plan")
    entry_point = "module.platform.module.entry_point."
    actions = {
        change["address"].removeprefix(entry_point): change["change"]["actions"]
        for change in terraform.show(folder / "plan")["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }
    records = {address: each for address, each in actions.items() if "record" in address}
    watchers = {address: each for address, each in actions.items() if "watcher" in address}
    assert records == {
        "aws_route53_record.failover_1_primary": ["update"],
        "aws_route53_record.failover_1_secondary": ["update"],
    }
    assert {each.rpartition(".")[2]: how for each, how in watchers.items()} == {
        "watcher_primary[0]": ["create"],
        "watcher_standby[0]": ["delete"],
    }
    assert actions.keys() == records.keys() | watchers.keys()


def test_a_provider_of_another_region_is_refused(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied(modules, tmp_path, "modules/canary/examples/basic")
    changed(folder, region='"eu-north-1"')
    with pytest.raises(TerraformError, match="works in eu-west-1, and has to work in var"):
        opened(folder).plan(folder / "plan")


def test_names_that_are_too_long_are_cut_as_the_app_cuts_them(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    project, environment, region = "a-project-of-20-char", "environment1", "ap-northeast-1"
    prefix = "a-bucket-prefix-of-35-characters-35"
    folder = copied(modules, tmp_path, REGISTRY)
    file = folder / "main.tf"
    file.write_text(file.read_text().replace("eu-west-1", region))
    changed(
        folder,
        project=f'"{project}"',
        environment=f'"{environment}"',
        bucket_prefix=f'"{prefix}"',
    )
    terraform = opened(folder)
    terraform.plan(folder / "plan")
    planned = terraform.show(folder / "plan")["planned_values"]["root_module"]["child_modules"]
    names = {
        each["address"].partition("registry.")[2]: each["values"].get("name")
        or each["values"].get("bucket")
        for each in planned[0]["resources"]
    }
    context = Context(project=project, environment=environment, region=region, extra_tags={})
    for what in ("capture", "apply", "reconcile"):
        expected = context.name(f"registry-{what}-{region}")
        assert names[f"aws_iam_role.registry_{what}"] == expected
    assert len(names["aws_iam_role.registry_reconcile"]) == 64
    bucket = trail_bucket_name(f"{prefix}-{environment}-", region)
    assert names["aws_s3_bucket.registry_trail"] == bucket


def _called(what: str, address: str) -> str:
    """Give the call in the platform that holds a resource of a stack."""
    kind, _, region = what.partition("-eu-")
    if not region:
        return {"hosted-zone": "hosted_zone", "data": "device_data"}.get(what, "entry_point")
    slot = SLOTS[f"eu-{region}"]
    if kind != "iot":
        return f"{slot}_{ {'telemetry': 'telemetry', 'device-registry': 'registry'}[kind] }"
    return f"{slot}_{'canary' if _is_of_canary(address) else 'endpoint'}"


def _is_of_canary(address: str) -> bool:
    return address.endswith((".canary", ".deep", ".health", ".health_path"))


def by_slot(address: str) -> str:
    """Give an address with the module's slots in the place of regions."""
    for region, slot in SLOTS.items():
        address = address.replace(region.replace("-", "_"), slot)
    return address
