"""What ends an execution of a pipeline before it does anything."""

from iot_dr.common.user_error import UserError


class RefusedError(UserError):
    """The pipeline must not go on with this commit, or not here."""

    status = 3
