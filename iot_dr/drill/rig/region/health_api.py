"""A region's health API: what API Gateway and Lambda make of a checker's request.

Sources, below docs.aws.amazon.com: apigateway/latest/developerguide/
http-api-develop-integrations-lambda.html and lambda/latest/dg/lambda-concurrency.html.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.region.https_server import Answer, Request
from iot_dr.drill.rig.region.region_config import HealthApi

# The integration's own time limit, in rehearsed seconds: modules/health_api.py.
_LIMIT: Final = 2.0
# The canary's reserved concurrency: modules/canary.py.
_CONCURRENCY: Final = 20


class HealthFront:
    """Answers the one secret path by what the canary says, and everything else with a 404.

    Lambda gives an instance one call at a time and starts another instance for a call that finds
    none idle; so does `canary`, which is called in as many threads as the function's concurrency
    lets run. One that fails or has answered too late gives API Gateway's own 500 and 503. While
    `fails`, the function is not asked and fails.
    """

    def __init__(self, api: HealthApi, clock: Clock, canary: Callable[[object, None], Any]) -> None:
        self.fails = False
        self._api = api
        self._clock = clock
        self._canary = canary
        self._threads = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="canary")

    async def answer(self, request: Request) -> Answer:
        """Answer one request."""
        if (request.method, request.path) != ("GET", self._api.path):
            return Answer.message(HTTPStatus.NOT_FOUND)
        if self.fails:
            return Answer.message(HTTPStatus.INTERNAL_SERVER_ERROR)
        call = asyncio.get_running_loop().run_in_executor(
            self._threads, self._canary, self._event(request), None
        )
        try:
            async with asyncio.timeout(self._clock.wall(_LIMIT)):
                told = await call
            return Answer(
                told["statusCode"], told["body"].encode(), told["headers"]["content-type"]
            )
        except TimeoutError:
            return Answer.message(HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:  # noqa: BLE001 - whatever a function raises, or answers amiss, is a 500
            return Answer.message(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _event(self, request: Request) -> dict[str, Any]:
        """Return what a function is told of a request, payload format 2.0."""
        http = {"method": request.method, "path": request.path, "protocol": "HTTP/1.1"}
        route = f"{request.method} {request.path}"
        return {
            "version": "2.0",
            "routeKey": route,
            "rawPath": request.path,
            "rawQueryString": request.query,
            "headers": dict(request.headers),
            "requestContext": {
                "domainName": self._api.host,
                "http": http,
                "routeKey": route,
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
