"""The workflow run that reviewed the pull request of a commit."""

from typing import Final

import msgspec

from iot_dr.review.github.api import Api, decode

_WORKFLOW: Final = "plan.yml"


class _Head(msgspec.Struct):
    sha: str


class _Pull(msgspec.Struct):
    head: _Head
    merged_at: str | None = None
    merge_commit_sha: str | None = None


class _Run(msgspec.Struct):
    id: int
    event: str


class _Runs(msgspec.Struct):
    workflow_runs: list[_Run]


def review_run(api: Api, repository: str, commit: str) -> int | None:
    """Return the id of the newest plan.yml run for the head of the commit's merged pull request.

    None if the commit has no pull request or its head was not planned. Raises GitHubError.
    The forms are in docs.github.com/en/rest/commits/commits and .../rest/actions/workflow-runs.
    """
    pulls = decode(api.request("GET", f"/repos/{repository}/commits/{commit}/pulls"), list[_Pull])
    merged = [each for each in pulls if each.merged_at and each.merge_commit_sha == commit]
    if not merged:
        return None
    query = f"event=pull_request&head_sha={merged[0].head.sha}&per_page=100"
    path = f"/repos/{repository}/actions/workflows/{_WORKFLOW}/runs?{query}"
    runs = decode(api.request("GET", path), _Runs).workflow_runs
    return max((each.id for each in runs if each.event == "pull_request"), default=None)
