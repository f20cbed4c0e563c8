"""`iot-dr upgrade` compares generated files with those of this version."""

import json
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from environments.project import RECORD
from iot_dr.project.record import sha256
from tests.support.command import ROOT, iot_dr_here
from tests.support.json_output import result_of

VERSION = metadata.version("iot-dr")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert iot_dr_here("init", "new", cwd=tmp_path).returncode == 0
    return tmp_path / "new"


def upgrade(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return iot_dr_here("upgrade", *arguments, cwd=project)


def as_generated_before(project: Path, version: str = "0.0.9", **files: str) -> None:
    """Let the record say that an older version generated these files otherwise."""
    record = json.loads((project / RECORD).read_bytes())
    for name, text in files.items():
        path = name.replace("cdktf_", "cdktf.")
        (project / path).write_text(text)
        record["files"][path] = sha256(text.encode())
    (project / RECORD).write_text(json.dumps(record | {"version": version}))


def test_only_what_another_version_generates_differently_is_shown(project: Path) -> None:
    as_generated_before(project, cdktf_json="{}\n")
    (project / "README.md").write_text("ours\n")
    (project / ".gitignore").unlink()
    done = upgrade(project)
    assert done.returncode == 3
    assert done.stdout.startswith("--- a/cdktf.json\n+++ b/cdktf.json\n@@ -1 +1,14 @@\n-{}\n+{\n")
    assert done.stdout.endswith(f"\niot-dr 0.0.9 to {VERSION}: 1 file to change\n")
    assert "README" not in done.stdout


def test_write_changes_files_that_were_not_edited_and_keeps_the_others(project: Path) -> None:
    before = {name: (project / name).read_text() for name in ("Makefile", "cdktf.json")}
    as_generated_before(project, cdktf_json="{}\n", Makefile="all:\n")
    (project / "Makefile").write_text("all:\n\tours\x1b[2J\n")
    done = upgrade(project, "--write")
    assert done.returncode == 3
    assert done.stdout.startswith("--- a/Makefile\n+++ b/Makefile\n")
    assert "\n-\tours\\u001b[2J\n" in done.stdout
    assert "Makefile: edited since it was generated, so it is not written\n" in done.stdout
    assert "changed: cdktf.json\n" in done.stdout
    assert (project / "cdktf.json").read_text() == before["cdktf.json"]
    assert (project / "Makefile").read_text() == "all:\n\tours\x1b[2J\n"
    # It has been shown.
    done = upgrade(project)
    assert (done.returncode, done.stdout) == (
        0, f"iot-dr {VERSION} to {VERSION}: no generated file changes\n"
    )  # fmt: skip


def test_a_file_that_is_no_longer_generated_is_removed_unless_edited(project: Path) -> None:
    old, older = (f".github/workflows/rollout-{name}.yml" for name in ("old", "older"))
    as_generated_before(project, **{old: "1\n", older: "2\n"})
    (project / older).write_text("ours\n")
    printed = result_of(upgrade(project, "--write", "--json").stdout)
    assert [(row["path"], row["change"], row["written"]) for row in printed["files"]] == [
        (old, "removed", True), (older, "removed", False)
    ]  # fmt: skip
    assert printed["files"][0]["diff"] == f"--- a/{old}\n+++ /dev/null\n@@ -1 +0,0 @@\n-1"
    assert not (project / old).exists()
    assert (project / older).read_text() == "ours\n"


@pytest.mark.parametrize("path", [".git/config", "environments/dev.yaml", "src/main.py"])
def test_a_record_that_names_another_file_of_the_project_deletes_nothing(
    project: Path, path: str
) -> None:
    (project / path).parent.mkdir(exist_ok=True)
    as_generated_before(project, **{path: (project / path).read_text() if "dev" in path else "1"})
    done = upgrade(project, "--write")
    message = f"{RECORD}: files: {path} is not a file that iot-dr generates; remove it there\n"
    assert (done.returncode, done.stderr) == (2, message)
    assert (project / path).exists()


@pytest.mark.parametrize(
    ("link", "path"),
    [(".github/workflows", ".github/workflows/apply.yml"), ("Makefile", "Makefile")],
)
def test_no_file_outside_the_project_is_written_through_a_link(
    project: Path, tmp_path: Path, link: str, path: str
) -> None:
    (project / link).rename(tmp_path / "outside")
    (project / link).symlink_to(tmp_path / "outside")
    as_generated_before(project, **{path: "before\n"})
    done = upgrade(project, "--write")
    message = f"{link}: is a symbolic link; replace it with a copy\n"
    assert (done.returncode, done.stderr) == (2, message)
    assert (project / path).read_text() == "before\n"


def test_another_environment_changes_the_workflows(project: Path) -> None:
    assert iot_dr_here("env", "new", "live", "--without-data", cwd=project).returncode == 0
    assert (project / "environments" / "live.yaml").read_text().startswith(
        "# yaml-language-server: $schema=../.iot-dr/settings.schema.json\n"
    )  # fmt: skip
    done = upgrade(project, "--write")
    assert (done.returncode, done.stdout.splitlines()) == (0, [
        "changed: .github/workflows/apply.yml",
        "changed: .github/workflows/plan.yml",
        "added: .github/workflows/rollout-live.yml",
        f"iot-dr {VERSION} to {VERSION}: 3 files written",
    ])  # fmt: skip
    assert json.loads((project / RECORD).read_bytes())["environments"] == ["dev", "live"]


def test_a_project_without_a_record_is_refused() -> None:
    done = iot_dr_here("upgrade", cwd=ROOT)
    message = f"{RECORD}: missing; `iot-dr init` did not generate this project\n"
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"files": []}, "cannot be read ('list' object has no attribute 'items'); restore"),
        ({"files": {"../x": "0"}}, "files: ../x is not a path in the project"),
        ({"files": {"/x\x1b": "0"}}, "files: /x\\u001b is not a path in the project"),
        ({"environments": 1}, "cannot be read ('int' object is not iterable); restore"),
    ],
)
def test_a_wrong_record_is_refused(change: dict[str, object], problem: str, project: Path) -> None:
    record = json.loads((project / RECORD).read_bytes())
    (project / RECORD).write_text(json.dumps(record | change))
    done = upgrade(project, "--write")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{RECORD}: {problem}")
    assert len(done.stderr.splitlines()) == 1


