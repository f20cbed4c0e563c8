"""The workflow run that reviewed the pull request of a commit."""

from typing import Final

import msgspec

from iot_dr.review.github.api import Api, decode

_WORKFLOW: Final = "plan.yml"
# The `run-name` of that workflow. A run's own list of pull requests is empty once these are merged
# (github.com/con/tinuous, issue 28), and has each one that is open for the branch.
_NAME: Final = "Plan of #{number} into {base}"


class _Head(msgspec.Struct):
    sha: str


class _Base(msgspec.Struct):
    ref: str


class _Pull(msgspec.Struct):
    head: _Head
    base: _Base
    number: int
    merged_at: str | None = None
    merge_commit_sha: str | None = None


class _Run(msgspec.Struct):
    id: int
    event: str
    display_title: str


class _Runs(msgspec.Struct):
    workflow_runs: list[_Run]


def review_run(api: Api, repository: str, commit: str) -> int | None:
    """Return the id of the newest plan.yml run for the head of the commit's merged pull request.

    A run of another pull request with the same head, or of this one for another base branch, has
    reviewed other changes. None if the commit has no pull request or its head was not planned.
    Raises GitHubError.
    The forms are in docs.github.com/en/rest/commits/commits and .../rest/actions/workflow-runs.
    """
    pulls = decode(api.request("GET", f"/repos/{repository}/commits/{commit}/pulls"), list[_Pull])
    merged = [each for each in pulls if each.merged_at and each.merge_commit_sha == commit]
    if not merged:
        return None
    pull = merged[0]
    name = _NAME.format(number=pull.number, base=pull.base.ref)
    query = f"event=pull_request&head_sha={pull.head.sha}&per_page=100"
    path = f"/repos/{repository}/actions/workflows/{_WORKFLOW}/runs?{query}"
    runs = decode(api.request("GET", path), _Runs).workflow_runs
    reviews = (run for run in runs if run.event == "pull_request" and run.display_title == name)
    return max((run.id for run in reviews), default=None)
