"""`iot-dr env` shows, checks and creates settings files."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from environments.errors import SettingsError
from environments.project import ROOT_VARIABLE
from iot_dr.cli import env
from tests.environments.certificates import pem
from tests.environments.files import VALID, folder_with, project_with, with_line
from tests.support.json_output import result_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of environments with `dev` in it, and no PRIMARY_REGION set."""
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(project_with(tmp_path, dev=VALID))
    monkeypatch.delenv("PRIMARY_REGION", raising=False)
    return tmp_path / "environments"


def run(*arguments: str, **variables: str) -> Result:
    """Run `iot-dr env` with these arguments and environment variables."""
    app = typer.Typer()
    for command in (env.show, env.check, env.new):
        app.command()(command)
    return CliRunner().invoke(app, list(arguments), env=variables)


@pytest.mark.usefixtures("folder")
def test_show_prints_settings_names_and_roles() -> None:
    result = run("show", "dev")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.replace("\n    ", "  ").splitlines()]
    assert ["endpoint.ttl", "60"] in lines
    assert ["device_name", "mqtt.iot-dev.example.com"] in lines
    assert ["primary_region_from", "environments/dev.yaml"] in lines
    assert lines[-2:] == [
        ["eu-west-1", "primary", "mqtt-eu-west-1.iot-dev.example.com", "example-iot-dev-eu-west-1"],
        [
            "eu-central-1",
            "standby",
            "mqtt-eu-central-1.iot-dev.example.com",
            "example-iot-dev-eu-central-1",
        ],
    ]


def test_show_does_not_wrap_lines_in_a_pipe(folder: Path) -> None:
    label = "a" * 48
    folder_with(folder, dev=with_line(10, f"endpoint: {{label: {label}}}"))
    assert f"{label}-eu-central-1.iot-dev.example.com" in run("show", "dev").stdout


@pytest.mark.usefixtures("folder")
def test_show_takes_the_environment_as_an_option_or_an_argument() -> None:
    assert run("show", "--env", "dev").stdout == run("show", "dev").stdout == run("show").stdout


@pytest.mark.usefixtures("folder")
def test_show_prints_json_for_machines() -> None:
    shown = result_of(run("show", "dev", "--json").stdout)
    assert shown["regions"] == ["eu-west-1", "eu-central-1"]
    assert shown["health"] == {"mode": "deep", "interval": 30, "threshold": 3}
    assert shown["tags"] == {}
    assert shown["zone_name"] == "iot-dev.example.com"
    assert shown["failover_order"][1] == {
        "region": "eu-central-1",
        "role": "standby",
        "regional_name": "mqtt-eu-central-1.iot-dev.example.com",
        "state_bucket": "example-iot-dev-eu-central-1",
    }


@pytest.mark.parametrize(
    ("variable", "line", "expected"),
    [
        ("eu-central-1", "primary_region: eu-west-1", ("eu-central-1", "PRIMARY_REGION")),
        ("", "primary_region: eu-central-1", ("eu-central-1", "environments/dev.yaml")),
        ("", "", ("eu-west-1", "the default")),
    ],
)
def test_show_prints_the_source_of_the_primary_region(
    variable: str, line: str, expected: tuple[str, str], folder: Path
) -> None:
    folder_with(folder, dev=with_line(7, line))
    shown = result_of(run("show", "dev", "--json", PRIMARY_REGION=variable).stdout)
    assert (shown["primary_region"], shown["primary_region_from"]) == expected


@pytest.mark.parametrize("name", ["../dev", "prod", ""])
@pytest.mark.usefixtures("folder")
def test_show_raises_settings_errors(name: str) -> None:
    result = run("show", name)
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception).endswith("existing environments: dev")
    assert result.stdout == ""


def test_check_is_content_with_valid_files(folder: Path) -> None:
    folder_with(folder, test=with_line(2, "environment: test"))
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "dev, test: no mistakes\n")


@pytest.mark.parametrize(("ttl", "warnings"), [(1, 1), (9, 1), (10, 0), (60, 0)])
def test_check_warns_of_a_ttl_that_costs_more_than_it_saves(
    ttl: int, warnings: int, folder: Path
) -> None:
    folder_with(folder, dev=with_line(10, f"endpoint: {{ ttl: {ttl} }}"))
    result = run("check")
    place = f"warning: environments/dev.yaml:10: endpoint.ttl: {ttl} is below 10 s: resolvers query"
    assert (result.exit_code, result.stdout) == (0, "dev: no mistakes\n")
    assert result.stderr.count("warning") == result.stderr.count(place) == warnings


