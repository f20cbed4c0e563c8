import pytest

from iot_dr.review.github.access import Access, GitHubUsageError

TOKEN = "ghs_sEcret"


def access(url: str = "", token: str = TOKEN) -> Access:
    return Access.from_environment({"GITHUB_TOKEN": token, "GITHUB_API_URL": url})


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("", "https://api.github.com"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/v3"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_address_is_githubs_own_or_the_one_that_a_workflow_has(url: str, used: str) -> None:
    assert access(url).url == used


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://github.example.com", "use https"),
        ("http://127.0.0.1.example.com", "use https"),
        ("ftp://github.example.com", "must be a URL such as"),
        ("github.example.com", "must be a URL such as"),
        ("https://:443", "must be a URL such as"),
        ("https://a:b", "must be a URL such as"),
        ("https://name@github.example.com", "must be a URL such as"),
        ("https://[::1", "must be a URL such as"),
        ("https://github.example.com/api/v3\n", "must be a URL such as"),
        ("https://git\thub.example.com", "must be a URL such as"),
        ("https://github.example.com /api", "must be a URL such as"),
        ("https://github.example.com/\x00", "must be a URL such as"),
    ],
)
def test_an_address_that_would_let_others_read_the_token_is_refused(url: str, said: str) -> None:
    with pytest.raises(GitHubUsageError, match=said) as caught:
        access(url)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("token", ["", " \n", "ghs_sEcret\nHost: x", "ghs_sEcr\u00e9t", "a b"])
def test_a_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(GitHubUsageError, match="GITHUB_TOKEN") as caught:
        access(token=token)
    assert "ghs_" not in str(caught.value)


def test_a_token_that_is_not_set_is_reported_with_what_it_is_for() -> None:
    with pytest.raises(GitHubUsageError, match="is not set: it must be a token for GitHub's API"):
        access(token="")


def test_a_line_end_behind_the_token_does_no_harm() -> None:
    assert access(token=f"{TOKEN}\n").token == TOKEN


def test_the_token_is_in_no_printed_form() -> None:
    assert TOKEN not in repr(access())
    assert access().redacted(f"Bearer {TOKEN}\x1b") == "Bearer (token)\\u001b"


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://api.github.com/x?page=2", True),
        ("https://api.github.com:443/x", True),
        ("https://API.github.com/x", True),
        ("http://api.github.com/x", False),
        ("https://api.github.com:444/x", False),
        ("https://api.github.com.example.com/x", False),
        ("https://api.github.com@example.com/x", False),
        ("https://api.github.com:port/x", False),
        ("/x", False),
    ],
)
def test_only_the_apis_own_server_gets_the_token(url: str, leads: bool) -> None:
    assert access().has_same_origin(url) is leads
