"""AWS's errors and missing answers as messages for an operator."""

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

NOT_FOUND: Final = "ResourceNotFoundException"
"""The code of AWS IoT and others for what does not exist."""

LOG_IN: Final = (
    "log in with a profile of that account; `aws configure sso` creates one for IAM Identity"
    " Center, `aws configure` one with an access key"
)
"""The remedy for missing credentials."""

LOG_IN_COMMANDS: Final = ("aws sso login --profile NAME", "export AWS_PROFILE=NAME")

_NO_ANSWER = (ConnectionClosedError, EndpointConnectionError, HTTPClientError)
# botocore's message has only the address.
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
# docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and the same page of other APIs.
_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID: Final = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
    *("IncompleteSignature", "MissingAuthenticationToken", "NotAuthorized"),
}
_NOT_ALLOWED: Final = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
    *("ForbiddenException", "OptInRequired"),
}
_SKEWED: Final = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_SIGNATURE: Final = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"}
# "Signature expired: 20261125T100000Z is now earlier than ...", "Signature not yet current: ...".
_ABOUT_TIME: Final = re.compile(r"[Ss]ignature (?:expired|not yet current)|[Cc]lock skew")
# docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_BUSY: Final = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
# Services whose prefix in IAM actions differs from the name of boto3's client.
_IAM_NAMES: Final = {"service-quotas": "servicequotas", "iot-data": "iot"}
# Operations whose action has another name: docs.aws.amazon.com/AmazonS3/latest/userguide,
# using-with-s3-policy-actions.html; docs.aws.amazon.com/service-authorization/latest/reference,
# list_amazonsqs.html.
_IAM_ACTIONS: Final = {
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:HeadBucket": "s3:ListBucket",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


class AwsError(UserError):
    """A call to AWS failed; the message names the call, the region and the reason."""


class NoAnswerError(AwsError):
    """A region's service does not answer, or reports a failure of its own."""


class CredentialsError(AwsError):
    """There are no credentials, or AWS rejects them."""


class NotAllowedError(AwsError):
    """The caller lacks a permission; the message names the IAM action."""


class ClockSkewError(AwsError):
    """This machine's clock is wrong, so AWS rejects its signatures."""


class RequestRefusedError(AwsError):
    """AWS refused the request, or boto3 could not send it; `code` is AWS's error code or ""."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call to AWS: service (boto3's name), region, and operation such as `DescribeAlarms`."""

    service: str
    region: str
    operation: str

    @classmethod
    def of(cls, service: str, region: str, method: str) -> "AwsCall":
        """Return the call that a method of boto3's client makes."""
        return cls(service, region, "".join(part.capitalize() for part in method.split("_")))

    @property
    def iam_action(self) -> str:
        """The action that an IAM policy has to allow."""
        name = f"{_IAM_NAMES.get(self.service, self.service)}:{self.operation}"
        return _IAM_ACTIONS.get(name, name)

    def __str__(self) -> str:
        return f"{self.iam_action} in {self.region}"


def is_silence(error: Exception) -> bool:
    """Whether nobody answered, or the service failed (5xx), so that the outcome is unknown."""
    return isinstance(error, _NO_ANSWER) or (
        isinstance(error, ClientError) and status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def is_busy(error: BaseException | None) -> bool:
    """Whether a service works but throttles the caller."""
    return isinstance(error, ClientError) and code(error) in _BUSY


def is_without_credentials(error: BaseException | None) -> bool:
    """Whether botocore has no usable credentials."""
    return isinstance(error, _NO_CREDENTIALS)


def is_missing_bucket(error: BaseException | None) -> bool:
    """Whether S3 answered that the bucket does not exist."""
    return isinstance(error, ClientError) and code(error) == "NoSuchBucket"


def as_aws_error(asked: AwsCall, error: BotoCoreError | ClientError) -> AwsError:
    """Return botocore's error as an AwsError."""
    if isinstance(error, ClientError):
        return _refusal(asked, error)
    why = plain(str(error))
    if is_without_credentials(error):
        return CredentialsError(f"{asked}: no usable AWS credentials: {why}")
    if isinstance(error, _NO_ANSWER):
        words = next((said for kind, said in _SILENCES if isinstance(error, kind)), why)
        return NoAnswerError(f"{asked}: no answer ({words})")
    return RequestRefusedError(f"{asked}: {why}")


def _refusal(asked: AwsCall, error: ClientError) -> AwsError:
    name, why = code(error), plain(_error(error).get("Message", ""))
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
    return RequestRefusedError(f"{asked}: refused ({name}: {why})", name)


def status(error: ClientError) -> int:
    """Return the HTTP status of an answer, 0 if it has none."""
    return int(_response(error)["ResponseMetadata"].get("HTTPStatusCode", 0))


def code(error: ClientError) -> str:
    """Return AWS's error code, such as `AccessDenied`; "" if there is none."""
    return _error(error).get("Code", "")


def _error(error: ClientError) -> dict[str, str]:
    # botocore has none if the body of an XML service, such as SNS, is not AWS's (a proxy's page).
    return _response(error).get("Error", {})


def _response(error: ClientError) -> dict[str, Any]:
    return cast("Any", error).response
