"""Errors that the user can fix."""


class UserError(Exception):
    """A request cannot be carried out; the message says what, where and what to do.

    The command line prints the message without a traceback and exits with `status`.
    """

    status = 1


class UsageError(UserError):
    """An invalid request, such as a wrong option."""

    status = 2
