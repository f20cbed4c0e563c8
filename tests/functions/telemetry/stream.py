"""Records of the stream as Lambda hands them to the function, of messages as the rule writes them.

docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

import base64
import json
from typing import Any

STREAM = "arn:aws:kinesis:eu-west-1:111111111111:stream/example-dev-telemetry"
SHARD = "shardId-000000000003"
# Where numbers of a real stream begin.
_FIRST = 49590338271490256608559692538361571095921575989136588898


def sequence(number: int) -> str:
    """Return a sequence number as Kinesis counts them."""
    return str(_FIRST + number)


def payload(device: object, state: object, received: object, topic: str | None = None) -> bytes:
    """Return what the topic rule writes for a message; a state of bytes is the payload itself.

    Without a topic it is the rule of an older release.
    """
    payload = state if isinstance(state, bytes) else json.dumps(state).encode()
    encoded = base64.b64encode(payload).decode()
    fields = {"payload": encoded, "device": device, "received": received}
    full = {} if topic is None else {"topic": f"iot-dev/{device}/{topic}"}
    return json.dumps({**fields, **full}).encode()


def record(number: int, data: bytes) -> dict[str, Any]:
    """Return one record of a batch."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "sensor-1",
            "sequenceNumber": sequence(number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1764126000.001,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{SHARD}:{sequence(number)}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::111111111111:role/example-dev-telemetry-eu-west-1",
        "awsRegion": "eu-west-1",
        "eventSourceARN": STREAM,
    }


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a batch."""
    return {"Records": list(records)}
