"""Clients of AWS: their requests, timeouts and errors."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iot_dr.common.user_error import UserError
from iot_dr.drill.play.faults import ApiRequest, Failing, Faults, Reply
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import (
    AwsError,
    ClockSkewError,
    CredentialsError,
    NoAnswerError,
    NotAllowedError,
    RequestRefusedError,
    code,
    status,
)
from iot_dr.observe.aws.gathering import CallTimeoutError, gather

WEST, CENTRAL = "eu-west-1", "eu-central-1"
NAME = "/one/parameter"
ROLE = "arn:aws:iam::111111111111:role/deploy"


def put(clients: Clients, region: str) -> None:
    clients.call(
        "ssm", region, "put_parameter", Name=NAME, Value="x", Type="String", Overwrite=True
    )


def get(clients: Clients, region: str) -> str:
    return clients.call("ssm", region, "get_parameter", Name=NAME)["Parameter"]["Value"]


def refusing(code: str, message: str = "because", status: int = 400) -> Reply:
    body = f'{{"__type": "{code}", "message": "{message}"}}'
    return Reply(status, body.encode(), "application/x-amz-json-1.1")


def test_a_call_goes_to_its_region(clients: Clients) -> None:
    put(clients, WEST)
    assert get(clients, WEST) == "x"
    with pytest.raises(
        RequestRefusedError, match="ssm:GetParameter in eu-north-1: refused"
    ) as raised:
        get(clients, "eu-north-1")
    assert raised.value.code == "ParameterNotFound"


@pytest.mark.parametrize("how", ["refuse", "500"])
def test_a_region_that_is_gone_is_reported_and_the_others_work(
    clients: Clients, faults: Faults, how: Failing
) -> None:
    faults.fail(how, WEST)
    with pytest.raises(NoAnswerError, match="ssm:PutParameter in eu-west-1"):
        put(clients, WEST)
    put(clients, CENTRAL)


def test_a_region_that_hangs_is_given_up_and_holds_up_no_other(faults: Faults) -> None:
    put(Clients(None), CENTRAL)
    faults.fail("hang", WEST)
    slow = Clients(ROLE, CallLimits(connect=0.5, read=0.5, attempts=1))
    slow.client("ssm", CENTRAL)
    ended: dict[str, float] = {}

    def asking(region: str) -> str:
        try:
            return get(slow, region)
        finally:
            ended[region] = time.monotonic()

    given = gather({WEST: lambda: asking(WEST), CENTRAL: lambda: asking(CENTRAL)}, 20)
    assert given[CENTRAL] == "x"
    assert isinstance(given[WEST], NoAnswerError)
    assert ended[CENTRAL] < ended[WEST]


def test_a_silent_region_is_tried_twice_at_most(faults: Faults) -> None:
    faults.fail("500", WEST)
    with pytest.raises(NoAnswerError):
        put(Clients(None), WEST)
    assert len(faults.seen) == 2


def test_without_credentials_it_says_so_at_once(
    clients: Clients, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for _ in range(2):
        with pytest.raises(CredentialsError, match="no usable AWS credentials"):
            put(clients, WEST)
    assert faults.seen == []


@pytest.mark.parametrize(
    ("reply", "error", "problem"),
    [
        (refusing("ExpiredTokenException"), CredentialsError, "credentials have expired; renew"),
        (refusing("UnrecognizedClientException"), CredentialsError, "does not take the credential"),
        (refusing("InvalidSignatureException"), CredentialsError, "does not take the credentials"),
        (
            refusing(
                "InvalidSignatureException",
                "Signature expired: 20261125T100000Z is now earlier than 20261125T101000Z",
            ),
            ClockSkewError,
            "this machine's clock is more than 5 minutes off",
        ),
        (refusing("RequestTimeTooSkewed"), ClockSkewError, "set the clock"),
        (refusing("AccessDeniedException"), NotAllowedError, "needs the IAM action ssm:PutParam"),
        (
            refusing("ThrottlingException"),
            RequestRefusedError,
            "ssm:PutParameter in eu-west-1: refused",
        ),
    ],
)
def test_a_refusal_says_what_to_do(
    clients: Clients, faults: Faults, reply: Reply, error: type[AwsError], problem: str
) -> None:
    faults.answers.append(lambda _request: reply)
    with pytest.raises(error, match=problem):
        put(clients, WEST)


def test_what_aws_says_cannot_play_tricks_on_a_terminal(clients: Clients, faults: Faults) -> None:
    faults.answers.append(lambda _request: refusing("AccessDeniedException", "no\\u001b[2J"))
    with pytest.raises(NotAllowedError) as raised:
        put(clients, WEST)
    assert "\x1b" not in str(raised.value)


def test_what_answers_and_is_not_aws_is_reported_as_such(clients: Clients, faults: Faults) -> None:
    faults.answers.append(lambda _request: Reply(200, b"<p>Sign in to the network", "text/html"))
    with pytest.raises(NoAnswerError, match="something else is there"):
        clients.call("sts", WEST, "get_caller_identity")


def test_a_role_is_assumed_once_by_the_region_s_own_sts(faults: Faults) -> None:
    clients = Clients(ROLE)
    put(clients, WEST)
    put(clients, WEST)
    asked = [(request.service, request.region) for request in faults.seen]
    assert asked == [("sts", WEST), ("ssm", WEST), ("ssm", WEST)]
    own = os.environ["AWS_ACCESS_KEY_ID"]
    assert own in faults.seen[0].headers["Authorization"]
    assert own not in faults.seen[1].headers["Authorization"]


@pytest.mark.parametrize(("minutes", "times"), [(-1, 2), (4, 2), (30, 1)])
def test_a_role_is_assumed_again_before_its_credentials_expire(
    faults: Faults, minutes: int, times: int
) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=minutes)

    def short(request: ApiRequest) -> Reply | None:
        if request.service != "sts":
            return None
        return Reply(
            200,
            b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId>"
            b"<SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>"
            + f"<Expiration>{ends.isoformat()}</Expiration>".encode()
            + b"</Credentials></AssumeRoleResult></AssumeRoleResponse>",
            "text/xml",
        )

    faults.answers.append(short)
    clients = Clients(ROLE)
    put(clients, WEST)
    put(clients, WEST)
    assert [request.service for request in faults.seen].count("sts") == times


def test_a_role_that_may_not_be_assumed_is_reported_as_such(faults: Faults) -> None:
    def refuse(request: ApiRequest) -> Reply | None:
        body = (
            b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
            b"</ErrorResponse>"
        )
        return Reply(403, body, "text/xml") if request.service == "sts" else None

    faults.answers.append(refuse)
    with pytest.raises(NotAllowedError, match="needs the IAM action sts:AssumeRole"):
        put(Clients(ROLE), WEST)


def test_credentials_that_were_renewed_in_the_shared_file_reach_new_clients(
    faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    clients = Clients(None)
    for key in ("FIRST", "SECOND"):
        file.write_text(
            f"[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n", encoding="utf-8"
        )
        clients.renew()
        put(clients, WEST)
        assert f"Credential={key}/" in faults.seen[-1].headers["Authorization"]


def refuse() -> str:
    raise UserError("not today")


def test_all_are_asked_at_once() -> None:
    together = Barrier(8, timeout=120)
    assert len(set(gather(dict.fromkeys(range(8), together.wait), 120).values())) == 8


def test_one_that_hangs_is_left_alone_and_hides_no_other() -> None:
    never = Event()
    calls: dict[str, Callable[[], object]] = {"good": lambda: 1, "bad": refuse, "late": never.wait}
    given = gather(calls, 2)
    assert given["good"] == 1
    assert str(given["bad"]) == "not today"
    assert isinstance(given["late"], CallTimeoutError)
    never.set()


def test_an_error_in_our_code_is_raised() -> None:
    def mistake() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        gather({"x": mistake}, 20)


def test_nothing_asked_is_nothing_given() -> None:
    assert gather({}, 0) == {}


def test_an_answer_whose_body_is_not_aws_s_own_has_a_status_and_no_code() -> None:
    answer: Any = {"ResponseMetadata": {"HTTPStatusCode": 503}}
    error = ClientError(answer, "ListSubscriptionsByTopic")
    assert (code(error), status(error)) == ("", 503)
