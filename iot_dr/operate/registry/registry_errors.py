"""Errors of the functions' library, translated for an operator."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError

from functions.registry.access import PermanentError, RetryableError
from functions.registry.item import RowError
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import AwsCall, as_aws_error

T = TypeVar("T")

_REGISTRY: Final = "iot"
_TABLE: Final = "dynamodb"
_QUEUE: Final = "sqs"
_SERVICES: Final = {
    **dict.fromkeys(("PutItem", "Query", "Scan", "UpdateItem"), _TABLE),
    "SendMessageBatch": _QUEUE,
}

# Seconds between the attempts of a throttled call: a minute in all.
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class RegistryError(UserError):
    """A region's registry or table cannot be read; the message names region and reason."""


@contextmanager
def aws_errors(region: str) -> Generator[None]:
    """Raise botocore's errors as AwsError with the operation, region and reason."""
    try:
        yield
    except ClientError as error:
        operation = str(cast("Any", error).operation_name)
        service = _SERVICES.get(operation, _REGISTRY)
        raise as_aws_error(AwsCall(service, region, operation), error) from error
    except BotoCoreError as error:
        hosts = (name for name in (_TABLE, _QUEUE) if f"//{name}." in str(error))
        service = next(hosts, _REGISTRY)
        raise as_aws_error(AwsCall(service, region, "*"), error) from error


@contextmanager
def registry_errors(region: str) -> Generator[None]:
    """Raise errors of botocore and of the library as UserError, with region and reason."""
    try:
        with aws_errors(region):
            yield
    except (RetryableError, PermanentError, RowError) as error:
        raise RegistryError(f"{region}: {plain(str(error))}") from error


def retry_throttled(call: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Repeat a call for a minute while it raises RetryableError, and then raise that."""
    for wait in _WAITS:
        try:
            return call()
        except RetryableError:
            sleep(wait)
    return call()
