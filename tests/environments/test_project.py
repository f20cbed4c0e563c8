"""The folder of the user's files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import load, names
from environments.project import RECORD, ROOT_VARIABLE, NoProjectError, project_root
from tests.environments.files import VALID, project_with


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(ROOT_VARIABLE)
    return project_with(tmp_path / "project", dev=VALID)


def test_a_project_is_found_from_any_folder_in_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project / "docs" / "adr"
    inner.mkdir(parents=True)
    for folder in (project, inner):
        monkeypatch.chdir(folder)
        assert project_root() == project
        assert (names(), load("dev", {}).environment) == (["dev"], "dev")


def test_the_variable_names_the_project_outside_of_any(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    monkeypatch.setenv(ROOT_VARIABLE, project.name)
    assert (project_root(), names()) == (project, ["dev"])
    monkeypatch.chdir(project)
    monkeypatch.setenv(ROOT_VARIABLE, ".")
    assert project_root() == project


def test_the_nearest_project_counts_and_the_variable_must_not_name_another(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project_with(project / "inner")
    monkeypatch.chdir(inner)
    assert (project_root(), names()) == (inner, [])
    monkeypatch.setenv(ROOT_VARIABLE, "")
    assert project_root() == inner
    monkeypatch.setenv(ROOT_VARIABLE, str(project))
    with pytest.raises(SettingsError) as caught:
        names()
    assert str(caught.value) == (
        f"IOT_DR_ROOT: names the project {project}, and the working directory is in {inner};"
        " unset the variable, or change to the project's folder"
    )


def test_without_a_project_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ROOT_VARIABLE)
    with pytest.raises(NoProjectError, match=r"is not in a project.*set IOT_DR_ROOT"):
        load("dev", {})


def test_a_variable_that_names_another_folder_is_refused_everywhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setenv(ROOT_VARIABLE, str(project / "environments"))
    with pytest.raises(
        SettingsError, match=r"^IOT_DR_ROOT: .*/environments has no cdktf\.json; expected"
    ):
        names()


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, endless, os.mkdir])
def test_a_record_that_is_not_a_regular_file_is_refused_at_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    (project / RECORD).parent.mkdir()
    make(project / RECORD)
    monkeypatch.chdir(project)
    with pytest.raises(SettingsError, match=r"cannot be read \(is not a regular file\)"):
        project_root()
