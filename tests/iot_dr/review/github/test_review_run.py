from typing import Any

import pytest

from iot_dr.review.github.access import Access
from iot_dr.review.github.api import Api, RetryPolicy
from iot_dr.review.github.review_run import review_run
from tests.support.github_api import REPOSITORY, WORKFLOW_TOKEN, GitHub

COMMIT, HEAD, OTHER = "c" * 40, "a" * 40, "b" * 40


def find(github: GitHub) -> int | None:
    with Api(Access(github.url, WORKFLOW_TOKEN), RetryPolicy()) as api:
        return review_run(api, REPOSITORY, COMMIT)


def pull(head: str = HEAD, merged_at: str | None = "2026-11-25", **more: str) -> dict[str, Any]:
    return {"head": {"sha": head}, "merged_at": merged_at, "merge_commit_sha": COMMIT, **more}


def run(number: int, head: str = HEAD, event: str = "pull_request") -> dict[str, Any]:
    return {"id": number, "event": event, "head_sha": head, "conclusion": "failure"}


def test_the_newest_run_of_the_merged_pull_requests_head_is_found(github: GitHub) -> None:
    github.pulls[COMMIT] = [pull()]
    github.runs = [run(7), run(9), run(8), run(30, head=OTHER), run(31, event="push")]
    assert find(github) == 9


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(merged_at=None)], [pull(merge_commit_sha=OTHER)]],
    ids=["none", "not merged", "merged as another commit"],
)
def test_a_commit_without_a_pull_request_has_no_run(
    github: GitHub, pulls: list[dict[str, Any]]
) -> None:
    github.pulls[COMMIT] = pulls
    github.runs = [run(7)]
    assert find(github) is None


def test_an_unplanned_pull_request_has_no_run(github: GitHub) -> None:
    github.pulls[COMMIT] = [pull()]
    assert find(github) is None
