"""Which files of a path are read, and what their stacks are called."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.files import NoFilesError, read_files
from iot_dr.terraform_json.json_file import JsonFileError
from tests.iot_dr.terraform_json.designs import CASES, ZONE

DESIGN = {"resource": ZONE}


def write(path: Path, document: Any = DESIGN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def names(*paths: Path) -> list[str]:
    return [stack.name for stack in read_files(paths).stacks]


def test_the_stacks_of_cdktfs_output_are_called_by_their_folders(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"version": "0.21.0", "stacks": {}})
    for name in ("iot-dev-state", "iot-dev-entry-point"):
        write(tmp_path / "stacks" / name / "cdk.tf.json")
        write(tmp_path / "stacks" / name / ".terraform" / "modules" / "other.tf.json")
    assert names(tmp_path) == ["iot-dev-entry-point", "iot-dev-state"]
    assert names(tmp_path / "stacks" / "iot-dev-state" / "cdk.tf.json") == ["iot-dev-state"]


def test_a_folder_of_plans_gives_a_stack_for_each_by_the_files_name(tmp_path: Path) -> None:
    shutil.copy(CASES / "plan.json", tmp_path / "iot-dev-state.json")
    (tmp_path / "iot-dev-state.tfplan").write_bytes(b"PK\x03\x04")
    assert names(tmp_path) == ["iot-dev-state"]


def test_the_json_files_of_one_folder_are_one_module(tmp_path: Path) -> None:
    folder = tmp_path / "network"
    write(folder / "zone.tf.json")
    write(folder / "names.tf.json", [{"locals": {"a": "${aws_route53_zone.zone.name}"}}])
    (stack,) = read_files([folder]).stacks
    assert stack.name == "network"
    assert [each.address for each in stack.resources] == ["aws_route53_zone.zone"]
    assert stack.definitions["local.a"] == "${aws_route53_zone.zone.name}"


def test_a_single_configuration_is_called_by_its_file(tmp_path: Path) -> None:
    write(tmp_path / "dns.tf.json")
    assert names(tmp_path) == ["dns"]
    assert names(tmp_path / "dns.tf.json") == ["dns"]


def test_stacks_of_one_name_get_distinct_names(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name / "plan.json") for name in ("a", "b"))
    assert names(first, second) == ["a/plan", "b/plan"]
    third = write(tmp_path / "deeper" / "a" / "plan.json")
    assert names(first, third) == ["a/plan#1", "a/plan#2"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "dns.tf.json")
    assert names(file, tmp_path, tmp_path / "." / "dns.tf.json") == ["dns"]


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("README.md", "x", NoFilesError, "contains no Terraform JSON"),
        ("main.tf", "locals {}", NoFilesError, r"terraform show -json plan\.tfplan > plan\.json"),
        ("package.json", '{"x": 1}', NoFilesError, r"package\.json: is JSON, but not Terraform"),
        ("a/b/plan.json", "{}", NoFilesError, r"subfolders contain JSON \(a/b/plan\.json\): pass"),
        ("a.tf.json", '{"name": "x"}', JsonFileError, "not Terraform"),
        ("plan.json", '{"format_version": "1.0", "resource_ch', JsonFileError, "truncated"),
    ],
)
def test_a_folder_without_a_design_is_refused_with_the_reason(
    name: str, content: str, error: type[UserError], message: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    with pytest.raises(error, match=message):
        read_files([tmp_path])


def test_json_that_is_not_terraforms_is_refused_with_its_file_name(tmp_path: Path) -> None:
    file = write(tmp_path / "package.json", {"name": "x"})
    with pytest.raises(JsonFileError, match=r"package\.json: is JSON, but not Terraform"):
        read_files([file])


@pytest.mark.parametrize(
    ("blocks", "place"),
    [
        ({"resource": "x"}, "resource"),
        ({"resource": {"aws_iot_policy": "x"}}, "resource.aws_iot_policy"),
        ({"resource": [{"aws_iot_policy": {"y": [{}, 1]}}]}, "resource.aws_iot_policy.y"),
        ({"data": {"aws_iot_endpoint": {"y": True}}}, "data.aws_iot_endpoint.y"),
        ({"output": {"x": 5}}, "output.x"),
        ({"locals": ["x"]}, "locals"),
    ],
)
def test_a_block_of_another_type_is_refused_with_its_place(
    blocks: dict[str, object], place: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "dns.tf.json", {"provider": {"aws": {}}, **blocks})
    with pytest.raises(JsonFileError) as error:
        read_files([tmp_path])
    assert str(error.value) == f"{file}: {place}: must be an object or a list of objects"


def test_a_block_that_is_null_is_none(tmp_path: Path) -> None:
    write(tmp_path / "dns.tf.json", {"resource": {"aws_iot_policy": {"x": None, "//": "y"}}})
    (stack,) = read_files([tmp_path]).stacks
    assert not stack.resources


def test_folders_that_link_to_themselves_end(tmp_path: Path) -> None:
    write(tmp_path / "dns.tf.json")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert names(tmp_path) == ["dns"]


def test_hcl_and_other_json_next_to_cdktfs_output_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"version": "0.21.0", "stacks": {}})
    write(tmp_path / "stacks" / "a" / "cdk.tf.json")
    write(tmp_path / "stacks" / "a" / "assets" / "code" / "x.json")
    assert read_files([tmp_path]).not_checked == ()
    write(tmp_path / "other.tf.json")
    (tmp_path / "main.tf").write_text("locals {}")
    result = read_files([tmp_path])
    assert [each.name for each in result.stacks] == ["a"]
    assert result.not_checked == (
        f"HCL in {tmp_path}: main.tf; run terraform plan and pass the plan as JSON",
        f"other JSON in {tmp_path}: other.tf.json; pass the file if it is Terraform's",
    )


def test_a_plan_covers_the_hcl_next_to_it(tmp_path: Path) -> None:
    shutil.copy(CASES / "plan.json", tmp_path / "plan.json")
    (tmp_path / "main.tf").write_text("locals {}")
    assert read_files([tmp_path]).not_checked == ()


def test_plans_in_folders_of_a_folder_of_plans_are_reported(tmp_path: Path) -> None:
    shutil.copy(CASES / "plan.json", tmp_path / "plan.json")
    write(tmp_path / "more" / "plan.json")
    (note,) = read_files([tmp_path]).not_checked
    assert "more/plan.json" in note


def test_broken_links_are_noted_and_the_rest_of_a_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path / "dns.tf.json")
    for name in ("loop.tf.json", "other.tf.json"):
        (tmp_path / name).symlink_to("loop.tf.json" if name == "loop.tf.json" else "gone")
    assert names(tmp_path) == ["dns"]
    assert read_files([tmp_path]).not_checked == (
        f"broken links in {tmp_path}: loop.tf.json, other.tf.json",
    )


@pytest.mark.parametrize("target", ["cdk.tf.json", "gone"])
def test_a_stack_of_cdktf_that_is_a_broken_link_is_refused(target: str, tmp_path: Path) -> None:
    write(tmp_path / "stacks" / "dns" / "cdk.tf.json")
    (tmp_path / "stacks" / "zone").mkdir()
    (tmp_path / "stacks" / "zone" / "cdk.tf.json").symlink_to(target)
    with pytest.raises((NoFilesError, JsonFileError), match=r"zone.cdk\.tf\.json"):
        read_files([tmp_path])


def test_a_folder_of_broken_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.tf.json").symlink_to("loop.tf.json")
    with pytest.raises(NoFilesError, match=r"contains no Terraform JSON"):
        read_files([tmp_path])


def test_folders_may_be_deeper_than_python_calls(tmp_path: Path) -> None:
    folders = [tmp_path]
    for _ in range(1500):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    try:
        write(folders[-1] / "dns.tf.json")
        assert names(tmp_path) == ["dns"]
    finally:
        # Whoever removes a whole tree calls as deep as it goes.
        (folders[-1] / "dns.tf.json").unlink()
        for folder in reversed(folders[1:]):
            folder.rmdir()
