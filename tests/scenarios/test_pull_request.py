"""Pushes to a pull request: the jobs of plan.yml in order, with a server as GitHub's API."""

import os
import shutil
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from iot_dr.review.github.review_comment import marker
from tests.support.command import ROOT
from tests.support.git import git
from tests.support.github_api import BOT, FORK_TOKEN, REPOSITORY, USER, GitHub, github_api
from tests.support.project import Project
from tests.support.workflow import Job

FILES = ("Makefile", "pyproject.toml", "requirements.lock")
RUN = f"https://github.test/{REPOSITORY}/actions/runs/7"


@pytest.fixture
def github() -> Generator[GitHub]:
    with github_api(GitHub()) as served:
        yield served


class PullRequest:
    """A clone with the merge of a pull request checked out, and the results of its runs."""

    def __init__(self, folder: Path, github: GitHub) -> None:
        self.project = Project.copy(folder / "clone")
        for name in FILES:
            shutil.copy(ROOT / name, self.project.folder)
            # Older than the installed packages: nothing must be installed here.
            os.utime(self.project.folder / name, (0, 0))
        self.folder, self.github, self.runs = folder, github, 0
        self.artifacts: dict[str, Path] = {}
        self.git("branch", "--move", "main")
        self.git("checkout", "--quiet", "-b", "feature")

    def git(self, *arguments: str) -> None:
        git(self.project.folder, *arguments)

    def push(self, old: str, new: str) -> Job:
        """Change the settings of dev, merge that as GitHub does, and run the job `plan`."""
        self.git("checkout", "--quiet", "feature")
        self.project.edit("environments/dev.yaml", old, new)
        self.git("commit", "--quiet", "--no-verify", "--all", "--message", new)
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--no-verify", "--message", "merge", "feature")
        self.runs += 1
        shutil.rmtree(self.project.folder / "review", ignore_errors=True)
        self.artifacts = {}
        return self.job("plan", {"actions/upload-artifact": self.keep})

    def keep(self, inputs: Mapping[str, Any]) -> bool:
        kept = self.folder / f"artifact-{self.runs}"
        for name in str(inputs["path"]).split():
            if (self.project.folder / name).is_file():
                kept.mkdir(exist_ok=True)
                shutil.copy(self.project.folder / name, kept)
        if kept.is_dir():
            self.artifacts[str(inputs["name"])] = kept
        return True

    def fetch(self, inputs: Mapping[str, Any]) -> bool:
        result = self.artifacts.get(str(inputs["name"]))
        if result:
            shutil.copytree(result, self.project.folder / str(inputs["path"]), dirs_exist_ok=True)
        return result is not None

    def comment(self, **env: str) -> Job:
        """Run the job `comment`, on a machine of its own."""
        shutil.rmtree(self.project.folder / "review", ignore_errors=True)
        return self.job("comment", {"actions/download-artifact": self.fetch}, **env)

    def job(self, name: str, uses: Any, **env: str) -> Job:
        github = {
            "repository": REPOSITORY, "server_url": "https://github.test", "run_id": 7,
            "event": {"pull_request": {"number": 12, "head": {"repo": {"full_name": "fork/x"}}}},
        }  # fmt: skip
        return Job.of(
            "plan.yml",
            name,
            contexts={
                "github": {**github, "token": self.github.variables()["GITHUB_TOKEN"]},
                "matrix": {"environment": "dev"},
                "vars": {"PLAN_ROLE_ARN_DEV": "arn:aws:iam::111111111111:role/plan"},
            },
            cwd=self.project.folder,
            temp=self.folder / f"{name}-{self.runs}{len(list(self.folder.iterdir()))}",
            env={**self.variables(), **env},
            uses=uses,
        ).run()

    def variables(self) -> dict[str, str]:
        ours = ("GITHUB_TOKEN", "GITHUB_STEP_SUMMARY")
        result = self.github.variables()
        return {name: value for name, value in result.items() if name not in ours}


def test_a_push_that_cannot_be_planned_replaces_the_comment_of_the_one_before(
    tmp_path: Path, github: GitHub
) -> None:
    github.add(USER, f"{marker('dev')}\nok: I say so")
    pull_request = PullRequest(tmp_path, github)

    first = pull_request.push("ttl: 60", "ttl: 120")
    assert first.status == "success", first.printed
    assert first.outcomes["aws-actions/configure-aws-credentials"] == "skipped"
    assert {path.name for path in pull_request.artifacts["review-dev"].iterdir()} == {
        "review.md", "review.html", "review.json",
    }  # fmt: skip
    assert not list(pull_request.project.folder.rglob("*.tfplan"))
    result = pull_request.comment()
    assert result.status == "success", result.printed
    (comment,) = github.bodies(BOT)
    assert comment.splitlines()[0] == marker("dev")
    assert "HEAD^1" in comment
    assert "ttl" in comment

    broken = pull_request.push("ttl: 120", "ttl: no-number")
    assert broken.status == "failure"
    pull_request.comment()
    assert github.bodies(BOT) == [f"{marker('dev')}\ndev: no review, planning failed: {RUN}\n"]
    assert github.bodies(USER) == [f"{marker('dev')}\nok: I say so"]


@pytest.mark.exhaustive
def test_a_push_that_devices_would_suffer_from_fails_and_the_comment_shows_the_review(
    tmp_path: Path, github: GitHub
) -> None:
    github.add(BOT, f"{marker('dev')}\ndev: no review, planning failed: {RUN}\n")
    pull_request = PullRequest(tmp_path, github)
    blocked = pull_request.push("label: mqtt, ttl: 60", "label: other, ttl: 60")
    assert blocked.status == "failure", blocked.printed
    assert pull_request.comment().status == "success"
    (comment,) = github.bodies(BOT)
    assert "block" in comment
    assert "no review" not in comment


def test_a_pull_request_from_a_fork_gets_the_summary_instead(
    tmp_path: Path, github: GitHub
) -> None:
    pull_request = PullRequest(tmp_path, github)
    review = tmp_path / "artifact"
    review.mkdir()
    (review / "review.md").write_text("ok: no changes", encoding="utf-8")
    pull_request.artifacts["review-dev"] = review
    done = pull_request.comment(GITHUB_TOKEN=FORK_TOKEN)
    assert done.status == "success", done.printed
    assert done.summary == "ok: no changes\n"
    assert "the review is in the job summary instead" in done.printed
    assert FORK_TOKEN not in done.printed
    assert github.bodies(BOT) == []
