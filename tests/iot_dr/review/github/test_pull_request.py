import json
import os
from pathlib import Path
from typing import Any

import pytest

from iot_dr.review.github.access import GitHubUsageError
from iot_dr.review.github.pull_request import PullRequest

REPOSITORY = {"GITHUB_REPOSITORY": "owner/name"}


def event(tmp_path: Path, content: Any) -> dict[str, str]:
    file = tmp_path / "event.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return {**REPOSITORY, "GITHUB_EVENT_PATH": str(file)}


def test_the_event_names_the_pull_request(tmp_path: Path) -> None:
    variables = event(tmp_path, {"action": "opened", "pull_request": {"number": 7, "title": "x"}})
    assert PullRequest.from_options(None, None, variables) == PullRequest("owner/name", 7)


def test_the_ref_names_the_pull_request_if_the_event_does_not(tmp_path: Path) -> None:
    for variables in (event(tmp_path, {"issue": {"number": 3}}), dict(REPOSITORY)):
        variables["GITHUB_REF"] = "refs/pull/12/merge"
        assert PullRequest.from_options(None, None, variables).number == 12


def test_options_override_variables(tmp_path: Path) -> None:
    variables = event(tmp_path, {"pull_request": {"number": 7}})
    assert PullRequest.from_options("other/one", 8, variables) == PullRequest("other/one", 8)


@pytest.mark.parametrize("ref", ["", "refs/heads/main", "refs/pull/0/merge", "refs/pull/x/merge"])
def test_a_missing_pull_request_is_reported(ref: str) -> None:
    with pytest.raises(GitHubUsageError, match="--pr NUMBER"):
        PullRequest.from_options(None, None, {**REPOSITORY, "GITHUB_REF": ref})


@pytest.mark.parametrize(
    "name", ["", "owner", "owner/..", "owner/.", "a/b/c", "owner/na me", "owner/n?x", "o/n\n", "/n"]
)
def test_an_invalid_repository_is_reported(name: str) -> None:
    with pytest.raises(
        GitHubUsageError, match=("--repo or GITHUB_REPOSITORY: must be a repository as owner/name")
    ):
        PullRequest.from_options(None, 1, {"GITHUB_REPOSITORY": name})


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{", "\udc80", '{"x": ' + "[" * 100_000),
        *(f'{{"pull_request": {{"number": {number}}}}}' for number in ('"7"', "0", "-7")),
    ],
    ids=["empty", "list", "cut off", "no UTF-8", "deep", "text", "zero", "negative"],
)
def test_an_invalid_event_is_reported_with_its_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(GitHubUsageError, match=r"event\.json: not a GitHub event"):
        PullRequest.from_options(None, None, {**REPOSITORY, "GITHUB_EVENT_PATH": str(file)})


def test_a_missing_event_file_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("gone.json", "pipe.json"):
        variables = {**REPOSITORY, "GITHUB_EVENT_PATH": str(tmp_path / name)}
        with pytest.raises(GitHubUsageError, match="not a GitHub event"):
            PullRequest.from_options(None, None, variables)