def test_check_prints_every_mistake_of_every_file_and_exits_2(folder: Path) -> None:
    folder_with(folder, dev=with_line(3, "domain: x\nttl: 5"), empty="", test=VALID)
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[:2] for line in result.stderr.splitlines()] == [
        ["environments/dev.yaml:3", "domain"],
        ["environments/dev.yaml:4", "ttl"],
        [
            "environments/empty.yaml",
            "the file is empty; `iot-dr env new` writes a file to start from",
        ],
        ["environments/test.yaml:2", "environment"],
    ]


def test_check_reports_an_expired_device_ca_and_show_does_not(
    folder: Path,
) -> None:
    (folder / "ca.pem").write_bytes(pem(begins=-3, ends=-2))
    block = f"{{method: just-in-time, ca_certificate: {folder.name}/ca.pem}}"
    folder_with(folder, dev=f"{VALID}data: {{provisioning: {block}}}\n")
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "expired on " in result.stderr
    assert run("show", "dev").exit_code == 0


def test_check_looks_at_the_named_files_only(folder: Path) -> None:
    folder_with(folder, empty="")
    assert run("check", "dev").exit_code == 0
    assert run("check", "--env", "dev").stdout == "dev: no mistakes\n"
    assert run("check", "--env", "all").exit_code == 2
    assert run("check", "dev", "nowhere").exit_code == 2


@pytest.mark.usefixtures("folder")
def test_check_judges_the_files_and_not_the_variable() -> None:
    assert run("check", PRIMARY_REGION="mars-1").exit_code == 0
    assert run("show", "dev", PRIMARY_REGION="mars-1").exit_code != 0


def test_check_prints_json(folder: Path) -> None:
    folder_with(folder, dev=with_line(10, "endpoint: {ttl: 0}"), test="")
    result = run("check", "--json")
    assert result.exit_code == 2
    assert result_of(result.stdout) == {
        "checked": ["dev", "test"],
        "mistakes": [
            {
                "file": "environments/dev.yaml",
                "line": 10,
                "key": "endpoint.ttl",
                "value": 0,
                "message": "is out of range; expected 1 to 3600 seconds",
            },
            {
                "file": "environments/test.yaml",
                "line": None,
                "key": "",
                "value": None,
                "message": "the file is empty; `iot-dr env new` writes a file to start from",
            },
        ],
    }


def test_a_new_environment_passes_the_check(folder: Path) -> None:
    result = run("new", "test")
    assert result.exit_code == 0
    assert f"Wrote {folder.name}/test.yaml" in result.stdout
    assert "plan it with `make plan ENV=test PROVIDER=standin`" in result.stdout
    assert run("check", "test").exit_code == 0


@pytest.mark.usefixtures("folder")
def test_a_new_environment_has_the_values_of_the_options() -> None:
    options = ("--domain", "example.org", "--account-id", "012345678901", "--project", "fleet")
    made = run("new", "test", *options, "--region", "us-east-1", "--region", "us-west-2")
    assert made.exit_code == 0
    shown = result_of(run("show", "test", "--json").stdout)
    assert shown["account_id"] == "012345678901"
    assert shown["regions"] == ["us-east-1", "us-west-2"]
    assert shown["home_region"] == shown["primary_region"] == "us-east-1"
    assert shown["device_name"] == "mqtt.iot-test.example.org"
    assert shown["state"] == {"bucket_prefix": "fleet-iot"}


def test_new_never_replaces_a_file(folder: Path) -> None:
    result = run("new", "dev")
    assert isinstance(result.exception, SettingsError)
    assert "environments/dev.yaml: the file exists; edit it" in str(result.exception)
    assert (folder / "dev.yaml").read_text() == VALID


@pytest.mark.parametrize("name", ["../test", "all", "", "Test", "a" * 13])
def test_new_refuses_an_invalid_name_and_writes_nothing(name: str, folder: Path) -> None:
    result = run("new", name)
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception).startswith(f"new environment: environment: {name!r}")
    assert [path.name for path in folder.iterdir()] == ["dev.yaml"]
    assert not (folder.parent / "test.yaml").exists()


@pytest.mark.parametrize("command", ["show", "check", "new"])
def test_the_help_of_each_command_has_an_example(command: str) -> None:
    assert f"Example: iot-dr env {command}" in run(command, "--help").stdout
