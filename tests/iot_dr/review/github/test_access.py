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
def test_the_api_url_defaults_to_githubs_own(url: str, used: str) -> None:
    assert access(url).url == used


@pytest.mark.parametrize(
    ("url", "message"),
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
        (f"https://github.example.com/{'a' * 70_000}", "must be a URL such as"),
    ],
)
def test_an_invalid_or_unencrypted_api_url_is_rejected(url: str, message: str) -> None:
    with pytest.raises(GitHubUsageError, match=message) as caught:
        access(url)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("token", ["", " \n", "ghs_sEcret\nHost: x", "ghs_sEcr\u00e9t", "a b"])
def test_an_invalid_token_is_rejected_without_being_shown(token: str) -> None:
    with pytest.raises(GitHubUsageError, match="GITHUB_TOKEN") as caught:
        access(token=token)
    assert "ghs_" not in str(caught.value)


def test_a_missing_token_is_reported() -> None:
    with pytest.raises(GitHubUsageError, match="is not set: it must be a token for GitHub's API"):
        access(token="")


def test_a_newline_after_the_token_is_ignored() -> None:
    assert access(token=f"{TOKEN}\n").token == TOKEN


def test_the_token_is_not_in_the_repr() -> None:
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
def test_only_the_apis_origin_gets_the_token(url: str, leads: bool) -> None:
    assert access().has_same_origin(url) is leads
