import pytest

from iot_dr.review.github.access import (
    Access,
    GitHubError,
    NoPermissionError,
    NotFoundError,
    OutcomeUnknownError,
)
from iot_dr.review.github.api import Api, RetryPolicy
from iot_dr.review.github.pull_request import PullRequest
from iot_dr.review.github.review_comment import PublishedComment, ReviewComment, marker
from tests.support.github_api import (
    APP,
    APP_TOKEN,
    BOT,
    FORK_TOKEN,
    REPOSITORY,
    USER,
    USER_TOKEN,
    WORKFLOW_TOKEN,
    Fault,
    GitHub,
    github_api,
)

NOW = 1_800_000_000.0
MARKER = marker("dev")


class Clock:
    """A clock that advances only while something waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.answer = 20.0

    @property
    def patience(self) -> RetryPolicy:
        return RetryPolicy(
            timeout=self.answer,
            pause=self.waits.append,
            now=lambda: NOW + sum(self.waits),
            jitter=lambda: 0.5,
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


def publish(
    github: GitHub,
    clock: Clock,
    text: str = "verdict: ok",
    token: str = WORKFLOW_TOKEN,
    repository: str = REPOSITORY,
) -> PublishedComment:
    with Api(Access(github.url, token), clock.patience) as api:
        place = PullRequest(repository, github.number)
        return ReviewComment(api, place, "dev").publish(text)


def writes(github: GitHub) -> list[str]:
    return [method for method, path in github.asked if method != "GET" and path != "/graphql"]


def test_the_first_review_is_a_new_comment_with_the_marker_on_its_first_line(
    github: GitHub, clock: Clock
) -> None:
    published = publish(github, clock)
    assert github.bodies() == [f"{MARKER}\nverdict: ok"]
    assert published == PublishedComment(github.comments[0]["html_url"], is_new=True)
    assert clock.waits == []


def test_three_pushes_leave_one_comment_with_the_last_review(github: GitHub, clock: Clock) -> None:
    for text in ("one", "two", "three"):
        publish(github, clock, text)
    assert github.bodies() == [f"{MARKER}\nthree"]
    assert writes(github) == ["POST", "PATCH", "PATCH"]


def test_each_environment_has_its_own_comment(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{marker('prod')}\nprod")
    publish(github, clock, "dev")
    assert github.bodies() == [f"{marker('prod')}\nprod", f"{MARKER}\ndev"]


def test_the_comment_is_found_on_the_last_of_many_pages(github: GitHub, clock: Clock) -> None:
    github.per_page = 10
    for number in range(25):
        github.add(USER, f"comment {number}")
    github.add(BOT, f"{MARKER}\nold")
    publish(github, clock, "new")
    assert github.bodies() == [f"{MARKER}\nnew"]
    assert writes(github) == ["PATCH"]


@pytest.mark.parametrize("login", [USER, "github-actions", "github-actions-bot"])
def test_a_comment_by_another_author_with_the_marker_is_kept(
    github: GitHub, clock: Clock, login: str
) -> None:
    github.add(login, f"{MARKER}\nverdict: ok, trust me")
    publish(github, clock, "verdict: block")
    assert github.bodies(login) == [f"{MARKER}\nverdict: ok, trust me"]
    assert github.bodies() == [f"{MARKER}\nverdict: block"]


@pytest.mark.parametrize(
    "body", [f"hello\n{MARKER}", f"> {MARKER}", f"{MARKER} and more", "", None]
)
def test_a_comment_without_the_marker_on_its_first_line_is_kept(
    github: GitHub, clock: Clock, body: str | None
) -> None:
    github.add(BOT, "")
    github.comments[0]["body"] = body
    publish(github, clock)
    assert github.comments[0]["body"] == body
    assert len(github.comments) == 2


def test_a_comment_with_windows_line_ends_is_found(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{MARKER}\r\nold")
    publish(github, clock, "new")
    assert github.bodies() == [f"{MARKER}\nnew"]


def test_a_comment_without_an_author_is_ignored(github: GitHub, clock: Clock) -> None:
    github.add(USER, MARKER)
    github.comments[0]["user"] = None
    publish(github, clock)
    assert writes(github) == ["POST"]


def test_a_users_own_token_finds_the_users_comment(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{MARKER}\nof the workflow")
    for text in ("one", "two"):
        publish(github, clock, text, token=USER_TOKEN)
    assert github.bodies(USER) == [f"{MARKER}\ntwo"]
    assert github.bodies() == [f"{MARKER}\nof the workflow"]


@pytest.mark.parametrize("has_graphql", [True, False])
def test_the_workflow_keeps_one_comment_next_to_those_of_other_bots(
    github: GitHub, clock: Clock, has_graphql: bool
) -> None:
    github.has_graphql = has_graphql
    github.add(APP, f"{MARKER}\nof an app")
    for text in ("one", "two", "three"):
        publish(github, clock, text)
    assert github.bodies() == [f"{MARKER}\nthree"]
    assert github.bodies(APP) == [f"{MARKER}\nof an app"]


def test_an_app_keeps_one_comment_next_to_the_workflows(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{MARKER}\nof the workflow")
    for text in ("one", "two", "three"):
        publish(github, clock, text, token=APP_TOKEN)
    assert github.bodies(APP) == [f"{MARKER}\nthree"]
    assert github.bodies() == [f"{MARKER}\nof the workflow"]


@pytest.mark.parametrize("status", [None, 502], ids=["broken off", "bad gateway"])
def test_the_viewer_query_is_retried(github: GitHub, clock: Clock, status: int | None) -> None:
    github.add(APP, f"{MARKER}\nold")
    github.faults.append(Fault(method="POST", of_path="/graphql", status=status))
    publish(github, clock, token=APP_TOKEN)
    assert writes(github) == ["PATCH"]
    assert clock.waits == [1.0]


def test_an_older_comment_that_cannot_be_deleted_is_reported(github: GitHub, clock: Clock) -> None:
    for number in range(3):
        github.add(BOT, f"{MARKER}\n{number}")
    github.faults.append(Fault(method="DELETE", status=403, body={"message": "No"}))
    published = publish(github, clock, "new")
    assert (published.removed, published.not_removed) == (1, 1)
    assert github.bodies() == [f"{MARKER}\n0", f"{MARKER}\nnew"]


def test_a_response_without_a_url_is_accepted(github: GitHub, clock: Clock) -> None:
    body = {"id": 1, "html_url": None}
    github.faults.append(Fault(method="POST", status=201, body=body))
    assert publish(github, clock) == PublishedComment(None, is_new=True)


def test_the_newest_of_several_comments_is_kept(github: GitHub, clock: Clock) -> None:
    for number in range(3):
        github.add(BOT, f"{MARKER}\n{number}")
    newest = github.comments[-1]["id"]
    assert publish(github, clock, "new").removed == 2
    assert [(each["id"], each["body"]) for each in github.comments] == [(newest, f"{MARKER}\nnew")]


def test_a_comment_deleted_during_the_update_is_created_again(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{MARKER}\nold")
    github.faults.append(Fault(method="PATCH", status=404, body={"message": "Not Found"}))
    assert publish(github, clock, "new").is_new
    assert github.bodies()[-1] == f"{MARKER}\nnew"


@pytest.mark.parametrize("is_done", [True, False], ids=["written", "not written"])
@pytest.mark.parametrize("status", [None, 502], ids=["broken off", "bad gateway"])
def test_a_lost_response_never_creates_two_comments(
    github: GitHub, clock: Clock, status: int | None, is_done: bool
) -> None:
    github.faults.append(Fault(method="POST", status=status, is_done=is_done))
    publish(github, clock)
    assert github.bodies() == [f"{MARKER}\nverdict: ok"]
    assert writes(github) == ["POST", "PATCH" if is_done else "POST"]
    assert clock.waits == [1.0]


def test_a_late_response_counts_as_lost(github: GitHub, clock: Clock) -> None:
    github.faults.append(Fault(method="POST", is_done=True, is_slow=True))
    clock.answer = 0.5
    publish(github, clock)
    assert github.bodies() == [f"{MARKER}\nverdict: ok"]


def test_waits_between_retries_grow(github: GitHub, clock: Clock) -> None:
    github.add(BOT, f"{MARKER}\nold")
    github.faults += [
        Fault(method="GET", status=500, of_path="/comments"),
        Fault(method="GET", of_path="/comments"),
        Fault(method="GET", status=503, of_path="/comments"),
        Fault(method="PATCH", status=502, body={"message": "Server Error"}),
    ]
    publish(github, clock, "new")
    assert github.bodies() == [f"{MARKER}\nnew"]
    assert clock.waits == [1.0, 2.0, 4.0, 1.0]


def test_a_permanent_failure_is_reported_with_githubs_message(github: GitHub, clock: Clock) -> None:
    github.faults += [
        Fault(method="GET", status=503, of_path="/comments", body={"message": "No server"})
        for _ in range(40)
    ]
    with pytest.raises(OutcomeUnknownError, match="503 No server"):
        publish(github, clock)
    assert len(github.faults) == 40 - 5 * 5


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "7"}, 7.5),
        (403, {"Retry-After": "30"}, 30.5),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 40)}, 41.5),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) - 9)}, 1.5),
        (403, {"X-RateLimit-Remaining": "0"}, 63.0),
        (403, {}, 63.0),
        (429, {"Retry-After": "nan"}, 63.0),
    ],
)
def test_the_wait_of_a_rate_limit_is_respected(
    github: GitHub, clock: Clock, status: int, headers: dict[str, str], wait: float
) -> None:
    body = {"message": "You have exceeded a secondary rate limit."}
    github.faults += [
        Fault(method=method, of_path="/comments", status=status, headers=headers, body=body)
        for method in ("GET", "POST")
    ]
    publish(github, clock)
    assert github.bodies() == [f"{MARKER}\nverdict: ok"]
    assert (len(clock.waits), clock.waits[0]) == (2, wait)


def test_a_rate_limit_with_too_long_a_wait_is_an_error(github: GitHub, clock: Clock) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 3000)}
    fault = Fault(method="POST", status=403, headers=headers, body={"message": "API rate limit"})
    github.faults.append(fault)
    with pytest.raises(
        GitHubError, match=(r"a wait of 3002 s; this command waits at most 120 s.*API rate limit")
    ):
        publish(github, clock)
    assert (github.bodies(), clock.waits) == ([], [])


def test_a_lasting_rate_limit_is_not_a_missing_permission(github: GitHub, clock: Clock) -> None:
    github.faults += [Fault(method="POST", status=403, headers={"Retry-After": "1"})] * 5
    with pytest.raises(GitHubError, match="rate limit still applies") as caught:
        publish(github, clock)
    assert not isinstance(caught.value, NoPermissionError)


def test_a_forks_token_may_not_write(github: GitHub, clock: Clock) -> None:
    with pytest.raises(NoPermissionError, match="not accessible by integration"):
        publish(github, clock, token=FORK_TOKEN)
    assert writes(github) == ["POST"]


def test_a_locked_pull_request_is_reported(github: GitHub, clock: Clock) -> None:
    github.is_locked = True
    with pytest.raises(NoPermissionError, match="issue is locked"):
        publish(github, clock)


def test_an_invisible_repository_is_reported(github: GitHub, clock: Clock) -> None:
    with pytest.raises(NotFoundError, match="404 Not Found"):
        publish(github, clock, repository="owner/other")


def test_a_too_long_review_is_reported_with_githubs_message(github: GitHub, clock: Clock) -> None:
    with pytest.raises(GitHubError, match="422 Validation Failed: Body is too long"):
        publish(github, clock, "x" * 65_536)
    assert writes(github) == ["POST"]


def test_a_wrong_token_is_reported_without_it(github: GitHub, clock: Clock) -> None:
    fault = {"message": "Bad credentials for ghx_wrong \x1b[31m"}
    github.faults.append(Fault(method="GET", status=401, body=fault))
    with pytest.raises(GitHubError, match="does not accept the GITHUB_TOKEN") as caught:
        publish(github, clock, token="ghx_wrong")
    assert "ghx_wrong" not in f"{caught.value}{caught.value!r}"
    assert "\x1b" not in str(caught.value)


def test_an_unexpected_response_is_reported(github: GitHub, clock: Clock) -> None:
    github.faults.append(Fault(method="GET", status=200, of_path="/comments", body="<html>"))
    with pytest.raises(GitHubError, match="unexpected response from GitHub's API"):
        publish(github, clock)


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        (200, "Link", '<http://127.0.0.1:{}/next>; rel="next"'),
        (200, "Link", '<//localhost:{}/next>; rel="next"'),
        (200, "Link", '<http://a:b/next>; rel="next"'),
        (302, "Location", "http://127.0.0.1:{}/elsewhere"),
        (307, "Location", "//127.0.0.1:{}/elsewhere"),
    ],
)
def test_the_token_is_not_sent_to_another_server(
    github: GitHub, clock: Clock, status: int, header: str, value: str
) -> None:
    with github_api(GitHub()) as foreign:
        headers = {header: value.format(foreign.url.rpartition(":")[2])}
        fault = Fault(method="GET", status=status, of_path="/comments", headers=headers, body=[])
        github.faults.append(fault)
        with pytest.raises(GitHubError, match="redirects to another server"):
            publish(github, clock)
        assert foreign.asked == []


def test_the_redirect_of_a_moved_repository_is_followed(github: GitHub, clock: Clock) -> None:
    path = f"{github.url}/repos/{REPOSITORY}/issues/{github.number}/comments"
    github.faults += [
        Fault(method="GET", of_path="/comments", status=301, headers={"Location": path}),
        Fault(method="POST", of_path="/comments", status=307, headers={"Location": path}),
    ]
    publish(github, clock)
    assert github.bodies() == [f"{MARKER}\nverdict: ok"]


def test_an_endless_redirect_is_an_error(github: GitHub, clock: Clock) -> None:
    headers = {"Location": f"{github.url}/comments"}
    fault = Fault(method="GET", of_path="/comments", status=302, headers=headers)
    github.faults += [fault] * 9
    with pytest.raises(GitHubError, match="redirects more than 3 times"):
        publish(github, clock)


def test_endless_pages_are_an_error(github: GitHub, clock: Clock) -> None:
    headers = {"Link": f'<{github.url}/comments>; rel="next"'}
    fault = Fault(method="GET", of_path="/comments", status=200, headers=headers, body=[])
    github.faults += [fault] * 200
    with pytest.raises(GitHubError, match="more than 100 pages"):
        publish(github, clock)


def test_an_unreachable_server_is_reported(clock: Clock) -> None:
    with github_api(GitHub()) as github:
        pass
    with pytest.raises(OutcomeUnknownError, match="GitHub does not respond"):
        publish(github, clock)
