"""`iot-dr init` generates a project."""

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from environments.loader import load
from environments.project import RECORD
from iot_dr.project.new_project import FilesInTheWayError, write_new
from tests.iot_dr.cli.terminal import Terminal
from tests.support.command import ROOT, iot_dr, iot_dr_here
from tests.support.json_output import result_of


def init(cwd: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return iot_dr_here("init", *arguments, cwd=cwd, typed=typed)


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_new_folder_gets_a_project_that_check_and_upgrade_accept(tmp_path: Path) -> None:
    done = init(tmp_path, "Acme IoT", "--environments", "dev,prod", "--domain", "example.org")
    # It runs from a clone.
    assert done.returncode == 0
    assert done.stderr == (
        "requirements.txt: this iot-dr was not installed from a wheel with a known hash; write the"
        " wheel's URL and hash there before `make` or a workflow installs it\n"
    )
    assert done.stdout == (
        "Wrote 20 files into Acme IoT.\n"
        "Example values: account_id 123456789012,123456789013; replace them in environments/ before"
        " PROVIDER=aws.\n"
        "Each region has device data, billed without devices too: a Kinesis stream, alarms and"
        " replicas of tables. See docs/reference/cost.md; --without-data leaves it out.\n"
        "Next: cd 'Acme IoT' && make plan PROVIDER=standin\n"
    )
    project = tmp_path / "Acme IoT"
    settings = load("prod", {}, project / "environments")
    assert (settings.project, settings.domain) == ("acme-iot", "example.org")
    schema = (project / "environments" / "dev.yaml").read_text().splitlines()[0].split("=")[1]
    assert (project / "environments" / schema).is_file()
    assert stat.S_IMODE(project.stat().st_mode) == 0o777 & ~_umask()
    assert [path.name for path in tmp_path.iterdir()] == ["Acme IoT"]
    for command in (["check", "--env", "prod"], ["upgrade"], ["pipeline", "workflow", "--check"]):
        assert iot_dr_here(*command, cwd=project).returncode == 0


def test_a_project_with_the_fork_runs_on_it_in_every_command(tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--engine", "cdktn", "--without-data").returncode == 0
    project = tmp_path / "new"
    assert (project / "requirements-cdktn.lock").is_file()
    assert "iot-dr[cdktn] @ " in (project / "requirements.txt").read_text()
    assert iot_dr_here("upgrade", cwd=project).returncode == 0
    below = project / "environments"
    assert iot_dr("synth", cwd=below, ENGINE="").returncode == 0
    stack = json.loads((below / "cdktf.out/stacks/iot-dev-state/cdk.tf.json").read_bytes())
    assert stack["terraform"]["required_providers"]["aws"]["version"] == "6.69.1"


def test_an_unknown_engine_of_a_project_is_refused_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text('{"context": {"iot-dr:engine": "terrain"}}')
    done = iot_dr("check", cwd=tmp_path, ENGINE="")
    problem = "iot-dr:engine='terrain' is not known; expected 'cdktf' or 'cdktn'"
    assert (done.returncode, done.stderr) == (2, f"error: cdktf.json: context: {problem}\n")
    assert "terrain" not in iot_dr("check", cwd=tmp_path, ENGINE="cdktf").stderr


def test_without_data_init_says_what_that_means_and_check_warns(tmp_path: Path) -> None:
    done = init(tmp_path, "new", "--without-data")
    said = "Without the block data a standby refuses devices unless something of yours"
    assert said in done.stdout
    assert "billed" not in done.stdout
    project = tmp_path / "new"
    assert load("dev", {}, project / "environments").data is None
    checked = iot_dr_here("check", cwd=project)
    assert checked.returncode == 0
    assert "[devices-unknown-in-standby]" in checked.stdout
    with (project / "environments" / "dev.yaml").open("a") as file:
        file.write("suppressions: [{rule: devices-unknown-in-standby, reason: our own CA}]\n")
    assert "ok: 1 suppressed; 5 stacks" in iot_dr_here("check", cwd=project).stdout


def test_the_page_shows_what_init_prints(tmp_path: Path) -> None:
    command = "iot-dr init platform --domain example.org --environments dev,prod"
    done = init(tmp_path, *command.split()[2:])
    page = (ROOT / "docs" / "how-to" / "project.md").read_text(encoding="utf-8")
    assert f"```console\n$ {command}\n{done.stdout}```\n" in page


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_json_lists_files_and_example_values(tmp_path: Path) -> None:
    printed = result_of(init(tmp_path, "new", "--json", "--regions", "eu-north-1,eu-west-3").stdout)
    assert printed["files"] == sorted(content(tmp_path / "new"))
    assert printed["regions"] == ["eu-north-1", "eu-west-3"]
    assert printed["example_values"] == ["domain", "account_id"]


@pytest.mark.parametrize("account_id", ["", '"210987654321"'])
def test_a_terminal_is_asked_for_what_is_missing_and_at_once_again_after_a_wrong_answer(
    account_id: str, tmp_path: Path
) -> None:
    typed = Terminal(f"Acme\nacme\ntest\nexample\nexample.net\n12\n{account_id}\n\n")
    done = iot_dr_here("init", ".", cwd=tmp_path, typed=typed)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Project [")
    questions = re.findall(r"(Project|Environments|Domain|Account id|Regions) \[", done.stderr)
    assert questions == [
        *("Project", "Project", "Environments", "Domain", "Domain"),
        *("Account id", "Account id", "Regions"),
    ]
    first, second, third = re.findall(r"new environment: (\w+): '\w+' is not allowed", done.stderr)
    assert (first, second, third) == ("project", "domain", "account_id")
    settings = load("test", {}, tmp_path / "environments")
    assert (settings.project, settings.domain) == ("acme", "example.net")
    assert settings.account_id == (account_id.strip('"') or "123456789012")
    assert settings.regions == ("eu-west-1", "eu-central-1")


def test_the_project_says_which_environments_need_a_provider(tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--environments", "lab,live").returncode == 0
    project = tmp_path / "new"
    help_ = subprocess.run(
        ["/usr/bin/env", "make", "help"], cwd=project, capture_output=True, text=True, check=True
    )
    assert "PROVIDER=standin or aws (optional for dev)\n" in help_.stdout
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert "Only the environment `dev` has a default for `PROVIDER`" in readme
    done = iot_dr_here("plan", cwd=project, ENV="lab")
    assert done.returncode == 2
    assert done.stderr.endswith("set PROVIDER=standin or PROVIDER=aws\n")


def test_an_existing_folder_keeps_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("mine")
    (tmp_path / "environments").mkdir()
    assert init(tmp_path, ".").returncode == 0
    files = content(tmp_path)
    assert files["LICENSE"] == b"mine"
    assert {"main.py", "environments/dev.yaml", RECORD} < set(files)
    assert not [name for name in files if "iot-dr-init" in name]


IN_THE_WAY = "nothing is written, these files exist: {}; move them, or name another folder"


@pytest.mark.parametrize(
    ("folder", "problem"),
    [
        ("taken", IN_THE_WAY.format(".github, Makefile, main.py")),
        ("linked", IN_THE_WAY.format(".github, environments")),
        ("link", "is a symbolic link; name the folder that it leads to"),
        ("file", "is a file; name a folder"),
        ("file/inner", "cannot be written: File exists"),
        *((folder, "is not for a project; name a folder in it") for folder in ("/", "{home}", ".")),
        ("", "must be the path of a folder, not an empty text"),
    ],
)
def test_a_folder_that_is_taken_a_link_a_file_or_a_home_stays_as_it_is(
    folder: str, problem: str, tmp_path: Path
) -> None:
    for name in ("taken", "linked", "outside"):
        (tmp_path / name).mkdir()
    for name in ("taken/Makefile", "taken/.github", "file"):
        (tmp_path / name).write_text("mine")
    for name, target in (
        ("taken/main.py", "nowhere"), ("link", "outside"),
        ("linked/.github", "../outside"), ("linked/environments", "nowhere"),
    ):  # fmt: skip
        (tmp_path / name).symlink_to(target)
    before = content(tmp_path)
    folder = folder.format(home=tmp_path)
    done = iot_dr_here("init", folder, cwd=tmp_path, HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{folder}: {problem}\n" or (not folder and problem in done.stderr)
    assert content(tmp_path) == before


def test_a_file_that_appears_concurrently_is_kept_and_the_rest_removed(tmp_path: Path) -> None:
    class Files(dict[str, bytes]):
        """Has the second file appear when the first one's folder is about to be written."""

        def __iter__(self):  # noqa: ANN204 - as dict's
            names = super().__iter__()
            yield next(names)
            if (tmp_path / "a" / "first").exists():
                (tmp_path / "second").write_text("mine")
            yield from names

    with pytest.raises(FilesInTheWayError, match="cannot be written: File exists"):
        write_new(Files({"a/first": b"1", "second": b"2"}), tmp_path)
    assert content(tmp_path) == {"second": b"mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["second"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--domain", "x"], "new environment: domain: 'x' is not allowed; expected a"),
        (["--environments", "../dev"], "new environment: environment: '../dev' is not allowed"),
        (["--environments", "dev,dev"], "new project: environments: ['dev', 'dev'] is not"),
        (["--environments", ","], "new project: environments: [] is not allowed; expected one"),
        (
            ["--environments", "a,b", "--account-id", "210987654321"],
            "new project: account_id: ['210987654321'] are not enough for 2 environments",
        ),
        *(
            (
                ["--environments", names, "--account-id", "210987654321,210987654322", *more],
                "new project: account_id: ['210987654321', '210987654322'] are not one for each of",
            )
            for names, *more in (("a,b,c", "--without-data"), ("a,b,c",), ("a",))
        ),
        (["--regions", "eu-west-1"], "new environment: regions"),
        (["--project", "Acme"], "new environment: project"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_before_the_first_question_and_nothing_written(
    arguments: list[str], problem: str, tmp_path: Path
) -> None:
    for typed in ("", Terminal("acme\n")):
        done = iot_dr_here("init", "new", *arguments, cwd=tmp_path, typed=typed)
        assert done.returncode == 2
        assert done.stderr.startswith(problem), done.stderr
    assert not list(tmp_path.iterdir())
