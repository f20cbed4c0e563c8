"""Emitted modules in real Terraform, with no Python in what they are called by."""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.standin.existing import EXISTING_VARIABLE
from iot_dr.terraform.terraform import PlanStatus, Terraform
from modules.context import Context
from modules.registry_trail import trail_bucket_name
from stacks.state_location import copied_stacks, state_location
from tests.iot_dr.emit.conftest import ARGUMENTS, PLATFORM, TABLE
from tests.support.command import ROOT
from tests.support.emitted import (
    EXAMPLES,
    Opened,
    changed,
    copied_example,
    managed,
    state_of,
)
from tests.support.same_resources import differences
from tests.support.sandbox_run import sandbox_run
from tests.support.settings import settings
from tests.support.state_server import SERVED_STATE

BASIC = "examples/basic"
STATE = "modules/state-backend/examples/complete"
REGISTRY = "modules/device-registry/examples/complete"
# Not one that is the default.
SETTINGS: dict[str, Any] = {
    "endpoint": {
        "label": "things",
        "ttl": 120,
        "tls_policy": "IoTSecurityPolicy_TLS13_1_3_2022_10",
        "certificate_minutes": 30,
    },
    "health": {"interval": 10, "threshold": 2},
    "data": {
        "point_in_time_days": 14,
        "stream_hours": 200,
        "stream_shards": 2,
        "reconcile_hours": 1,
        "parallelization_factor": 3,
        "copy_reported": False,
        "deletion_percent": 5,
    },
    "primary_region": "eu-central-1",
}
_WITHOUT_INDEX = re.compile(r"\[\d+\]$")
_WITHOUT_COUNT = re.compile(r"(module\.platform\.module\.\w+)\[0\]")
SLOTS = {"eu-west-1": "primary", "eu-central-1": "standby"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The state of each stack of the app, applied: by the end of the stack's name."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "work").mkdir()
    with sandbox_run(folder / "sandbox", folder / "work", **SETTINGS) as run:
        run.apply()
    files = (folder / "sandbox").rglob("*.tfstate")
    return {file.stem.removeprefix("iot-dev-"): json.loads(file.read_bytes()) for file in files}


def changes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of a plan, without what stays."""
    changes = plan["resource_changes"]
    return [each for each in changes if each["change"]["actions"] not in (["no-op"], ["read"])]


def differing(change: dict[str, Any]) -> set[str]:
    """Return the attributes that a change gives another value."""
    before, after = change["change"]["before"], change["change"]["after"]
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def planned(terraform: Terraform) -> dict[str, Any]:
    """Plan, and return the plan."""
    # What a refresh would bring is seen by the tests that expect no change at all.
    terraform.plan(terraform.folder / "plan", "-refresh=false")
    return terraform.show(terraform.folder / "plan")


def actions_of(plan: dict[str, Any]) -> dict[str, list[str]]:
    """Return what a plan does to which address."""
    return {each["address"]: each["change"]["actions"] for each in changes_of(plan)}


@pytest.mark.parametrize(
    "example",
    [
        # The complete example of each module is always applied.
        pytest.param(path, marks=pytest.mark.exhaustive) if path.endswith("basic") else path
        for path in EXAMPLES
        if path != PLATFORM
    ],
)
def test_an_example_is_valid_and_applied_from_a_clean_folder(
    example: str, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, example)
    terraform = opened(folder)
    assert terraform.validate() == []
    terraform.apply(None)
    assert managed(state_of(folder))
    assert terraform.plan(folder / "again") is PlanStatus.UNCHANGED


def test_the_platform_with_no_more_than_what_it_asks_for_is_valid_and_planned(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, BASIC)
    terraform = opened(folder)
    assert terraform.validate() == []
    assert terraform.plan(folder / "plan") is PlanStatus.CHANGED
    call = (folder / "main.tf").read_text().partition("module ")[2]
    assert re.findall(r"^  (\w+) +=", call, re.MULTILINE) == [
        *("source", "providers", "project", "environment", "domain")
    ]
    after = [each["change"]["after"] for each in changes_of(terraform.show(folder / "plan"))]
    assert {f"example-111111111111-dev-trail-{region}" for region in SLOTS} <= {
        each.get("bucket") for each in after
    }


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        pytest.param(
            {"standby_region": '"eu-north-1"'}, "standby_region", marks=pytest.mark.exhaustive
        ),
        ({"home_region": '"eu-north-1"'}, "home_region"),
        ({"account_id": '"222222222222"'}, "account_id"),
    ],
)
def test_the_platform_names_a_wrong_provider_at_the_variable_that_differs_from_it(
    change: dict[str, str], variable: str, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    changed(folder, **change)
    with pytest.raises(TerraformError) as error:
        opened(folder).plan(folder / "plan")
    (only,) = error.value.diagnostics
    said = " ".join(only.detail.split())
    assert re.search(rf"The provider aws\.\w+ works in .*var\.{variable}", said)


@pytest.mark.parametrize("wrong", [{"name": "example.org"}, {"vpc": [{"vpc_id": "vpc-1"}]}])
def test_a_zone_of_another_name_and_a_private_one_are_refused(
    wrong: dict[str, Any], modules: Path, opened: Opened, tmp_path: Path, monkeypatch: Any
) -> None:
    zone = {"name": "iot-dev.example.com", **wrong}
    (tmp_path / "existing.json").write_text(json.dumps({"aws_route53_zone": {"Z1": zone}}))
    monkeypatch.setenv(EXISTING_VARIABLE, str(tmp_path / "existing.json"))
    folder = copied_example(modules, tmp_path, "modules/hosted-zone/examples/complete")
    changed(folder, delegate="false", parent_zone_id="null", create_zone='false\n  zone_id = "Z1"')
    with pytest.raises(TerraformError) as error:
        opened(folder).plan(folder / "plan")
    (only,) = error.value.diagnostics
    assert only.detail == "hosted zone Z1 is not the public zone of iot-dev.example.com"


def test_the_platform_stays_as_it_was_applied(
    planned_again: tuple[PlanStatus, dict[str, Any]],
) -> None:
    assert planned_again[0] is PlanStatus.UNCHANGED


def test_the_platforms_resources_are_those_of_the_app(
    platform: Path, app: dict[str, dict[str, Any]]
) -> None:
    module = {
        _WITHOUT_COUNT.sub(r"\1", address).removeprefix("module.platform."): attributes
        for address, attributes in managed(state_of(platform)).items()
    }
    stacks = {
        f"module.{_called(what, address)}.{by_slot(address)}": attributes
        for what, state in app.items()
        if what != "state"
        for address, attributes in managed(state).items()
    }
    assert stacks.keys() == module.keys()
    # One state has the table and its readers: there the table's name makes them wait for it.
    assert {(each.address, each.attribute) for each in differences(stacks, module)} == {
        (f"module.{slot}_registry.terraform_data.device_registry", "input")
        for slot in SLOTS.values()
    }


def test_the_state_backends_resources_are_those_of_the_app(
    modules: Path, opened: Opened, app: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, STATE)
    chosen = settings(**SETTINGS)
    keys = [state_location(chosen, node).key for node in copied_stacks(chosen)]
    changed(folder, copied_keys=json.dumps(keys))
    opened(folder).apply(None)
    module = {
        address.removeprefix("module.state_backend."): attributes
        for address, attributes in managed(state_of(folder)).items()
    }
    stack = {by_slot(address): each for address, each in managed(app["state"]).items()}
    assert differences(stack, module) == []


def state_of_1_x(state: str) -> str:
    """Return a state as versions before 1.1.0 left it."""
    # Then the step that waits for the table had no input.
    name = managed(json.loads(state))[TABLE]["name"]
    value = rf'\{{\s*"value": "{name}",\s*"type": "string"\s*\}}'
    old, count = re.subn(rf'("(?:input|output)": ){value}', r"\1null", state)
    assert count == 4
    # Before 2.0.0, telemetry, registry and tables were calls without a count.
    old, count = _WITHOUT_COUNT.subn(r"\1", old)
    assert count > 100
    return old


@pytest.mark.exhaustive
def test_a_state_of_1_x_is_moved_and_nothing_else(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    changed(folder, **ARGUMENTS)
    state = (platform / SERVED_STATE).read_text()
    (folder / SERVED_STATE).write_text(state_of_1_x(state))
    terraform = opened(folder)
    assert changes_of(planned(terraform)) == []
    terraform.apply(folder / "plan")
    # Its input, which the module ignores, stays null.
    applied, before = managed(state_of(folder)), managed(json.loads(state))
    waits = {each for each in before if each.endswith("terraform_data.device_registry")}
    assert {each for each in before if applied.get(each) != before[each]} == waits
    assert applied.keys() == before.keys()


@pytest.mark.exhaustive
def test_a_platform_is_destroyed_once_the_zone_and_the_tables_are_not_in_its_state(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    shutil.copyfile(platform / SERVED_STATE, folder / SERVED_STATE)
    changed(folder, **ARGUMENTS)
    terraform = opened(folder)
    with pytest.raises(TerraformError, match="prevent_destroy"):
        terraform.apply(None, "-destroy", "-refresh=false")
    page = (ROOT / "docs" / "reference" / "terraform-modules.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^\$ terraform state rm (.*)$", page, re.MULTILINE)
    terraform.forget(*shlex.split(line))
    left = len(managed(state_of(folder)))
    assert f"Destroy complete! Resources: {left} destroyed." in page
    terraform.apply(None, "-destroy", "-refresh=false")
    assert managed(state_of(folder)) == {}


def test_parts_that_are_not_wanted_are_left_out_with_their_outputs(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    changed(folder, create_telemetry="false", create_registry="false")
    plan = planned(opened(folder))
    addresses = actions_of(plan)
    assert any("canary" in address for address in addresses)
    assert not [each for each in addresses if re.search("telemetry|registry|device_data", each)]
    outputs = plan["planned_values"]["outputs"]
    assert outputs["stream_names"]["value"] == dict.fromkeys(SLOTS)
    assert outputs["device_state_table"]["value"] is None


def test_another_region_serves_after_one_apply_that_replaces_nothing_that_answers(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    state = (platform / SERVED_STATE).read_text()
    # All else of it is moved in the same apply.
    (folder / SERVED_STATE).write_text(state_of_1_x(state))
    changed(folder, **{**ARGUMENTS, "primary_region": '"eu-west-1"'})
    plan = planned(opened(folder))
    actions = actions_of(plan)
    addresses = {each["address"] for each in plan["resource_changes"] if "previous_address" in each}
    assert {_WITHOUT_INDEX.sub("", each) for each in addresses} == {
        address for address in managed(json.loads(state)) if "[0]" in address
    }
    entry_point = "module.platform.module.entry_point."
    records = {address: each for address, each in actions.items() if "record" in address}
    watchers = {address: each for address, each in actions.items() if "watcher" in address}
    assert records == {
        f"{entry_point}aws_route53_record.failover_1_primary": ["update"],
        f"{entry_point}aws_route53_record.failover_1_secondary": ["update"],
    }
    assert {each.rpartition(".")[2]: how for each, how in watchers.items()} == {
        "watcher_standby[0]": ["create"],
        "watcher_primary[0]": ["delete"],
    }
    assert actions.keys() == records.keys() | watchers.keys()


def test_a_boundary_caps_every_role_and_tags_of_the_caller_are_next_to_the_providers(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    shutil.copyfile(platform / SERVED_STATE, folder / SERVED_STATE)
    boundary = "arn:aws:iam::111111111111:policy/boundary"
    more = f'  tags = {{ Team = "iot" }}\n  permissions_boundary_arn = "{boundary}"'
    changed(folder, **ARGUMENTS)
    changed(folder, ttl=f"120\n{more}", log_retention_days="90")
    changes = changes_of(planned(opened(folder)))
    assert {*(tuple(each["change"]["actions"]) for each in changes)} == {("update",)}
    updated = {each["address"]: each["change"]["after"] for each in changes}
    tagged = {
        address
        for address, attributes in managed(state_of(platform)).items()
        if "tags_all" in attributes
    }
    own = {_WITHOUT_INDEX.sub("", each): after for each, after in updated.items()}
    assert own.keys() == tagged | {each for each in own if "aws_cloudwatch_log_group" in each}
    assert {after["tags_all"]["Team"] for after in own.values()} == {"iot"}
    assert {after["tags_all"]["Project"] for after in own.values()} == {"example"}
    logs = [after for each, after in own.items() if "log_group" in each]
    assert {after["retention_in_days"] for after in logs} == {90}
    capped = {each for each, after in own.items() if after.get("permissions_boundary") == boundary}
    assert capped == {each for each in managed(state_of(platform)) if ".aws_iam_role." in each}
    for change in changes:
        names = {*differing(change)} - {"tags", "tags_all", "retention_in_days"}
        assert names <= {"permissions_boundary"}, (change["address"], names)


@pytest.mark.exhaustive
def test_depends_on_in_the_call_replaces_what_the_readme_says(
    platform: Path, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, PLATFORM)
    shutil.copyfile(platform / SERVED_STATE, folder / SERVED_STATE)
    changed(folder, **{**ARGUMENTS, "ttl": "120\n  depends_on = [terraform_data.first]"})
    file = folder / "main.tf"
    file.write_text(f'{file.read_text()}resource "terraform_data" "first" {{}}\n')
    terraform = opened(folder)
    mapping = "aws_lambda_event_source_mapping"
    assert _replaced(planned(terraform)) == {mapping}
    derived = ("account_id", "home_region", "standby_region", "primary_region")
    changed(folder, **dict.fromkeys(derived, "null"))
    assert _replaced(planned(terraform)) > {
        *(mapping, "aws_iot_domain_configuration", "aws_iam_role", "aws_cloudwatch_metric_alarm")
    }


def _replaced(plan: dict[str, Any]) -> set[str]:
    """Return the types of resources that a plan replaces."""
    changes = changes_of(plan)
    return {each["type"] for each in changes if "delete" in each["change"]["actions"]}


def test_no_watcher_latches_where_devices_go_back_by_themselves(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, "modules/entry-point/examples/complete")
    changed(folder, fail_back='"auto"')
    actions = actions_of(planned(opened(folder)))
    assert actions
    assert not [address for address in actions if "watcher" in address]


def test_a_zone_is_delegated_where_its_parent_is_named(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    for example, is_delegated in (("complete", True), ("basic", False)):
        folder = copied_example(
            modules, tmp_path / example, f"modules/hosted-zone/examples/{example}"
        )
        actions = actions_of(planned(opened(folder)))
        record = "module.hosted_zone.aws_route53_record.delegation[0]"
        assert (record in actions) is is_delegated


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"region": '"eu-north-1"'}, r"aws works in eu-west-1, and has to work in var\.region"),
        ({"account_id": '"222222222222"'}, "aws works in account 111111111111, and has to work in"),
    ],
)
def test_a_provider_of_another_region_or_account_is_refused(
    change: dict[str, str], refusal: str, modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, "modules/device-data/examples/complete")
    changed(folder, **change)
    with pytest.raises(TerraformError, match=refusal):
        opened(folder).plan(folder / "plan")


def test_it_is_refused_too_where_terraform_reads_only_while_it_applies(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, "modules/device-data/examples/complete")
    changed(folder, region='"eu-north-1"\n  depends_on = [terraform_data.first]')
    with (folder / "main.tf").open("a") as file:
        file.write('resource "terraform_data" "first" {}\n')
    terraform = opened(folder)
    # Nothing of it is known in the plan, and nothing of the module is made.
    terraform.plan(folder / "plan")
    with pytest.raises(TerraformError, match="works in eu-west-1"):
        terraform.apply(folder / "plan")
    assert list(managed(state_of(folder))) == ["terraform_data.first"]


def test_providers_in_each_others_place_are_refused_though_much_is_still_to_be_made(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, "modules/entry-point/examples/basic")
    file = folder / "main.tf"
    text = file.read_text()
    for one, other in (("primary", "standby"), ("standby", "primary")):
        text = re.sub(rf"(aws\.{one} +)= aws\.{one}", rf"\1= aws.{other}", text)
    text, count = re.subn(r'(deep_check_id +)= ".*1"', r"\1= terraform_data.check.id", text)
    assert count == 1
    file.write_text(f'{text}resource "terraform_data" "check" {{}}\n')
    with pytest.raises(TerraformError, match=r"provider aws\.primary works in eu-central-1"):
        opened(folder).plan(folder / "plan")


def test_names_that_are_too_long_are_cut_as_the_app_cuts_them(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    project, environment, region = "a-project-of-20-char", "environment1", "ap-northeast-1"
    prefix = "a-bucket-prefix-of-35-characters-35"
    folder = copied_example(modules, tmp_path, REGISTRY)
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
        resource["address"].partition("registry.")[2]: resource["values"].get("name")
        or resource["values"].get("bucket")
        for resource in planned[0]["resources"]
    }
    context = Context(project=project, environment=environment, region=region, extra_tags={})
    for what in ("capture", "apply", "reconcile"):
        expected = context.name(f"registry-{what}-{region}")
        assert names[f"aws_iam_role.registry_{what}"] == expected
    assert len(names["aws_iam_role.registry_reconcile"]) == 64
    bucket = trail_bucket_name(f"{prefix}-{environment}-", region)
    assert names["aws_s3_bucket.registry_trail[0]"] == bucket


def _called(what: str, address: str) -> str:
    """Return the call in the platform that holds a resource of a stack."""
    kind, _, region = what.partition("-eu-")
    if not region:
        return {"hosted-zone": "hosted_zone", "data": "device_data"}.get(what, "entry_point")
    slot = SLOTS[f"eu-{region}"]
    if kind != "iot":
        return f"{slot}_{ {'telemetry': 'telemetry', 'device-registry': 'registry'}[kind] }"
    return f"{slot}_{'canary' if _is_of_canary(address) else 'endpoint'}"


def _is_of_canary(address: str) -> bool:
    return address.endswith((".canary", ".deep", ".health", ".health_flood", ".health_path"))


def by_slot(address: str) -> str:
    """Return an address with the module's slots in the place of regions."""
    for region, slot in SLOTS.items():
        address = address.replace(region.replace("-", "_"), slot)
    return address
