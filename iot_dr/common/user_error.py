"""The errors that are the user's to mend."""


class UserError(Exception):
    """Something that was asked for cannot be done; the message says what, where and what to do.

    The command line prints the message without a traceback and exits with `status`.
    """

    status = 1


class UsageError(UserError):
    """What was asked for makes no sense as it was asked."""

    status = 2
