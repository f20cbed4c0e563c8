"""What keeps a comment from GitHub."""

from iot_dr.common.user_error import UsageError, UserError


class GitHubUsageError(UsageError):
    """A variable, an option or a file does not say which pull request is meant, or by whom."""


class GitHubError(UserError):
    """GitHub refuses, or does not answer; the message tells its own words."""


class NoPermissionError(GitHubError):
    """The token may not do it (403)."""


class NotFoundError(NoPermissionError):
    """There is no such thing, or the token may not see it: GitHub tells both alike (404)."""


class LostAnswerError(GitHubError):
    """GitHub's answer did not come, or told of its own failure: it may have done it or not."""
