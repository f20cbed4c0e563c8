"""Errors that the user can fix."""

from iot_dr.common.exit_status import ExitStatus


class UserError(Exception):
    """A request cannot be carried out; the message says what, where and what to do.

    The command line prints the message without a traceback and exits with `status`.
    """

    status: ExitStatus = ExitStatus.FAILED


class UsageError(UserError):
    """An invalid request, such as a wrong option."""

    status = ExitStatus.MISTAKE
