"""The weekly workflow that updates the locks, as far as it is scripts."""

import os
from pathlib import Path

import pytest

from tests.support.executable import executable
from tests.support.git import git
from tests.support.workflow import Job, workflow

_GITHUB = {"server_url": "", "repository": "repository.git", "ref_name": "main", "run_id": 7}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a lock, and the patch that the job `lock` made."""
    git(tmp_path, "init", "--quiet", "--bare", "repository.git")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "checkout")
    folder = tmp_path / "checkout"
    for name in ("requirements.lock", "main.py", "main .lock"):
        (folder / name).write_text("one==1\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "x")
    (folder / "requirements.lock").write_text("one==2\n")
    (folder / "locks.patch").write_text(git(folder, "diff", "--binary"))
    git(folder, "checkout", "--quiet", ".")
    return folder


def _proposed(checkout: Path, tmp_path: Path, opened: str = "") -> Job:
    commands = tmp_path / "commands"
    executable(
        commands / "gh",
        f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/said\n'
        f'[ "$2" = list ] && echo {opened}\nexit 0\n',
    )
    contexts = {"github": {**_GITHUB, "server_url": str(tmp_path), "token": "ghs_x"}}
    env = {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    return Job.of(
        "update.yml", "propose", contexts=contexts, cwd=checkout, temp=tmp_path / "temp",
        env=env, uses={},
    ).run()  # fmt: skip


@pytest.mark.parametrize("opened", ["", "12"], ids=["a first one", "one that is open"])
def test_a_change_that_passed_is_one_pull_request(
    opened: str, checkout: Path, tmp_path: Path
) -> None:
    job = _proposed(checkout, tmp_path, opened)
    assert job.status == "success", job.printed
    shown = git(tmp_path / "repository.git", "show", "--format=%s", "update-locks")
    assert shown.startswith("Update the locks\n")
    assert "\n-one==1\n+one==2\n" in shown
    said = (tmp_path / "said").read_text()
    assert said.startswith("auth setup-git\n")
    assert ("\npr create --base main --head update-locks" in said) is (not opened)


@pytest.mark.parametrize("file", ["main.py", "main .lock"])
def test_a_patch_of_more_than_locks_is_not_proposed(
    file: str, checkout: Path, tmp_path: Path
) -> None:
    git(checkout, "apply", "locks.patch")
    (checkout / file).write_text("changed\n")
    (checkout / "locks.patch").write_text(git(checkout, "diff", "--binary"))
    git(checkout, "checkout", "--quiet", ".")
    job = _proposed(checkout, tmp_path)
    assert job.status == "failure"
    assert not (tmp_path / "said").exists()


def test_nothing_is_proposed_before_it_passed_everything() -> None:
    jobs = workflow("update.yml")["jobs"]
    assert jobs["propose"]["needs"] == ["lock", "test"]
    assert jobs["test"]["if"] == "needs.lock.outputs.changed"
    assert jobs["test"]["strategy"]["matrix"] == {"target": ["test-all", "conformance"]}
    steps = jobs["test"]["steps"]
    assert steps[2]["run"] == "git apply locks.patch"
    assert steps[-1]["run"] == 'make "$TARGET"'
