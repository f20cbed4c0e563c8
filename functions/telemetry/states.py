"""The table with the last known state of each device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from botocore.exceptions import ClientError

from functions.probe.aws_error import code_of
from functions.telemetry.message import Message, RefusedError

# Of those that refuse a request, what passes or an operator mends; codes without their ending. The
# first page of docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html.
_PASSING = frozenset(
    {
        *("AccessDenied", "ExpiredToken", "IncompleteSignature", "InvalidClientTokenId"),
        *("InvalidSignature", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMSNotFound"),
        *("KMSThrottling", "LimitExceeded", "MissingAuthenticationToken", "NotAuthorized"),
        *("OptInRequired", "ProvisionedThroughputExceeded", "ReplicatedWriteConflict"),
        *("RequestExpired", "RequestLimitExceeded", "RequestTimeout", "ResourceInUse"),
        *("ResourceNotFound", "SignatureDoesNotMatch", "Throttling", "ThrottledRequest"),
        *("TooManyRequests", "TransactionConflict", "TransactionInProgress"),
        *("UnrecognizedClient", "AccessDeniedFault", "InternalServerError", "RequestThrottled"),
    }
)
# Of HTTP: what is not authenticated or allowed, what came too late, and what is too much.
_PASSING_STATUS = frozenset({401, 403, 408, 429})
_REFUSED, _SERVER_ERROR = 400, 500
_NEWER = "attribute_not_exists(device) OR #order < :order"


class DynamoDB(Protocol):
    """The call of boto3's DynamoDB client that is used here; the names are boto3's."""

    def put_item(
        self,
        *,
        TableName: str,  # noqa: N803 - boto3's name
        Item: Mapping[str, Any],  # noqa: N803 - boto3's name
        ConditionExpression: str,  # noqa: N803 - boto3's name
        ExpressionAttributeNames: Mapping[str, str],  # noqa: N803 - boto3's name
        ExpressionAttributeValues: Mapping[str, Any],  # noqa: N803 - boto3's name
    ) -> object:
        """Write an item if the condition holds."""
        ...


@dataclass(frozen=True, kw_only=True)
class States:
    """Writes states, each only if it is newer than what is there (ADR 0021).

    The condition makes twice, late and out of order end alike, so that nothing has to remember
    which messages were seen. Each region has an item of its own: a condition sees the replica of
    its region alone.
    """

    client: DynamoDB
    table: str
    region: str

    def write(self, message: Message) -> bool:
        """Tell whether a message was newer, and so was written.

        Raises RefusedError for one that DynamoDB will never take, and what boto3 raises.
        """
        try:
            self.client.put_item(
                TableName=self.table,
                Item=self._item(message),
                ConditionExpression=_NEWER,
                ExpressionAttributeNames={"#order": "order"},
                ExpressionAttributeValues={":order": {"S": message.order}},
            )
        except Exception as error:
            code = code_of(error)
            if code == "ConditionalCheckFailedException":
                return False
            if isinstance(error, UnicodeEncodeError) or _is_for_ever(error, code):
                raise RefusedError("DynamoDB refuses the item") from None
            raise
        return True

    def _item(self, message: Message) -> dict[str, dict[str, str]]:
        texts = {
            "device": message.device,
            "state": message.state,
            "order": message.order,
            "sequence": message.sequence,
            "region": self.region,
            **message.claims,
        }
        item = {name: {"S": text} for name, text in texts.items()}
        return {**item, "received": {"N": str(message.received)}}


def _is_for_ever(error: Exception, code: str | None) -> bool:
    if not isinstance(error, ClientError):
        return False
    response = cast("dict[str, Any]", cast("Any", error).response)
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    passing = status in _PASSING_STATUS or (code or "").removesuffix("Exception") in _PASSING
    return _REFUSED <= status < _SERVER_ERROR and not passing