def test_a_project_without_an_environment_is_refused(project: Path) -> None:
    (project / "environments" / "dev.yaml").unlink()
    done = upgrade(project)
    message = "environments: no file of an environment; `iot-dr env new` writes one\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_no_command_runs_on_a_project_of_a_newer_version(project: Path) -> None:
    as_generated_before(project, version="0.10.0")
    for command in ("upgrade", "synth", "check"):
        done = iot_dr_here(command, cwd=project)
        assert done.returncode == 2
        assert done.stderr == (
            f"{RECORD}: iot-dr 0.10.0 generated this project, and this is iot-dr {VERSION};"
            " install the wheel of iot-dr 0.10.0 or newer\n"
        )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "Expecting property name"),
        *((content, "") for content in ("[" * 100_000, json.dumps({"version": "1" * 5000}), "5")),
    ],
)
def test_a_record_that_no_version_wrote_is_refused_in_one_line(
    project: Path, content: str, problem: str
) -> None:
    (project / RECORD).write_text(content)
    for command in ("upgrade", "synth"):
        done = iot_dr_here(command, cwd=project)
        assert done.returncode == 2
        assert done.stderr.startswith(f"{RECORD}: cannot be read ({problem}")
        assert done.stderr.count("\n") == 1


OTHER = ("--account-id", "210987654321")


def test_a_new_environment_with_data_in_an_account_that_has_data_is_refused(project: Path) -> None:
    done = iot_dr_here("env", "new", "prod", cwd=project)
    assert done.returncode == 2
    assert "data: is also in environments/dev.yaml, in the same account" in done.stderr
    assert not (project / "environments" / "prod.yaml").exists()


def test_a_new_environment_gets_its_workflows_as_the_page_shows(project: Path) -> None:
    assert iot_dr_here("env", "new", "prod", *OTHER, cwd=project).returncode == 0
    page = (ROOT / "docs" / "how-to" / "project.md").read_text(encoding="utf-8")
    done = upgrade(project, "--write")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"```console\n$ iot-dr upgrade --write\n{done.stdout}```\n" in page


def test_a_project_moves_to_the_other_engine_and_back_and_to_no_path(project: Path) -> None:
    lock, mark = project / "requirements-cdktn.lock", project / "cdktf.json"
    document = json.loads(mark.read_bytes())
    for context in ({"iot-dr:engine": "cdktn"}, {}):
        mark.write_text(json.dumps(document | {"context": context}, indent=2) + "\n")
        assert upgrade(project, "--write").returncode == 0
        assert lock.exists() is bool(context)
        assert not context or lock.read_bytes() == (ROOT / "locks" / lock.name).read_bytes()
    mark.write_text(json.dumps(document | {"context": {"iot-dr:engine": "../secret"}}))
    done = upgrade(project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "iot-dr:engine='../secret' is not known" in done.stderr
