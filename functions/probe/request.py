"""The HTTP request, signed with SigV4, that publishes one message."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# The signing name in botocore/data/iot-data/2015-05-28/service-2.json. IoT accepts iotdevicegateway
# as well: github.com/aws/aws-iot-device-sdk-js/issues/150.
_SERVICE = "iotdata"
_MESSAGE = b'{"from":"iot-dr"}'


@dataclass(frozen=True, kw_only=True)
class PublishTarget:
    """A name of the broker, the region that serves it, and the topic."""

    host: str
    region: str
    topic: str


def publish_request(target: PublishTarget, variables: Mapping[str, str] = os.environ) -> bytes:
    """Return the HTTP/1.1 request that publishes a message with QoS 1.

    The credentials are those that Lambda puts into the environment variables. Raises KeyError if
    they are missing. docs.aws.amazon.com/iot/latest/developerguide/http.html,
    docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    path = f"/topics/{quote(target.topic, safe='')}?qos=1"
    unsigned = AWSRequest(method="POST", url=f"https://{target.host}{path}", data=_MESSAGE)
    _sign(unsigned, target.region, variables)
    headers = {
        "Host": target.host,
        "Content-Length": str(len(_MESSAGE)),
        "Connection": "close",
        **cast("Mapping[str, str]", unsigned.headers),
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + _MESSAGE


def _sign(request: AWSRequest, region: str, variables: Mapping[str, str]) -> None:
    credentials = Credentials(
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables.get("AWS_SESSION_TOKEN"),
    )
    cast("Any", SigV4Auth(credentials, _SERVICE, region)).add_auth(request)
