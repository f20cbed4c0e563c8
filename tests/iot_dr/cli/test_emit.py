"""`iot-dr emit`, as a user meets it."""

import sys
from pathlib import Path

import pytest

from tests.support.command import iot_dr_here
from tests.support.json_output import result_of


def test_json_shows_what_was_written_and_where(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    ran = iot_dr_here("emit", "telemetry", "canary", "--out", str(out), "--json")
    assert ran.returncode == 0, ran.stderr
    modules = {each["name"]: each for each in result_of(ran.stdout)["modules"]}
    assert modules.keys() == {"canary", "telemetry"}
    assert Path(modules["canary"]["folder"], "main.tf").is_file()
    assert modules["canary"]["calls"] == []


def test_the_list_shows_every_module_with_its_providers() -> None:
    ran = iot_dr_here("emit", "--list")
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["MODULE", "PROVIDERS", "TITLE"]
    (platform,) = [line for line in lines if line.startswith("platform ")]
    assert "aws.primary, aws.standby, aws.us_east_1" in platform
    document = result_of(iot_dr_here("emit", "--list", "--json").stdout)
    assert [each["name"] for each in document] == [
        line.split()[0] for line in lines[1:] if line[0] != " "
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["canry"], "'canry' is not a module; did you mean 'canary'?"),
        (["nothing"], "'nothing' is not a module; expected one of state-backend, "),
        ([], "expected names of modules or --all; modules: state-backend, "),
        (["canary", "--all"], "expected names of modules or --all, not both; modules: "),
    ],
)
def test_a_module_that_is_none_is_refused_in_one_sentence(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    ran = iot_dr_here("emit", *arguments, "--out", str(tmp_path / "dist"))
    assert ran.returncode == 2
    assert ran.stderr.startswith(message)
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "dist").exists()


def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("ours")
    ran = iot_dr_here("emit", "canary", "--out", str(tmp_path))
    assert ran.returncode == 2
    assert "is not empty; use an empty folder, or --force" in ran.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_what_force_removes_is_reported(tmp_path: Path) -> None:
    out = str(tmp_path / "dist")
    assert iot_dr_here("emit", "canary", "device-data", "--out", out).stderr == ""
    ran = iot_dr_here("emit", "canary", "--out", out, "--force", "--json")
    assert ran.returncode == 0
    assert result_of(ran.stdout)["removed"] == ["device-data"]
    assert ran.stderr == "Removed modules of the earlier emission: device-data\n"


def test_a_missing_package_is_reported_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)
    ran = iot_dr_here("emit", "canary", "--out", str(tmp_path / "dist"))
    assert ran.returncode == 2
    assert ran.stderr == (
        f"emit needs msgpack, not installed in {sys.prefix}; install"
        " 'iot-dr[synth,terraform] @ URL_OF_ITS_WHEEL' there with pip or uv\n"
    )
