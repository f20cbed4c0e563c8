"""The DynamoDB table of the last known state of each device's topics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from botocore.exceptions import ClientError

from functions.contract import DEVICE_KEY, REGION_KEY
from functions.probe.aws_error import code_of
from functions.telemetry.message import DeviceMessage, UnwritableRecordError

# Error codes with status 400 that a retry or an operator can resolve, without the suffix Exception:
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and
# docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
_TRANSIENT = frozenset(
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
# HTTP: unauthorized, forbidden, request timeout, too many requests.
_TRANSIENT_STATUS = frozenset({401, 403, 408, 429})
_BAD_REQUEST, _SERVER_ERROR = 400, 500
_NEWER = f"attribute_not_exists({DEVICE_KEY}) OR #order < :order"


class DynamoDbClient(Protocol):
    """The method of boto3's DynamoDB client that is used here; the names are boto3's."""

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
class StateTable:
    """Writes the state of a topic if it is newer than the stored one.

    Duplicate, late and unordered messages have the same result, so no record of processed messages
    is needed. Each region writes items of its own, because a condition is evaluated on the replica
    of one region:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    """

    client: DynamoDbClient
    table: str
    region: str

    def write(self, message: DeviceMessage) -> bool:
        """Write a message's state, and return whether it was newer than the stored one.

        Raises UnwritableRecordError if DynamoDB will never accept the item, else as boto3 does.
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
            if isinstance(error, UnicodeEncodeError) or _is_permanent(error, code):
                raise UnwritableRecordError("DynamoDB refuses the item") from None
            raise
        return True

    def _item(self, message: DeviceMessage) -> dict[str, dict[str, str | bytes]]:
        # Behind the region, so that one query returns all topics of a device, and those of regions
        # and releases that keep one state for all topics, whose key is the region alone.
        key = f"{self.region}/{message.topic}" if message.topic else self.region
        texts = {
            DEVICE_KEY: message.device,
            "order": message.order,
            "sequence": message.sequence,
            REGION_KEY: key,
            **({"topic": message.topic} if message.topic else {}),
            **message.claims,
        }
        item: dict[str, dict[str, str | bytes]] = {
            name: {"S": text} for name, text in texts.items()
        }
        if message.is_object:  # as readers expect of a state
            item["state"] = {"S": message.payload.decode()}
        else:
            item["payload"] = {"B": message.payload}
        return {**item, "received": {"N": str(message.received)}}


def _is_permanent(error: Exception, code: str | None) -> bool:
    if not isinstance(error, ClientError):
        return False
    response = cast("dict[str, Any]", cast("Any", error).response)
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    passing = status in _TRANSIENT_STATUS or (code or "").removesuffix("Exception") in _TRANSIENT
    return _BAD_REQUEST <= status < _SERVER_ERROR and not passing
