"""Objects in state buckets, read and written region by region."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import (
    code,
    is_missing_bucket,
    is_silence,
    is_without_credentials,
    status,
)
from stacks.state_location import StateLocation

# Another object is there, or none any more, or one is being written at the same time:
# docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (If-Match, If-None-Match).
_CONDITION_FAILED: Final = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
# A failed region often accepts connections and never answers; seconds for each of two attempts.
_LIMITS: Final = CallLimits(connect=3, read=5, attempts=2)


class StoreError(UserError):
    """S3 refused the request, or boto3 could not send it."""


class UnreachableError(UserError):
    """A region's S3 does not answer or reports a failure of its own, or the bucket is missing."""


class S3Client(Protocol):
    """The methods of boto3's S3 client that are used here; boto3 has no types of its own."""

    # The names are boto3's.
    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - see above
        """Read an object."""
        ...

    def put_object(  # noqa: PLR0913 - boto3's arguments
        self,
        *,
        Bucket: str,  # noqa: N803 - as above
        Key: str,  # noqa: N803 - as above
        Body: bytes,  # noqa: N803 - as above
        IfMatch: str = ...,  # noqa: N803 - as above
        IfNoneMatch: str = ...,  # noqa: N803 - as above
        ServerSideEncryption: str = ...,  # noqa: N803 - as above
    ) -> dict[str, Any]:
        """Write an object."""
        ...

    def delete_object(self, *, Bucket: str, Key: str) -> object:  # noqa: N803 - as above
        """Delete an object."""
        ...

    def head_bucket(self, *, Bucket: str) -> object:  # noqa: N803 - as above
        """Check whether a bucket exists."""
        ...


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's content and time of writing; a copy keeps the time of its original.

    `tag` is S3's entity tag (ETag); `age` is by S3's own clock, since the caller's may be wrong.
    """

    content: bytes
    written: datetime
    tag: str = ""
    age: timedelta = timedelta()


class Store:
    """S3 with this process's AWS configuration, in the role `role_arn` if it is set.

    Methods raise UnreachableError and StoreError; both name the bucket and say why. A call takes at
    most 20 s, and as long again if the role has to be assumed first.
    """

    def __init__(self, role_arn: str | None) -> None:
        self._clients = Clients(role_arn, _LIMITS, "iot-dr-state")

    def read(self, location: StateLocation) -> StoredObject | None:
        """Return an object; None if the bucket has no such key."""
        try:
            answer = self._client(location).get_object(Bucket=location.bucket, Key=location.key)
            return _stored(answer)
        except ClientError as error:
            if code(error) == "NoSuchKey":
                return None
            raise _user_error(location, error) from error
        except BotoCoreError as error:
            raise _user_error(location, error) from error

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; the earlier one stays until the new one is complete."""
        try:
            self._client(location).put_object(
                Bucket=location.bucket, Key=location.key, Body=content
            )
        except (BotoCoreError, ClientError) as error:
            raise _user_error(location, error) from error

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        """Replace the object that has this tag, or create it if `tag` is None.

        Returns the new tag; None, with nothing written, if another object is there, the object is
        gone, or another write is under way:
        docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
        """
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            answer = self._client(location).put_object(
                Bucket=location.bucket, Key=location.key, Body=content, **condition
            )
        except ClientError as error:
            if code(error) in _CONDITION_FAILED:
                return None
            raise _user_error(location, error) from error
        except BotoCoreError as error:
            raise _user_error(location, error) from error
        return str(answer["ETag"])

    def create(self, location: StateLocation, content: bytes) -> None:
        """Create an object, encrypted as the S3 backend does.

        Raises StoreError if one exists, even if it was created just before.
        """
        try:
            self._client(location).put_object(
                Bucket=location.bucket,
                Key=location.key,
                Body=content,
                IfNoneMatch="*",
                ServerSideEncryption="AES256",
            )
        except (BotoCoreError, ClientError) as error:
            raise _user_error(location, error) from error

    def delete(self, location: StateLocation) -> None:
        """Delete an object, if it exists."""
        try:
            self._client(location).delete_object(Bucket=location.bucket, Key=location.key)
        except (BotoCoreError, ClientError) as error:
            raise _user_error(location, error) from error

    def has_bucket(self, location: StateLocation) -> bool:
        """Whether a bucket exists, even if S3 refuses access or reports a failure of its own.

        Raises UnreachableError if S3 does not answer, which says nothing about the bucket.
        """
        try:
            self._client(location).head_bucket(Bucket=location.bucket)
        except ClientError as error:
            return status(error) != HTTPStatus.NOT_FOUND
        except BotoCoreError as error:
            raise _user_error(location, error) from error
        return True

    def _client(self, location: StateLocation) -> S3Client:
        return self._clients.client("s3", location.region)


def _stored(answer: dict[str, Any]) -> StoredObject:
    written: datetime = answer["LastModified"]
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    # HTTP's dates are in UTC, whether they say so or not.
    now = parsedate_to_datetime(date).replace(tzinfo=UTC) if date else datetime.now(UTC)
    return StoredObject(answer["Body"].read(), written, answer["ETag"], now - written)


def _user_error(location: StateLocation, error: Exception) -> UserError:
    where = f"{location.bucket} ({location.region})"
    if is_missing_bucket(error):
        return UnreachableError(f"{where}: there is no such bucket")
    if is_silence(error):
        what = "work" if isinstance(error, ClientError) else "answer"
        return UnreachableError(f"{where}: S3 does not {what}: {error}")
    if is_without_credentials(error):
        remedy = "`iot-dr doctor` says how to log in"
        return StoreError(f"{where}: no usable AWS credentials: {error}; {remedy}")
    return StoreError(f"{where}: {error}")
