"""The base of a comparison: a commit of a project."""

import subprocess
from pathlib import Path

from tests.support.command import iot_dr_here


def git(project: Path, *arguments: str) -> None:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *who, *arguments], cwd=project, check=True)  # noqa: S607 - the user's


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
