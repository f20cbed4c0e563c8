"""One message over real TLS, to brokers that behave well or badly."""

import hashlib
import hmac
import re
import socket
import ssl
from collections.abc import Callable

import pytest

from functions.probe.connection import Connect
from functions.probe.deadline import Deadline
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.result import Outcome, Result
from tests.functions.authority import Authority
from tests.functions.broker import (
    HOST,
    Broker,
    Serve,
    answering,
    babbling,
    closing,
    dripping,
    endless,
    silent,
)

TOPIC = PublishTarget(host=HOST, region="eu-west-1", topic="iot-dr/dev/canary")
SOON = 0.15
AMPLE = 10.0


@pytest.fixture(autouse=True)
def _with_credentials(credentials: dict[str, str]) -> None:
    assert credentials


@pytest.fixture
def publish(authority: Authority) -> Callable[..., Result]:
    """Publishes over a connection and judges as the prober does."""
    tls_context = ssl.create_default_context(cafile=authority.file)

    def run(connect: Connect, limit: float = AMPLE) -> Result:
        publisher = Publisher(TOPIC, connect=connect, tls_context=tls_context)
        try:
            publisher(Deadline(limit))
        except Exception as error:  # noqa: BLE001 - as the prober catches them
            return Result.of(error)
        return Result.of(None)

    return run


Publish = Callable[..., Result]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hmac_of(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret: str, request: bytes) -> str:
    """Compute a signature again, by the steps of AWS's documentation of Signature Version 4."""
    head, body = request.decode().split("\r\n\r\n")
    line, *rest = head.split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ") for each in rest)}
    path, query = line.split(" ")[1].split("?")
    signed = re.findall(r"SignedHeaders=([^,]+)", headers["authorization"])[0]
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed.split(";"))
    canonical = "\n".join(
        # Every service but S3 wants the path, which is encoded already, encoded once more.
        ["POST", path.replace("%", "%25"), query, lines, signed, sha256(body)]
    )
    day = headers["x-amz-date"][:8]
    scope = f"{day}/eu-west-1/iotdata/aws4_request"
    assert f"Credential=AKIDEXAMPLE/{scope}," in headers["authorization"]
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac_of(key, part)
    to_sign = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{sha256(canonical)}"
    return hmac_of(key, to_sign).hex()


def test_a_message_goes_to_the_name_that_is_probed_with_its_certificate_checked(
    authority: Authority, publish: Publish
) -> None:
    with Broker(authority.issue(HOST), answering("200 OK")).running() as broker:
        assert publish(broker.connect) == Result(Outcome.OK)
    assert broker.asked_for == [(HOST, 443)]
    assert broker.names == [HOST]
    (request,) = broker.requests
    assert request.startswith(b"POST /topics/iot-dr%2Fdev%2Fcanary?qos=1 HTTP/1.1\r\n")
    assert f"Host: {HOST}\r\n".encode() in request


def test_the_request_is_signed_for_the_broker_and_its_region(
    authority: Authority, publish: Publish
) -> None:
    with Broker(authority.issue(HOST), answering("200 OK")).running() as broker:
        publish(broker.connect)
    (request,) = broker.requests
    assert b"\r\nX-Amz-Security-Token: hidden-token\r\n" in request
    assert b";x-amz-security-token" in request
    assert f"Signature={signature('hidden-key', request)}\r\n".encode() in request


def test_each_probe_shakes_hands_again_so_that_an_expired_certificate_is_seen(
    authority: Authority, publish: Publish
) -> None:
    with Broker(authority.issue(HOST), answering("200 OK")).running() as broker:
        assert [publish(broker.connect).outcome for _ in range(3)] == [Outcome.OK] * 3
    assert len(broker.names) == 3


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests", "503", "301 Moved"])
def test_another_status_than_200_is_a_failure_that_names_it(
    authority: Authority, publish: Publish, status: str
) -> None:
    with Broker(authority.issue(HOST), answering(f"{status} ")).running() as broker:
        assert publish(broker.connect) == Result(Outcome.FAILED, f"HTTP {status[:3]}")


def test_a_certificate_of_another_name_is_a_failure(authority: Authority, publish: Publish) -> None:
    with Broker(authority.issue("elsewhere.example.com"), answering("200 OK")).running() as broker:
        assert publish(broker.connect) == Result(Outcome.FAILED, "SSLCertVerificationError")
    assert not broker.requests


def test_an_expired_certificate_is_a_failure(authority: Authority, publish: Publish) -> None:
    with Broker(authority.issue(HOST, expired=True), answering("200 OK")).running() as broker:
        assert publish(broker.connect) == Result(Outcome.FAILED, "SSLCertVerificationError")


def test_a_certificate_of_an_authority_that_nobody_trusts_is_a_failure(
    authority: Authority,
) -> None:
    with Broker(authority.issue(HOST), answering("200 OK")).running() as broker:
        publisher = Publisher(TOPIC, connect=broker.connect)
        with pytest.raises(ssl.SSLCertVerificationError):
            publisher(Deadline(AMPLE))


def test_a_broker_that_never_shakes_hands_is_slow(publish: Publish) -> None:
    with Broker(None, silent).running() as broker:
        assert publish(broker.connect, SOON) == Result(Outcome.SLOW, "TimeoutError")


def test_a_broker_that_never_accepts_is_slow(publish: Publish) -> None:
    # Nobody serves: the kernel takes the connection and lets it wait.
    broker = Broker(None, silent)
    assert publish(broker.connect, SOON).outcome is Outcome.SLOW
    with broker.running():
        pass


@pytest.mark.parametrize("serve", [silent, dripping])
def test_a_broker_that_does_not_come_to_an_answer_is_slow(
    authority: Authority, publish: Publish, serve: Serve
) -> None:
    with Broker(authority.issue(HOST), serve).running() as broker:
        assert publish(broker.connect, 4 * SOON) == Result(Outcome.SLOW, "TimeoutError")


@pytest.mark.parametrize(
    ("serve", "cause"),
    [(closing, "ConnectionError"), (babbling, "ValueError"), (endless, "ConnectionError")],
)
def test_what_is_not_an_answer_in_http_is_a_failure(
    authority: Authority, publish: Publish, serve: Serve, cause: str
) -> None:
    with Broker(authority.issue(HOST), serve).running() as broker:
        assert publish(broker.connect) == Result(Outcome.FAILED, cause)


def test_a_port_that_nobody_listens_on_is_a_failure(publish: Publish) -> None:
    def refused(_host: str, _port: int, _deadline: Deadline) -> socket.socket:
        raise ConnectionRefusedError

    assert publish(refused) == Result(Outcome.FAILED, "ConnectionRefusedError")


def test_a_function_without_credentials_fails_before_it_connects(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with Broker(None, silent).running() as broker:
        assert publish(broker.connect) == Result(Outcome.FAILED, "KeyError")
    assert not broker.asked_for
