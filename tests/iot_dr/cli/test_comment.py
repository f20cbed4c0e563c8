import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from iot_dr.review.github.review_comment import marker
from tests.support.command import ROOT, iot_dr_here
from tests.support.github_api import (
    BOT,
    FORK_TOKEN,
    REPOSITORY,
    WORKFLOW_TOKEN,
    Fault,
    GitHub,
    github_api,
)

COMMIT = "c" * 40


@pytest.fixture
def github() -> Generator[GitHub]:
    with github_api(GitHub()) as served:
        yield served


@pytest.fixture
def review(tmp_path: Path) -> Path:
    file = tmp_path / "review.md"
    file.write_text("ok: no changes", encoding="utf-8")
    return file


def run(*arguments: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return iot_dr_here(*arguments, cwd=ROOT, **variables)


def comment(review: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return run("comment", "--env", "dev", "--body", str(review), variables=variables)


def test_the_comments_url_and_action_are_printed(github: GitHub, review: Path) -> None:
    first = comment(review, github.variables())
    url = github.comments[0]["html_url"]
    assert first.stdout == f"dev: comment created: {url}\n", first.stderr
    second = comment(review, github.variables())
    assert second.stdout == f"dev: comment updated: {url}\n"
    assert len(github.bodies(BOT)) == 1


def test_deleted_and_kept_older_comments_are_counted(github: GitHub, review: Path) -> None:
    for _ in range(4):
        github.add(BOT, marker("dev"))
    github.faults.append(Fault(method="DELETE", status=403, body={"message": "No"}))
    github.faults.append(Fault(method="PATCH", status=200, body={"id": 1, "html_url": None}))
    assert comment(review, github.variables()).stdout == (
        "dev: comment updated; 2 older deleted; 1 older kept: no permission to delete\n"
    )


@pytest.mark.parametrize(
    ("given", "message", "status"),
    [
        ("GITHUB_TOKEN=", "GITHUB_TOKEN is not set", 2),
        ("GITHUB_REF=refs/heads/main", "--pr NUMBER", 2),
        ("--repo=nonsense", "must be a repository as owner/name", 2),
        ("--env=nowhere", "nowhere", 2),
        ("--body=gone.md", "gone.md: cannot be read", 2),
        ("--body=", "must not be empty; expected a path", 2),
        (f"GITHUB_TOKEN={FORK_TOKEN}", "has no permission: 403", 1),
        ("GITHUB_TOKEN=ghs_wrong", "does not accept the GITHUB_TOKEN", 1),
        ("--pr=99", "not found, or not visible to the GITHUB_TOKEN", 1),
    ],
)
def test_an_error_is_one_sentence_without_the_token(
    github: GitHub, review: Path, given: str, message: str, status: int
) -> None:
    name, _, value = given.partition("=")
    options, variables = {"--env": "dev", "--body": str(review)}, github.variables()
    (options if name.startswith("--") else variables)[name] = value
    option_words = [word for option in options.items() for word in option]
    done = run("comment", *option_words, variables=variables)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "ghs_" not in done.stderr


def test_without_permission_the_review_goes_to_the_job_summary(
    github: GitHub, review: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary"
    summary.write_text("before\n", encoding="utf-8")
    variables = github.variables(FORK_TOKEN) | {"GITHUB_STEP_SUMMARY": str(summary)}
    done = comment(review, variables)
    assert done.returncode == 0, done.stderr
    assert "the review is in the job summary instead" in done.stdout
    assert summary.read_text(encoding="utf-8") == "before\nok: no changes\n"


def test_an_unwritable_summary_is_reported_with_the_comments_error(
    github: GitHub, review: Path, tmp_path: Path
) -> None:
    variables = github.variables(FORK_TOKEN) | {"GITHUB_STEP_SUMMARY": str(tmp_path)}
    done = comment(review, variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no permission: 403" in done.stderr
    assert f"GITHUB_STEP_SUMMARY: {tmp_path}: cannot be written: Is a directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_review_is_rejected(github: GitHub, review: Path, text: str) -> None:
    review.write_text(text, encoding="utf-8")
    done = comment(review, github.variables())
    assert (done.returncode, done.stdout, github.comments) == (2, "", [])
    assert f"--body: {review}: empty" in done.stderr


@pytest.mark.parametrize(("more", "status"), [(0, 0), (1, 2)])
def test_a_review_is_rejected_only_if_its_comment_is_too_long(
    github: GitHub, review: Path, more: int, status: int
) -> None:
    review.write_text("é" * (65_536 - len(f"{marker('dev')}\n") + more), encoding="utf-8")
    done = comment(review, github.variables())
    assert done.returncode == status, done.stderr
    assert len(github.comments) == 1 - more
    assert ("the comment would have 65,537 characters, and GitHub accepts" in done.stderr) is bool(
        more
    )


def test_the_review_that_a_commit_came_from_is_found(github: GitHub) -> None:
    head = "a" * 40
    merged = {"merged_at": "2026-11-25", "merge_commit_sha": COMMIT}
    github.pulls[COMMIT] = [{"number": 4, "head": {"sha": head}, "base": {"ref": "main"}, **merged}]
    name = "Plan of #4 into main"
    github.runs = [{"id": 9, "event": "pull_request", "head_sha": head, "display_title": name}]
    done = run("reviewed", variables=github.variables() | {"GITHUB_SHA": COMMIT})
    assert (done.returncode, done.stdout) == (0, "9\n"), done.stderr


def test_a_commit_without_a_review_is_reported(github: GitHub) -> None:
    done = run("reviewed", "--commit", COMMIT, "--repo", REPOSITORY, variables=github.variables())
    assert (done.returncode, done.stdout) == (0, "")
    assert "all changes count as unreviewed" in done.stderr


def test_an_invalid_commit_is_rejected(github: GitHub) -> None:
    done = run("reviewed", "--commit", "HEAD", variables=github.variables())
    assert done.returncode == 2
    assert "--commit: must be 40 hexadecimal digits, not 'HEAD'" in done.stderr


def test_a_servers_message_cannot_print_the_token(github: GitHub, review: Path) -> None:
    text = f"no, {WORKFLOW_TOKEN}"
    for body, reason in (({"message": text}, None), (None, text)):
        github.faults.append(
            Fault(method="GET", status=400, of_path="/comments", body=body, reason=reason)
        )
        done = comment(review, github.variables())
        assert done.returncode == 1
        assert "no, (token)" in done.stderr
        assert WORKFLOW_TOKEN not in done.stdout + done.stderr
