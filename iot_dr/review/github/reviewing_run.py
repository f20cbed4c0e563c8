"""The workflow's run that reviewed the pull request behind a commit."""

from typing import Final

import msgspec

from iot_dr.review.github.api import Api, decoded

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


def reviewing_run(api: Api, repository: str, commit: str) -> int | None:
    """Give the id of the newest run that planned the head of the merged pull request.

    None where a commit came without a pull request, or nothing planned that. Raises GitHubError.
    docs.github.com/en/rest/commits/commits and .../rest/actions/workflow-runs have the forms.
    """
    pulls = decoded(api.request("GET", f"/repos/{repository}/commits/{commit}/pulls"), list[_Pull])
    merged = [each for each in pulls if each.merged_at and each.merge_commit_sha == commit]
    if not merged:
        return None
    query = f"event=pull_request&head_sha={merged[0].head.sha}&per_page=100"
    path = f"/repos/{repository}/actions/workflows/{_WORKFLOW}/runs?{query}"
    runs = decoded(api.request("GET", path), _Runs).workflow_runs
    return max((each.id for each in runs if each.event == "pull_request"), default=None)
