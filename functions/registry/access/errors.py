"""What botocore's errors mean for a change: later, never, or an operator's fault."""

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


class NotYet(Exception):  # noqa: N818 - nothing is wrong: it is tried again
    """What it needs is not there yet, or AWS wants to wait; says entity and reason."""


class Never(Exception):  # noqa: N818 - the counterpart of NotYet
    """It can never work as it is; says entity and reason."""


MISSING = "ResourceNotFoundException"
INVALID = "InvalidRequestException"

# botocore/data/iot/2015-05-28 and iot-data. AWS says a rate by LimitExceeded as well, in reads too.
_LATER = frozenset(
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
        MISSING,
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "VersionConflictException",
        "VersionsLimitExceededException",
    }
)
_REFUSED = frozenset(
    {
        "CertificateValidationException",
        INVALID,
        "MalformedPolicyException",
        "RequestEntityTooLargeException",
        "UnsupportedDocumentEncodingException",
    }
)
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_LONGEST_MESSAGE = 200


T = TypeVar("T")


def found(call: Callable[..., T], **given: object) -> T | None:
    """Give the answer of a call, or None where AWS says that it is not there."""
    try:
        return call(**given)
    except ClientError as error:
        if code_of(error) == MISSING:
            return None
        raise


@contextmanager
def told(name: str) -> Generator[None]:
    """Tell errors as NotYet or Never of `name`; AccessDenied and its like go on as they are."""
    try:
        yield
    except (NotYet, Never) as error:
        raise type(error)(f"{name}: {error}") from None
    except StateError as error:
        raise Never(f"{name}: {error}") from None
    except ParamValidationError:
        # Its text quotes the values.
        raise Never(f"{name}: its content breaks the rules of AWS's API") from None
    except (HTTPClientError, NoConnection, IncompleteReadError) as error:
        raise NotYet(f"{name}: no answer from AWS ({type(error).__name__})") from None
    except ClientError as error:
        kind = _kind(error)
        if kind is None:
            raise
        raise kind(f"{name}: {_words(error)}") from None


@contextmanager
def refusal(code: str, meaning: NotYet | Never) -> Generator[None]:
    """Raise `meaning` where AWS answers with `code`."""
    try:
        yield
    except ClientError as error:
        if code_of(error) == code:
            raise meaning from None
        raise


class Needs:
    """Collects what is not there yet, so that everything else is done first."""

    def __init__(self) -> None:
        self._missing: list[str] = []

    @contextmanager
    def need(self, what: str) -> Generator[None]:
        """Note `what` where AWS says that something is not there, and what NotYet says."""
        try:
            yield
        except NotYet as error:
            self._missing.append(str(error))
        except ClientError as error:
            if code_of(error) != MISSING:
                raise
            self._missing.append(what)

    def settle(self) -> None:
        """Raise NotYet when anything was missing."""
        if self._missing:
            raise NotYet(f"not there yet: {', '.join(self._missing)}")


def _response(error: ClientError) -> dict[str, Any]:
    return cast("Any", error).response


def _kind(error: ClientError) -> type[NotYet | Never] | None:
    code = code_of(error)
    status = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _LATER or status >= _SERVER_ERROR or status == _TOO_MANY_REQUESTS:
        return NotYet
    return Never if code in _REFUSED else None


def _words(error: ClientError) -> str:
    operation = cast("Any", error).operation_name
    message = str(_response(error).get("Error", {}).get("Message", ""))
    # AWS may quote what it was given, and of certificates nothing may get into a log.
    shown = "" if "-----" in message else message[:_LONGEST_MESSAGE]
    return f"{operation}: {code_of(error)}" + (f" ({shown})" if shown else "")
