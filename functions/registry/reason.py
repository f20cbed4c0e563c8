"""The reason of a failure for logs and rows, without any data that was sent to AWS."""

from functions.probe.aws_error import class_and_code
from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.entity import EntityError
from functions.registry.item import RowError
from functions.registry.pending import ChangePendingError
from functions.registry.state import StateError
from functions.registry.table import RevisionConflictError

_MAX_LENGTH = 500
_OWN_ERRORS = (
    PermanentError,
    RetryableError,
    EntityError,
    RowError,
    RevisionConflictError,
    ChangePendingError,
    StateError,
)


def reason_of(error: BaseException) -> str:
    """Return the message of an error in `_OWN_ERRORS`, at most 500 characters.

    For other errors, return the class and AWS's error code: their messages may quote data.
    """
    if isinstance(error, _OWN_ERRORS):
        # A quoted key may hold lone surrogates, and DynamoDB strings are UTF-8.
        return str(error)[:_MAX_LENGTH].encode(errors="backslashreplace").decode()
    return class_and_code(error)
