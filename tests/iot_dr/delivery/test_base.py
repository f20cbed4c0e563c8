"""The base of a comparison: a commit of a project."""

import json
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest

from environments.project import RECORD, ROOT_VARIABLE
from iot_dr.delivery.base import PROGRAM_VARIABLE, BaseCommitError, base_command, synthesize_base
from tests.support.command import ROOT, iot_dr_here
from tests.support.executable import executable
from tests.support.git import git
from tests.support.package_index import wheel


def committed_project(folder: Path) -> Path:
    """Generate a project, and commit it."""
    assert iot_dr_here("init", "project", cwd=folder).returncode == 0
    project = folder / "project"
    git(project, "init", "--quiet")
    commit(project)
    return project


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "all")


def test_a_commit_with_a_link_out_of_it_is_refused_in_one_line(tmp_path: Path) -> None:
    project = committed_project(tmp_path)
    (project / "link").symlink_to("/etc")
    commit(project)
    done = iot_dr_here("plan", "--base", "HEAD", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "--base HEAD: cannot be checked out: 'link' is a link to an absolute path"
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_python_before_3_11_4_which_has_no_filters_checks_a_commit_out_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FilterError", "data_filter"):
        monkeypatch.delattr(tarfile, name)
    monkeypatch.chdir(committed_project(tmp_path))
    monkeypatch.delenv(ROOT_VARIABLE)
    assert synthesize_base("HEAD", "dev", tmp_path / "base").graph.nodes


def test_a_base_without_a_record_is_synthesized_without_the_files_in_its_root(
    tmp_path: Path,
) -> None:
    (tmp_path / "typing.py").write_text("raise SystemExit('imported')")
    command = [*base_command("HEAD", tmp_path, tmp_path), "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"iot-dr {version('iot-dr')}\n", "")


def generated_by(project: Path, number: str) -> None:
    """Let another version have generated the project, and commit it."""
    record = project / RECORD
    record.write_text(json.dumps({**json.loads(record.read_bytes()), "version": number}))
    commit(project)


def other_version(folder: Path, number: str) -> Path:
    """Write a program that is this version, but prints another and writes the file `ran`."""
    return executable(
        folder / "other-iot-dr",
        f'#!/bin/sh\n[ "$1" = --version ] && echo iot-dr {number} && exit\n'
        f'touch {folder}/ran && PYTHONPATH={ROOT} exec {sys.executable} -m iot_dr "$@"\n',
    )


def test_the_version_that_generated_the_base_synthesizes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = committed_project(tmp_path)
    generated_by(project, "0.0.9")
    monkeypatch.chdir(project)
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.setenv(PROGRAM_VARIABLE, str(other_version(tmp_path, "0.0.9")))
    base = synthesize_base("HEAD", "dev", tmp_path / "base")
    assert [node.name for node in base.graph.nodes][:2] == ["iot-dev-state", "iot-dev-hosted-zone"]
    assert (tmp_path / "ran").exists()
    silent = '#!/bin/sh\n[ "$1" = --version ] && echo iot-dr 0.0.9\nexit 0\n'
    (tmp_path / "other-iot-dr").write_text(silent)
    with pytest.raises(BaseCommitError, match="dev: the result of its synthesis line 1"):
        synthesize_base("HEAD", "dev", tmp_path / "second")


def test_a_program_of_another_version_is_refused(tmp_path: Path) -> None:
    project = committed_project(tmp_path)
    generated_by(project, "0.0.9")
    for program, problem in (
        (str(other_version(tmp_path, "0.0.8")), "is iot-dr 0.0.8; --base HEAD needs iot-dr 0.0.9"),
        (str(tmp_path / "missing"), "No such file or directory"),
    ):
        done = iot_dr_here("plan", "--base", "HEAD", cwd=project, IOT_DR_BASE_PROGRAM=program)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == f"IOT_DR_BASE_PROGRAM: {problem}"


@pytest.mark.exhaustive
def test_the_bases_version_is_installed_from_its_own_requirements(tmp_path: Path) -> None:
    project, wheels = committed_project(tmp_path), tmp_path / "wheels"
    wheels.mkdir()
    program = other_version(tmp_path, "0.0.9")
    files = {"iot_dr-0.0.9.data/scripts/iot-dr": program.read_text()}
    pinned = wheel(wheels, "iot_dr", "0.0.9", files)
    (project / "requirements.lock").write_text(wheel(wheels, "tiny", "1.0", {"tiny.py": ""}))
    (project / "requirements.txt").write_text(pinned.replace("_", "-", 1))
    generated_by(project, "0.0.9")
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    done = iot_dr_here("plan", "--base", "HEAD", "--detailed-exitcode", cwd=project, **env)
    assert done.returncode == 0, done.stderr
    assert "--base HEAD: iot-dr 0.0.9 generated it, and is installed" in done.stderr
    assert (tmp_path / "ran").exists()
    (wheels / "iot_dr-0.0.9-py3-none-any.whl").unlink()
    done = iot_dr_here("plan", "--base", "HEAD", cwd=project, **env)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "--base HEAD: iot-dr 0.0.9 cannot be installed; set IOT_DR_BASE_PROGRAM to an installed"
        " one: ERROR: No matching distribution found for iot-dr==0.0.9"
    )


@pytest.mark.exhaustive
def test_a_base_that_pins_its_version_without_a_hash_is_not_installed(tmp_path: Path) -> None:
    project, wheels = committed_project(tmp_path), tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "iot_dr", "0.0.9", {})
    (project / "requirements.lock").write_text(wheel(wheels, "tiny", "1.0", {"tiny.py": ""}))
    (project / "requirements.txt").write_text("iot-dr==0.0.9\n")
    generated_by(project, "0.0.9")
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    done = iot_dr_here("plan", "--base", "HEAD", cwd=project, **env)
    assert done.returncode == 2
    assert "iot-dr 0.0.9 cannot be installed" in done.stderr
    assert "--hash=sha256:" in done.stderr.splitlines()[-1]
