"""What a region's health API answers: by its routes, and for its function."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from iot_dr.design.api_reply import ApiRoute, ApiStage, HttpApi
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.function_host import FunctionConfig
from iot_dr.drill.rig.region.https_server import HttpRequest
from iot_dr.drill.rig.region.region_config import HealthApiConfig, HealthConfig, Identity
from iot_dr.drill.rig.region.region_process import HealthFront
from tests.support.drill import in_loop

_PATH = "/health/secret"
_ROUTE = ApiRoute(key=f"GET {_PATH}", address="route", function="canary", sources=("*",))
_STAGE = ApiStage(address="stage", name="$default", closing={})
_API = HttpApi(address="api", stages=(_STAGE,), routes=(_ROUTE,))
_WELL = {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}
_ASKED = HttpRequest(method="GET", path=_PATH, query="", headers={}, body=b"")


def _front(
    canary: Callable[[object, None], object] = lambda _event, _context: _WELL,
    api: HttpApi = _API,
    **changes: Any,
) -> HealthFront:
    function = FunctionConfig(
        package="", handler="", variables={}, port_map={}, name_server=("", 0)
    )
    values: dict[str, Any] = {"timeout": 3, "concurrency": 2, "function": "canary", **changes}
    config = HealthConfig(
        port=0,
        api=HealthApiConfig("abc.execute-api.eu-west-1.amazonaws.com", api),
        identity=Identity(Path(), Path()),
        canary=function,
        **values,
    )
    return HealthFront(config, RigClock(1), canary)


async def _status(front: HealthFront, **changes: Any) -> int:
    return (await front.answer(replace(_ASKED, **changes))).status


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        (_WELL, 200),
        ({**_WELL, "statusCode": 503}, 503),
        ({"statusCode": 200}, 500),
        (None, 500),
        (ValueError(), 500),
    ],
    ids=["well", "unwell", "half an answer", "no answer", "raises"],
)
@in_loop
async def test_what_a_function_answers_amiss_is_a_500(expected: object, status: int) -> None:
    def canary(_event: object, _context: None) -> object:
        if isinstance(expected, Exception):
            raise expected
        return expected

    assert await _status(_front(canary)) == status


@pytest.mark.parametrize(
    ("api", "status"),
    [
        (replace(_API, problem="the endpoint is disabled"), HTTPStatus.FORBIDDEN),
        (replace(_API, stages=()), HTTPStatus.NOT_FOUND),
        (replace(_API, stages=(replace(_STAGE, name="prod"),)), HTTPStatus.NOT_FOUND),
        (replace(_API, routes=(replace(_ROUTE, key="GET /other"),)), HTTPStatus.NOT_FOUND),
        (replace(_API, routes=(replace(_ROUTE, key=f"POST {_PATH}"),)), HTTPStatus.NOT_FOUND),
        (replace(_API, routes=(replace(_ROUTE, authorization="AWS_IAM"),)), HTTPStatus.FORBIDDEN),
        (replace(_API, routes=(replace(_ROUTE, authorization="JWT"),)), HTTPStatus.UNAUTHORIZED),
        (replace(_API, routes=(replace(_ROUTE, sources=()),)), HTTPStatus.INTERNAL_SERVER_ERROR),
        (
            replace(_API, stages=(replace(_STAGE, closing={"": "throttling_rate_limit"}),)),
            HTTPStatus.TOO_MANY_REQUESTS,
        ),
        (replace(_API, routes=(replace(_ROUTE, key="ANY /{any+}"),)), HTTPStatus.OK),
    ],
)
@in_loop
async def test_an_api_routes_by_its_stages_routes_and_permissions(
    api: HttpApi, status: HTTPStatus
) -> None:
    assert await _status(_front(api=api)) == status


@in_loop
async def test_another_path_host_or_function_is_not_answered() -> None:
    assert await _status(_front(), path="/other") == HTTPStatus.NOT_FOUND
    other = {"host": "other.execute-api.eu-west-1.amazonaws.com"}
    assert await _status(_front(), headers=other) == HTTPStatus.FORBIDDEN
    assert await _status(_front(function="other")) == HTTPStatus.INTERNAL_SERVER_ERROR


@in_loop
async def test_calls_beyond_the_concurrency_are_throttled() -> None:
    assert await _status(_front(concurrency=0)) == HTTPStatus.SERVICE_UNAVAILABLE
    ended = threading.Event()

    def canary(_event: object, _context: None) -> object:
        ended.wait(60)
        return _WELL

    front = _front(canary)
    calls = [asyncio.ensure_future(_status(front)) for _ in range(2)]
    await asyncio.sleep(0)
    assert await _status(front) == HTTPStatus.SERVICE_UNAVAILABLE
    ended.set()
    assert await asyncio.gather(*calls) == [200, 200]


@pytest.mark.parametrize(
    ("seconds", "timeout", "status"),
    [
        (0.05, 3, HTTPStatus.SERVICE_UNAVAILABLE),
        (2, 0.05, HTTPStatus.INTERNAL_SERVER_ERROR),
    ],
)
@in_loop
async def test_a_function_that_is_late_for_its_integration_or_itself_fails(
    seconds: float, timeout: float, status: HTTPStatus
) -> None:
    ended = threading.Event()
    api = replace(_API, routes=(replace(_ROUTE, seconds=seconds),))
    front = _front(lambda _event, _context: ended.wait(60), api, timeout=timeout)
    assert await _status(front) == status
    ended.set()
