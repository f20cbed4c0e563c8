"""What AWS's refusals and silences mean to an operator."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError

_NO_ANSWER = (ConnectionClosedError, EndpointConnectionError, HTTPClientError)
# botocore's own words hold an address and no more.
_SILENCES: Final = (
    (ConnectTimeoutError, "no connection in time"),
    (ReadTimeoutError, "connected, and then nothing in time"),
    (ConnectionClosedError, "the connection was cut off"),
    (EndpointConnectionError, "no connection"),
)
_NO_CREDENTIALS = (
    *(CredentialRetrievalError, LoginError, NoAuthTokenError, NoCredentialsError),
    *(PartialCredentialsError, ProfileNotFound, SSOError, TokenRetrievalError),
)
# docs.aws.amazon.com/awssupport/latest/user/common-errors.html and the APIs' "Common Errors".
_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID: Final = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
    *("IncompleteSignature", "MissingAuthenticationToken", "NotAuthorized"),
}
_NOT_ALLOWED: Final = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
    "OptInRequired",
}
_SKEWED: Final = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_SIGNATURE: Final = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"}
# "Signature expired: 20261125T100000Z is now earlier than ...", "Signature not yet current: ...".
_ABOUT_TIME: Final = re.compile(r"[Ss]ignature (?:expired|not yet current)|[Cc]lock skew")
# docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_BUSY: Final = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
# Where the name before the colon of an IAM action is not the one of boto3's client.
_IAM_NAMES: Final = {"service-quotas": "servicequotas"}


class AwsError(UserError):
    """AWS did not do what was asked; the message says what was asked, where, and why not."""


class NoAnswerError(AwsError):
    """A region's service does not answer, or answers that it does not work."""


class CredentialsError(AwsError):
    """There are no credentials, or AWS does not take them."""


class NotAllowedError(AwsError):
    """The caller may not do it; the message names the IAM action that is needed."""


class ClockSkewError(AwsError):
    """This machine's clock is off, so AWS takes no signature of it."""


class RefusedError(AwsError):
    """AWS answered, and refuses what was asked; `code` is its own word for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to AWS: its service (boto3's name), region, and operation such as `DescribeAlarms`."""

    service: str
    region: str
    operation: str

    @classmethod
    def of(cls, service: str, region: str, method: str) -> "Asked":
        """Give the call of a method of boto3's client."""
        return cls(service, region, "".join(part.capitalize() for part in method.split("_")))

    @property
    def iam_action(self) -> str:
        """The action that an IAM policy has to allow."""
        return f"{_IAM_NAMES.get(self.service, self.service)}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.iam_action} in {self.region}"


def is_silence(error: Exception) -> bool:
    """Tell whether nobody answered, or a service that does not work: no word about the request."""
    return isinstance(error, _NO_ANSWER) or (
        isinstance(error, ClientError) and status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def is_busy(error: BaseException | None) -> bool:
    """Tell whether a service answered that it is asked too often: it works, but not for us now."""
    return isinstance(error, ClientError) and code(error) in _BUSY


def is_missing_bucket(error: BaseException | None) -> bool:
    """Tell whether S3 answered that there is no such bucket."""
    return isinstance(error, ClientError) and code(error) == "NoSuchBucket"


def told(asked: Asked, error: BotoCoreError | ClientError) -> AwsError:
    """Give the error that tells a user what became of a call."""
    if isinstance(error, ClientError):
        return _refusal(asked, error)
    why = plain(str(error))
    if isinstance(error, _NO_CREDENTIALS):
        return CredentialsError(f"{asked}: no usable AWS credentials: {why}")
    if isinstance(error, _NO_ANSWER):
        words = next((said for kind, said in _SILENCES if isinstance(error, kind)), why)
        return NoAnswerError(f"{asked}: no answer ({words})")
    return RefusedError(f"{asked}: {why}")


def _refusal(asked: Asked, error: ClientError) -> AwsError:
    name, why = code(error), plain(_message(error))
    if is_silence(error):
        return NoAnswerError(f"{asked}: the service does not work: {plain(str(error))}")
    if name in _SKEWED or (name in _SIGNATURE and _ABOUT_TIME.search(why)):
        return ClockSkewError(
            f"{asked}: this machine's clock is more than 5 minutes off, so AWS refuses what it"
            f" signs; set the clock and try again ({name}: {why})"
        )
    if name in _EXPIRED:
        return CredentialsError(f"{asked}: the AWS credentials have expired; renew them ({why})")
    if name in _INVALID | _SIGNATURE:
        return CredentialsError(f"{asked}: AWS does not take the credentials ({name}: {why})")
    if name in _NOT_ALLOWED:
        return NotAllowedError(
            f"{asked}: not allowed; the caller needs the IAM action {asked.iam_action}"
            f" ({name}: {why})"
        )
    return RefusedError(f"{asked}: refused ({name}: {why})", name)


def status(error: ClientError) -> int:
    """Give the HTTP status of an answer, 0 where it has none."""
    return int(_response(error)["ResponseMetadata"].get("HTTPStatusCode", 0))


def code(error: ClientError) -> str:
    """Give AWS's own word for an error, such as `AccessDenied`."""
    return _error(error).get("Code", "")


def _message(error: ClientError) -> str:
    return _error(error).get("Message", "")


def _error(error: ClientError) -> dict[str, str]:
    # botocore gives none where the body of a service with XML, such as SNS, is not AWS's own.
    return _response(error).get("Error", {})


def _response(error: ClientError) -> dict[str, Any]:
    return cast("Any", error).response
