"""A region's health API, in place of API Gateway and Lambda.

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

# The integration's time limit in rehearsed seconds: modules/health_api.py.
_LIMIT: Final = 2.0
# The canary's reserved concurrency: modules/canary.py.
_CONCURRENCY: Final = 20


class HealthFront:
    """Handler of the health API: the canary's answer on the secret path, else 404.

    A Lambda instance handles one call at a time, and a call without an idle instance starts a new
    one. `canary` does the same, in as many threads as the function's reserved concurrency. As in
    API Gateway the status is 500 if it fails
    (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html) and,
    as assumed, 503 if it is too late. With `fails` the answer is 500 without a call.
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
                answer = await call
            return Answer(
                answer["statusCode"], answer["body"].encode(), answer["headers"]["content-type"]
            )
        except TimeoutError:
            return Answer.message(HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:  # noqa: BLE001 - any error or malformed answer of the function is a 500
            return Answer.message(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _event(self, request: Request) -> dict[str, Any]:
        """Return the event of a request, in payload format 2.0."""
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
