"""Classification of botocore's errors: worth a retry, permanent, or a mistake of an operator."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ParamValidationError,
)
from botocore.exceptions import ConnectionError as NoConnection

from functions.probe.aws_error import code_of
from functions.registry.state import StateError


class RetryableError(Exception):
    """A dependency does not exist yet, or AWS throttles.

    The message names the entity and the reason.
    """


class PermanentError(Exception):
    """A change that cannot succeed as it is; the message names the entity and the reason."""


NOT_FOUND = "ResourceNotFoundException"
INVALID_REQUEST = "InvalidRequestException"

# The error codes of botocore/data/iot/2015-05-28 and iot-data. LimitExceededException also means
# throttling, even of reads.
_RETRYABLE = frozenset(
    {
        "CertificateStateException",
        "ConflictException",
        "ConflictingResourceUpdateException",
        "DeleteConflictException",
        "InternalFailure",
        "InternalFailureException",
        "LimitExceededException",
        "RequestTimeout",
        "ResourceAlreadyExistsException",
        NOT_FOUND,
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "VersionConflictException",
        "VersionsLimitExceededException",
    }
)
_PERMANENT = frozenset(
    {
        "CertificateValidationException",
        INVALID_REQUEST,
        "MalformedPolicyException",
        "RequestEntityTooLargeException",
        "UnsupportedDocumentEncodingException",
    }
)
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_MAX_MESSAGE = 200


T = TypeVar("T")


def if_exists(call: Callable[..., T], **parameters: object) -> T | None:
    """Return the response of a call, or None on ResourceNotFoundException."""
    try:
        return call(**parameters)
    except ClientError as error:
        if code_of(error) == NOT_FOUND:
            return None
        raise


@contextmanager
def translated_errors(name: str) -> Generator[None]:
    """Convert exceptions of a `with` block to RetryableError or PermanentError.

    Their messages begin with `name`. Throttling, status 5xx and a missing response are retryable.
    Error codes in neither list are raised unchanged, such as AccessDeniedException: an operator has
    to act.
    """
    try:
        yield
    except (RetryableError, PermanentError) as error:
        raise type(error)(f"{name}: {error}") from None
    except StateError as error:
        raise PermanentError(f"{name}: {error}") from None
    except ParamValidationError:
        # botocore's message quotes the rejected values, which may be certificates.
        raise PermanentError(f"{name}: its content breaks the rules of AWS's API") from None
    except (HTTPClientError, NoConnection, IncompleteReadError) as error:
        raise RetryableError(f"{name}: no answer from AWS ({type(error).__name__})") from None
    except ClientError as error:
        kind = _class_of(error)
        if kind is None:
            raise
        raise kind(f"{name}: {_summary(error)}") from None


@contextmanager
def raising_for(code: str, meaning: RetryableError | PermanentError) -> Generator[None]:
    """Raise `meaning` in place of a ClientError with error code `code` in a `with` block."""
    try:
        yield
    except ClientError as error:
        if code_of(error) == code:
            raise meaning from None
        raise


class MissingReferences:
    """Collects references that do not exist yet, so that all else is done before the retry."""

    def __init__(self) -> None:
        self._missing: list[str] = []

    @contextmanager
    def collect(self, what: str) -> Generator[None]:
        """Record `what` if the `with` block raises ResourceNotFoundException.

        A RetryableError is recorded by its message instead. Other exceptions are raised.
        """
        try:
            yield
        except RetryableError as error:
            self._missing.append(str(error))
        except ClientError as error:
            if code_of(error) != NOT_FOUND:
                raise
            self._missing.append(what)

    def raise_if_any(self) -> None:
        """Raise RetryableError if anything was recorded."""
        if self._missing:
            raise RetryableError(f"not there yet: {', '.join(self._missing)}")


def _response(error: ClientError) -> dict[str, Any]:
    return cast("Any", error).response


def _class_of(error: ClientError) -> type[RetryableError | PermanentError] | None:
    code = code_of(error)
    status = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _RETRYABLE or status >= _SERVER_ERROR or status == _TOO_MANY_REQUESTS:
        return RetryableError
    return PermanentError if code in _PERMANENT else None


def _summary(error: ClientError) -> str:
    operation = cast("Any", error).operation_name
    message = str(_response(error).get("Error", {}).get("Message", ""))
    # AWS may quote the request, and a certificate must not get into a log.
    shown = "" if "-----" in message else message[:_MAX_MESSAGE]
    return f"{operation}: {code_of(error)}" + (f" ({shown})" if shown else "")
