"""What the AWS SDK signs is verified here by AWS's page, not by the SDK."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.region.https_server import Request
from iot_dr.drill.region.signature import SignatureError, signer
from tests.support.signed_request import REGION, ROLE, ROLES, signed

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def _refused(request: Request, match: str, now: datetime | None = None) -> None:
    with pytest.raises(SignatureError, match=match):
        signer(request, ROLES, REGION, now)


@given(_texts, st.dictionaries(_texts.filter(bool), _texts, max_size=3), st.binary(max_size=50))
def test_what_the_sdk_signs_is_accepted(
    topic: str, parameters: dict[str, str], body: bytes
) -> None:
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()
    )
    path = f"/topics/x{quote(topic, safe='')}"
    assert signer(signed(f"{path}?{query}", body), ROLES, REGION) is ROLE


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_another_message_than_the_signed_one_is_refused(first: bytes, sent: bytes) -> None:
    request = replace(signed(body=first), body=sent)
    if first == sent:
        assert signer(request, ROLES, REGION) is ROLE
    else:
        _refused(request, "does not match")


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/topics/iot-dr%2Fdev%2Fother"},
        {"path": "/topics/iot-dr/dev/canary"},
        {"query": "qos=0"},
        {"query": "qos=1&retain=true"},
        {"method": "PUT"},
    ],
    ids=str,
)
def test_another_request_than_the_signed_one_is_refused(change: dict[str, str]) -> None:
    _refused(replace(signed(), **change), "does not match")  # pyrefly: ignore[bad-argument-type] - fields that are strings


def test_another_host_than_the_signed_one_is_refused() -> None:
    request = signed()
    _refused(
        replace(request, headers={**request.headers, "host": "other.example.com"}),
        "does not match",
    )


def test_a_header_of_aws_that_was_not_signed_is_refused() -> None:
    request = signed()
    _refused(replace(request, headers={**request.headers, "x-amz-added": "1"}), "does not match")


def test_a_wrong_secret_is_refused() -> None:
    _refused(signed(role=replace(ROLE, secret_key="wrong")), "does not match")


@pytest.mark.parametrize("change", [{"key_id": "ASIAOTHER"}, {"token": "wrong"}], ids=str)
def test_credentials_of_somebody_else_are_refused(change: dict[str, str]) -> None:
    _refused(signed(role=replace(ROLE, **change)), "token included in the request is invalid")


def test_a_request_that_was_signed_for_another_region_is_refused() -> None:
    _refused(signed(region="eu-central-1"), "scoped to a valid region")


def test_a_request_that_was_signed_for_another_service_is_refused() -> None:
    _refused(signed(service="execute-api"), "scoped to a valid region and service")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_refused(minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    _refused(signed(), "expired, or not yet current", now)


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_by_some_minutes(minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    assert signer(signed(), ROLES, REGION, now) is ROLE


@given(st.one_of(st.none(), _texts))
def test_a_request_that_is_not_signed_is_refused(authorization: str | None) -> None:
    request = signed()
    others = {name: text for name, text in request.headers.items() if name != "authorization"}
    given_now = {} if authorization is None else {"authorization": authorization}
    _refused(replace(request, headers={**others, **given_now}), "Missing Authentication Token")
