"""Loading environments by name, and refusing invalid ones with reasons."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.errors import Mistake, SettingsError
from environments.loader import load, names
from environments.project import environments_folder, project_root
from tests.environments.files import VALID, folder_with, mistakes, only_mistake, with_line
from tests.support.project import add_block


def refusal(name: str, folder: Path) -> Mistake:
    """Return the one mistake that loading `name` reports."""
    with pytest.raises(SettingsError) as caught:
        load(name, {}, folder)
    (mistake,) = caught.value.mistakes
    return mistake


def test_the_committed_environments_are_valid_and_name_their_schema() -> None:
    assert names()
    for name in names():
        assert load(name, {}).environment == name
        first, *_ = (environments_folder() / f"{name}.yaml").read_text().splitlines()
        assert first == "# yaml-language-server: $schema=settings.schema.json"


def test_every_committed_environment_has_its_devices_in_every_region() -> None:
    assert all(load(name, {}).data for name in names())


def test_the_commented_block_of_dev_is_valid(tmp_path: Path) -> None:
    folder = shutil.copytree(environments_folder(), tmp_path / "environments")
    assert load("dev", {}, folder).pipeline is None
    add_block(folder / "dev.yaml", "pipeline")
    assert load("dev", {}, folder).pipeline
    staging = folder / "staging.yaml"
    text = staging.read_text(encoding="utf-8")
    staging.write_text(text.replace("promoted_from: null", "promoted_from: dev"), encoding="utf-8")
    pipeline = load("staging", {}, folder).pipeline
    assert pipeline
    assert pipeline.promoted_from == "dev"


def test_names_are_sorted_and_exclude_other_files(tmp_path: Path) -> None:
    folder_with(tmp_path, b="", a="")
    (tmp_path / ".hidden.yaml").touch()
    (tmp_path / "settings.schema.json").touch()
    assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "",
        ".",
        "..",
        "/etc/passwd",
        "environments/dev.yaml",
        "Dev",
        "dev\0",
        "dev\n",
        "-dev",
        "a/b",
        "1",
        "é",
    ],
)
def test_a_name_that_could_leave_the_folder_is_refused_before_any_file_is_touched(
    name: str, tmp_path: Path
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    folder_with(tmp_path, x=VALID)
    folder_with(inside, dev=VALID, test=VALID)
    mistake = refusal(name, inside)
    assert (mistake.file, mistake.line, mistake.value) == ("inside", None, name)
    assert "is not a name of an environment" in mistake.message
    assert mistake.message.endswith("existing environments: dev, test")


def test_an_unknown_environment_is_refused_with_the_existing_ones(tmp_path: Path) -> None:
    assert refusal("dev", tmp_path).message == "is not an environment; existing environments: none"
    folder_with(tmp_path, staging=VALID)
    message = refusal("stagin", tmp_path).message
    assert (
        message == "is not an environment; did you mean 'staging'? existing environments: staging"
    )
    assert "is not an environment" in refusal("a" * 5000, tmp_path).message


def linked(target: str) -> Callable[[Path], None]:
    return lambda file: file.symlink_to(target)


def of_100_megabytes(file: Path) -> None:
    file.touch()
    os.truncate(file, 100_000_000)


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (Path.mkdir, "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
        (linked("/dev/zero"), "is not a regular file"),
        (linked("missing"), "cannot be read: No such file or directory"),
        (linked("dev.yaml"), "cannot be read: Too many levels of symbolic links"),
        (of_100_megabytes, "has 100000000 bytes; expected at most 262144"),
    ],
    ids=["folder", "pipe", "device", "broken link", "circle of links", "too long"],
)
def test_what_no_settings_can_be_in_is_refused_at_once(
    make: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    make(tmp_path / "dev.yaml")
    assert str(refusal("dev", tmp_path)) == f"environments/dev.yaml: the file {problem}"


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    comment = "#" * (256 * 1024 - len(VALID) - 1) + "\n"
    folder_with(tmp_path, dev=comment + VALID)
    assert load("dev", {}, tmp_path).environment == "dev"


def test_a_file_without_permission_to_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, dev=VALID)
    (tmp_path / "dev.yaml").chmod(0)
    if os.geteuid() == 0:  # whom permissions do not stop

        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(os, "open", refuse)
    assert refusal("dev", tmp_path).message == "the file cannot be read: Permission denied"


def test_primary_region_overrides_the_file_and_counts_as_unset_when_empty(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID)
    override = {"PRIMARY_REGION": "eu-central-1"}
    assert load("dev", override, tmp_path).failover_order == ("eu-central-1", "eu-west-1")
    assert load("dev", {"PRIMARY_REGION": ""}, tmp_path) == load("dev", {}, tmp_path)
    assert load("dev", override, tmp_path).home_region == "eu-west-1"


def test_primary_region_comes_from_the_process_environment_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, dev=VALID)
    monkeypatch.setenv("PRIMARY_REGION", "eu-central-1")
    assert load("dev", folder=tmp_path).primary_region == "eu-central-1"
    assert load("dev", {}, tmp_path).primary_region == "eu-west-1"


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("mars-1", "is not a region with IoT Core; expected ap-east-1"),
        ("eu-west-9", "did you mean"),
        ("eu-north-1", "is not among the regions; expected eu-west-1, eu-central-1"),
        (" ", "is not a region with IoT Core"),
    ],
)
def test_a_wrong_primary_region_names_the_variable_and_not_the_file(
    region: str, message: str
) -> None:
    mistake = only_mistake(VALID, primary_region=region)
    assert (mistake.file, mistake.line) == ("PRIMARY_REGION", None)
    assert (mistake.key, mistake.value) == ("primary_region", region)
    assert message in mistake.message


def test_all_mistakes_of_a_file_and_a_variable_are_reported_in_order() -> None:
    text = (
        with_line(13, "tags: {a: &x b}")
        .replace("domain: example", "domian: example")  # codespell:ignore - an unknown key
        .replace("eu-central-1]", "eu-west-1, mars-1]")
        .replace("role_arn: null", "role_arn: arn:aws:iam::999999999999:role/x")
        .replace("ttl: 60", "ttl: 0")
        .replace("mode: deep", "mode: deeper")
        .replace("prefix: example-iot", f"prefix: {'x' * 50}")
    )
    found_mistakes = mistakes(text, primary_region="mars-2")
    assert [(mistake.file, mistake.line, mistake.key) for mistake in found_mistakes] == [
        ("environments/dev.yaml", 3, "domian"),  # codespell:ignore
        ("environments/dev.yaml", 5, "deploy_role_arn"),
        ("environments/dev.yaml", 8, "regions[1]"),
        ("environments/dev.yaml", 8, "regions[2]"),
        ("environments/dev.yaml", 10, "endpoint.ttl"),
        ("environments/dev.yaml", 11, "health.mode"),
        ("environments/dev.yaml", 12, "state.bucket_prefix"),
        ("environments/dev.yaml", 13, "tags.a"),
        ("environments/dev.yaml", None, "domain"),
        ("PRIMARY_REGION", None, "primary_region"),
    ]
    assert len(str(SettingsError(found_mistakes)).splitlines()) == len(found_mistakes)


def test_a_missing_key_of_a_block_has_the_line_of_the_block() -> None:
    assert only_mistake(with_line(12, "state: {}")).line == 12


def test_mistakes_beyond_a_hundred_are_only_counted() -> None:
    found_mistakes = mistakes(VALID + "".join(f"unknown{n}: 1\n" for n in range(150)))
    assert len(found_mistakes) == 101
    assert str(found_mistakes[-1]) == "environments/dev.yaml: 50 more mistakes are not shown"


def test_names_of_errors_and_commands_are_there_without_loading_pydantic_or_yaml() -> None:
    code = (
        "import sys, environments, environments.errors, environments.regions, iot_dr.cli\n"
        "print({'pydantic', 'yaml'} & set(sys.modules))"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=project_root(), text=True)
    assert printed == "set()\n"
