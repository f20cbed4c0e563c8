"""Process of one region: HTTPS on its regional name, and its health API.

It reads a RegionConfig, then a RegionState whenever the state changes. The health API acts in place
of API Gateway and Lambda. Sources, below docs.aws.amazon.com: apigateway/latest/developerguide/
http-api-develop-integrations-lambda.html and lambda/latest/dg/lambda-concurrency.html.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

from iot_dr.design.api_reply import ApiReply, ApiRoute
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.front import PublishHandler, publish_once
from iot_dr.drill.rig.region.function_host import FunctionHost
from iot_dr.drill.rig.region.https_server import HttpRequest, HttpResponse, only_for, serve_https
from iot_dr.drill.rig.region.region_config import HealthConfig, RegionConfig, RegionState
from iot_dr.drill.rig.requests import Requests, run, send_to_parent


class HealthFront:
    """Handler of the health API: routes a request as the API does, and calls the canary.

    A Lambda instance handles one call at a time, and a call without an idle instance starts a new
    one. `canary` does the same, in as many threads as the function's reserved concurrency. As in
    API Gateway the status is 500 if it fails
    (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html) and,
    as assumed, 503 if it is too late or throttled. With `fails` the answer is 500 without a call.
    """

    def __init__(
        self, config: HealthConfig, clock: RigClock, canary: Callable[[object, None], Any]
    ) -> None:
        self.fails = False
        self._config = config
        self._host, self._api = config.api.host, config.api.api
        self._clock = clock
        self._canary = canary
        self._threads = ThreadPoolExecutor(config.concurrency or 1, thread_name_prefix="canary")
        self._running = 0

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if request.headers.get("host", self._host) != self._host:
            return HttpResponse.message(HTTPStatus.FORBIDDEN)
        reply = self._api.reply(request.method, request.path)
        if reply.status is not None:
            return HttpResponse.message(reply.status)
        if self.fails or reply.route is None or reply.route.function != self._config.function:
            return HttpResponse.message(HTTPStatus.INTERNAL_SERVER_ERROR)
        if self._running >= self._config.concurrency:
            return HttpResponse.message(HTTPStatus.SERVICE_UNAVAILABLE)
        return await self._called(self._event(request, reply), reply.route)

    async def _called(self, event: dict[str, Any], route: ApiRoute) -> HttpResponse:
        self._running += 1
        call = self._threads.submit(self._canary, event, None)
        loop = asyncio.get_running_loop()
        call.add_done_callback(lambda _: loop.call_soon_threadsafe(self._end))
        limit = min(self._config.timeout, route.seconds)
        try:
            async with asyncio.timeout(self._clock.wall(limit)):
                answer = await asyncio.wrap_future(call)
            return HttpResponse(
                answer["statusCode"], answer["body"].encode(), answer["headers"]["content-type"]
            )
        except TimeoutError:
            is_late = route.seconds <= self._config.timeout
            return HttpResponse.message(
                HTTPStatus.SERVICE_UNAVAILABLE if is_late else HTTPStatus.INTERNAL_SERVER_ERROR
            )
        except Exception:  # noqa: BLE001 - any error or malformed answer of the function is a 500
            return HttpResponse.message(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _end(self) -> None:
        self._running -= 1

    def _event(self, request: HttpRequest, reply: ApiReply) -> dict[str, Any]:
        """Return the event of a request, in payload format 2.0."""
        http = {"method": request.method, "path": request.path, "protocol": "HTTP/1.1"}
        route = reply.route.key if reply.route else ""
        return {
            "version": "2.0",
            "routeKey": route,
            "rawPath": request.path,
            "rawQueryString": request.query,
            "headers": dict(request.headers),
            "requestContext": {
                "domainName": self._host,
                "http": http,
                "routeKey": route,
                "stage": reply.stage,
            },
            "isBase64Encoded": False,
        }


def send_outcome(line: str) -> None:
    """Send the outcome in a line of a function's log to the parent, if it has one."""
    entry = json.loads(line)
    if "Outcome" in entry:
        outcome: str = " ".join(filter(None, (entry["Outcome"], entry.get("cause"))))
        send_to_parent(outcome=outcome)


class RegionServers:
    """The servers of a region."""

    def __init__(self, config: RegionConfig) -> None:
        self._config = config
        self._clock = RigClock(config.time.speed, config.time.origin)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        only_for(self._tls, config.names)
        publish = partial(publish_once, config.host, config.broker_port)
        self._front = PublishHandler(config.region, config.roles, self._clock, publish)
        self._health = _health_front(config.health, self._clock) if config.health else None

    async def open(self) -> None:
        """Start the servers; raises OSError if a port is in use or a certificate is unreadable."""
        await self.take(self._config.state)
        host, health = self._config.host, self._config.health
        await serve_https(self._front.answer, self._tls, (host, self._config.https_port))
        if health is not None and self._health is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(health.identity.certificate, health.identity.key)
            only_for(tls, frozenset({health.api.host}))
            await serve_https(self._health.answer, tls, (host, health.port))

    async def take(self, state: RegionState) -> None:
        """Apply a state; raises OSError for an unreadable certificate."""
        # Applies to new handshakes.
        self._tls.load_cert_chain(state.certificate, state.key)
        self._front.refuses, self._front.latency = state.refuses, state.latency
        if self._health is not None:
            self._health.fails = state.fails_canary


def _health_front(config: HealthConfig, clock: RigClock) -> HealthFront:
    host = FunctionHost(config.canary, clock, send_outcome)

    def canary(event: object, context: object) -> Any:  # noqa: ANN401 - the function's result
        try:
            return host(event, context)
        except Exception as error:
            send_to_parent(outcome=f"error {type(error).__name__}: {error}")
            raise

    return HealthFront(config, clock, canary)


async def _serve(orders: Requests) -> None:
    regions: list[RegionServers] = []

    async def begin(config: RegionConfig) -> None:
        regions.append(RegionServers(config))
        await regions[0].open()

    if await orders.handle_next(RegionConfig, begin):
        while regions and await orders.handle_next(RegionState, regions[0].take):
            pass


if __name__ == "__main__":
    run(_serve)
