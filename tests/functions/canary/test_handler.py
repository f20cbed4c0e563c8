"""The canary as Lambda loads and calls it, up to a broker on loopback."""

import contextlib
import importlib
import io
import json
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from functions.probe.variables import VariablesError
from tests.functions.authority import Authority
from tests.functions.broker import HOST, Broker, answering
from tests.functions.event import SECRET, event

MODULE = "functions.canary.handler"
VARIABLES = {
    "AWS_REGION": "eu-west-1",
    "CANARY_HOST": HOST,
    "CANARY_TOPIC": "iot-dr/dev/canary",
    "CANARY_ENVIRONMENT": "dev",
    "CANARY_INTERVAL": "30",
}

Load = Callable[[], Callable[[object, object], dict[str, Any]]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Load:
    """Loads the handler again, as a cold start does."""
    for name, value in {**VARIABLES, **credentials}.items():
        monkeypatch.setenv(name, value)

    def cold_start() -> Any:
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        return importlib.import_module(MODULE).handle

    return cold_start


@pytest.fixture
def lead_to(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> Callable[[Broker], None]:
    """Makes the regional name resolve to a broker, and its authority trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    def lead(broker: Broker) -> None:
        def look_up(host: str, port: int, **_options: Any) -> list[Any]:
            assert (host, port) == (HOST, 443)
            address = ("127.0.0.1", broker.port)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return lead


def test_a_checker_gets_200_when_a_message_goes_through_the_regional_name(
    load: Load, lead_to: Callable[[Broker], None], authority: Authority
) -> None:
    with Broker(authority.issue(HOST), answering("200 OK")).running() as broker:
        lead_to(broker)
        handle = load()
        answers = [handle(event(), None) for _ in range(3)]
    assert [answer["statusCode"] for answer in answers] == [200, 200, 200]
    assert json.loads(answers[0]["body"])["outcome"] == "ok"
    assert len(broker.requests) == 1
    assert b"POST /topics/iot-dr%2Fdev%2Fcanary?qos=1 " in broker.requests[0]


def test_a_checker_gets_503_when_the_function_may_not_publish(
    load: Load, lead_to: Callable[[Broker], None], authority: Authority
) -> None:
    with Broker(authority.issue(HOST), answering("403 Forbidden")).running() as broker:
        lead_to(broker)
        answer = load()(event(), None)
    assert (answer["statusCode"], json.loads(answer["body"])["outcome"]) == (503, "failed")


@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden"])
def test_neither_log_nor_answer_holds_the_secret_path_or_a_credential(
    load: Load,
    lead_to: Callable[[Broker], None],
    authority: Authority,
    credentials: dict[str, str],
    status: str,
) -> None:
    out, err = io.StringIO(), io.StringIO()
    with (
        Broker(authority.issue(HOST), answering(status)).running() as broker,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        lead_to(broker)
        answer = load()(event(), None)
    log = out.getvalue()
    assert log.count("\n") == 1
    assert json.loads(log)["Environment"] == "dev"
    result = log + err.getvalue() + json.dumps(answer)
    assert not [secret for secret in (SECRET, *credentials.values()) if secret in result]


@pytest.mark.parametrize("garbage", [None, {}, [], "text", {"rawPath": None}])
def test_whatever_the_event_is_the_answer_is_the_canarys(load: Load, garbage: object) -> None:
    # A name that cannot be looked up, and that no look-up is sent for.
    handle = load()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _unknown)
        answer = handle(garbage, None)
    assert (answer["statusCode"], json.loads(answer["body"])["outcome"]) == (503, "failed")


def _unknown(*_arguments: object, **_options: object) -> Any:
    raise socket.gaierror


def test_variables_that_are_missing_or_wrong_stop_the_function_before_its_first_request(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CANARY_HOST")
    monkeypatch.setenv("CANARY_INTERVAL", "20")
    with pytest.raises(VariablesError) as refusal:
        load()
    assert "CANARY_HOST is not set" in str(refusal.value)
    assert "CANARY_INTERVAL is '20', expected 10 or 30" in str(refusal.value)
