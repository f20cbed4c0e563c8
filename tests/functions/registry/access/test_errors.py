"""What errors of AWS mean, whichever call they answer. moto never throttles."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity, Kind
from tests.functions.registry.access.here import Here

THING = Entity.parse("thing/sensor-1")
STATE: dict[str, Any] = {
    "type": None,
    "attributes": {"city": "Ulm"},
    "groups": [],
    "principals": [],
}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("Throttling", 400),
        ("TooManyRequestsException", 429),
        ("LimitExceededException", 410),
        ("ServiceUnavailableException", 503),
        ("InternalFailureException", 500),
        ("InternalFailure", 500),
        ("SomethingNew", 502),
        ("SomethingNew", 429),
    ],
)
def test_what_goes_by_is_tried_again(here: Here, code: str, status: int) -> None:
    here.refuse("CreateThing", code, status=status)
    with pytest.raises(RetryableError, match=rf"^thing/sensor-1: CreateThing: {code}$"):
        here.access.write(THING, STATE)
    here.refuse("DescribeThing", code, status=status)
    with pytest.raises(RetryableError, match=rf"^thing/sensor-1: DescribeThing: {code}$"):
        here.access.read(THING)
    here.refuse("ListThings", code, status=status)
    with pytest.raises(RetryableError, match=rf"^list of thing: ListThings: {code}$"):
        next(here.access.entities(Kind.THING))


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://hidden"),
        ConnectionClosedError(endpoint_url="https://hidden"),
        ReadTimeoutError(endpoint_url="https://hidden"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_tried_again(here: Here, error: Exception) -> None:
    def broken(_given: Mapping[str, Any]) -> Mapping[str, Any]:
        raise error

    here.answers["DescribeThing"] = broken
    with pytest.raises(RetryableError) as refusal:
        here.access.read(THING)
    name = type(error).__name__
    assert str(refusal.value) == f"thing/sensor-1: no answer from AWS ({name})"


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "UnauthorizedException", "ForbiddenException", "ExpiredToken"]
)
def test_a_missing_right_alarms(here: Here, code: str) -> None:
    here.refuse("CreateThing", code, status=403)
    with pytest.raises(ClientError, match=code):
        here.access.write(THING, STATE)
    here.refuse("ListThings", code, status=403)
    with pytest.raises(ClientError, match=code):
        next(here.access.entities(Kind.THING))


def test_a_long_message_is_cut(here: Here) -> None:
    here.refuse("CreateThing", "InvalidRequestException", message="x" * 1000)
    with pytest.raises(PermanentError) as refusal:
        here.access.write(THING, STATE)
    assert len(str(refusal.value)) < 300


def test_what_botocore_refuses_never_works_and_is_not_quoted(here: Here) -> None:
    shadow = Entity.parse("shadow/sensor-1//desired")
    with pytest.raises(
        PermanentError, match="its content breaks the rules of AWS's API"
    ) as refusal:
        here.access.write(THING, STATE | {"type": ""})
    assert refusal.value.__suppress_context__
    with pytest.raises(PermanentError, match="not JSON"):
        here.access.write(shadow, {"document": {"a": float("inf")}})


def test_what_is_not_expected_is_not_hidden(here: Here) -> None:
    def broken(_given: Mapping[str, Any]) -> Mapping[str, Any]:
        raise RuntimeError("a mistake of ours")

    here.answers["DescribeThing"] = broken
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        here.access.read(THING)
