from typing import Any

import pytest
import yaml

from iot_dr.review.github.access import Access
from iot_dr.review.github.api import Api, RetryPolicy
from iot_dr.review.github.review_run import review_run
from tests.support.command import ROOT
from tests.support.github_api import REPOSITORY, WORKFLOW_TOKEN, GitHub

COMMIT, HEAD, OTHER = "c" * 40, "a" * 40, "b" * 40


def find(github: GitHub) -> int | None:
    with Api(Access(github.url, WORKFLOW_TOKEN), RetryPolicy()) as api:
        return review_run(api, REPOSITORY, COMMIT)


def pull(head: str = HEAD, merged_at: str | None = "2026-11-25", **more: str) -> dict[str, Any]:
    merged = {"merged_at": merged_at, "merge_commit_sha": COMMIT, **more}
    return {"number": 12, "head": {"sha": head}, "base": {"ref": "main"}, **merged}


def name_of_run(number: int, base: str) -> str:
    """Return the name of a run, as GitHub forms it of the workflow that a project gets too."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/plan.yml").read_text(encoding="utf-8"))
    with_number = workflow["run-name"].replace(
        "${{ github.event.pull_request.number }}", str(number)
    )
    return with_number.replace("${{ github.base_ref }}", base)


def run(
    id_: int,
    head: str = HEAD,
    event: str = "pull_request",
    *,
    number: int = 12,
    base: str = "main",
) -> dict[str, Any]:
    named = {"display_title": name_of_run(number, base)}
    return {"id": id_, "event": event, "head_sha": head, "conclusion": "failure", **named}


def test_the_newest_run_of_the_merged_pull_requests_head_is_found(github: GitHub) -> None:
    github.pulls[COMMIT] = [pull()]
    github.runs = [run(7), run(9), run(8), run(30, head=OTHER), run(31, event="push")]
    assert find(github) == 9


@pytest.mark.parametrize("other", [{"number": 13}, {"number": 1}, {"base": "release"}])
def test_a_run_of_another_pull_request_or_base_with_the_same_head_is_not_taken(
    github: GitHub, other: dict[str, Any]
) -> None:
    github.pulls[COMMIT] = [pull()]
    github.runs = [run(9, **other)]
    assert find(github) is None
    github.runs = [run(7), run(9, **other)]
    assert find(github) == 7


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
