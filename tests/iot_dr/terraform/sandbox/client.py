"""What the tests of the sandbox share: its buckets, and requests as bare as S3 takes them."""

import http.client
import os
import select
from typing import Final, NamedTuple

from iot_dr.terraform.sandbox.sandbox import Sandbox

ACCOUNT: Final = "222222222222"
WEST: Final = "example-iot-dev-eu-west-1"
CENTRAL: Final = "example-iot-dev-eu-central-1"
BUCKETS: Final = {"eu-west-1": WEST, "eu-central-1": CENTRAL}
ONLY_IF_NEW: Final = {"If-None-Match": "*"}
TIMEOUT: Final = 30.0

_SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/s3/aws4_request, Signature=none"


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def request(
    sandbox: Sandbox,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request, its path as it is, on a connection of its own."""
    connection = http.client.HTTPConnection(
        sandbox.endpoint.removeprefix("http://"), timeout=TIMEOUT
    )
    try:
        signed = _SIGNED.format(sandbox.environment["AWS_ACCESS_KEY_ID"])
        connection.request(method, path, body, {"Authorization": signed, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended; fails when it takes too long."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], TIMEOUT)[0], f"process {pid} still runs"
    finally:
        os.close(handle)
