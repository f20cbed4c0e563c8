"""The workflow that hands out the modules, as far as it is scripts."""

import os
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from iot_dr.emit.changelog import DATA, current_version, releases
from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.git import git
from tests.support.workflow import Job, evaluate, workflow

FILES = ("Makefile", "pyproject.toml", "requirements.lock")
VERSION = current_version(releases(DATA))
TAG = f"modules-v{VERSION}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which the job's scripts run this project's code."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, folder)
        # Older than what is installed: nothing is to be installed here.
        os.utime(folder / name, (0, 0))
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def run(name: str, checkout: Path, repository: str = "", **env: str) -> Job:
    contexts: dict[str, dict[str, Any]] = {
        "github": {"ref_name": TAG, "actor": "somebody", "actor_id": 7, "token": "ghs_x"},
        "vars": {"MODULES_REPOSITORY": repository},
        "secrets": {"MODULES_TOKEN": "secret"},
    }
    temp = checkout.parent / name
    return Job.of(
        "release-modules.yml", name, contexts=contexts, cwd=checkout, temp=temp, env=env, uses={}
    ).run()


@pytest.mark.exhaustive
def test_a_named_repository_gets_a_commit_and_a_tag_by_who_has_set_the_tag_here(
    checkout: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "terraform-aws-modules.git"
    git(tmp_path, "init", "--quiet", "--bare", repository.name)
    job = run("push", checkout, str(repository))
    assert job.status == "success", job.printed
    assert "secret" not in job.printed
    shown = git(repository, "show", "--no-patch", "--format=%an <%ae>", f"v{VERSION}^{{commit}}")
    assert shown == "somebody <7+somebody@users.noreply.github.com>\n"


@pytest.mark.exhaustive
def test_without_one_the_archive_is_attached_to_a_new_release_of_that_tag(
    checkout: Path, tmp_path: Path
) -> None:
    commands, said = tmp_path / "commands", tmp_path / "said"
    executable(commands / "gh", f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\n')
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    job = run("attach", checkout, PATH=path)
    assert job.status == "success", job.printed
    arguments = said.read_text(encoding="utf-8").splitlines()
    assert arguments[:3] == ["release", "create", TAG]
    assert "--verify-tag" in arguments
    with tarfile.open(arguments[3]) as archive:
        packed = {entry.name: entry for entry in archive}
    assert "./modules/canary/functions/canary.zip" in packed
    # The same bytes whenever and by whom it is packed.
    assert {(each.mtime, each.uid, each.uname) for each in packed.values()} == {(0, 0, "")}
    assert {each.mode for each in packed.values()} == {0o644, 0o755}
    assert list(packed) == sorted(packed)
    assert (checkout / arguments[-1]).read_text(encoding="utf-8").startswith("# Changelog")


@pytest.mark.parametrize("repository", ["", "https://git.example.com/modules.git"])
def test_it_is_pushed_or_attached_and_only_once_it_is_judged(repository: str) -> None:
    jobs = workflow("release-modules.yml")["jobs"]
    contexts = {"vars": {"MODULES_REPOSITORY": repository}}
    done = [name for name in ("push", "attach") if evaluate(jobs[name]["if"], contexts)]
    assert done == (["push"] if repository else ["attach"])
    assert {jobs[name]["needs"] for name in ("push", "attach")} == {"judge"}
    judged = [step.get("run", "") for step in jobs["judge"]["steps"]]
    assert "make scan" in judged


def test_the_token_is_known_to_the_one_step_that_pushes() -> None:
    jobs = workflow("release-modules.yml")["jobs"]
    steps = [(name, step) for name, job in jobs.items() for step in job["steps"]]
    with_token = [(name, step["name"]) for name, step in steps if "secrets." in str(step)]
    assert with_token == [("push", "Push")]
    assert jobs["push"]["environment"] == "modules"
    assert "environment" not in {**jobs["judge"], **jobs["attach"]}
