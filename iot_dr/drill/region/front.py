"""What a region's own name serves on port 443: AWS IoT's HTTPS publish, onto the region's broker.

Sources: docs.aws.amazon.com/iot/latest/developerguide/http.html and .../iot/latest/apireference/
API_iotdata_Publish.html.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from iot_dr.drill.clock import Clock
from iot_dr.drill.region.https_server import Answer, Request
from iot_dr.drill.region.publication import RefusedError
from iot_dr.drill.region.role import Role
from iot_dr.drill.region.signature import SignatureError, signer

_LIMIT: Final = 5.0
_TOPICS: Final = "/topics/"

Publish = Callable[[str, bytes], Awaitable[None]]
"""Publishes a message to a topic; raises OSError or RefusedError when nobody acknowledges it."""


class Front:
    """Answers 200 once the broker has acknowledged a message.

    Whoever is not the role of the topic gets a 403, a broker that cannot be reached makes a 500,
    and one that does not answer within 5 rehearsed seconds a 504. While `refuses`, everybody gets
    a 403; each answer comes `latency` rehearsed seconds late.
    """

    def __init__(
        self, region: str, roles: Mapping[str, Role], clock: Clock, publish: Publish
    ) -> None:
        self.refuses = False
        self.latency = 0.0
        self._region = region
        self._roles = roles
        self._clock = clock
        self._publish = publish

    async def answer(self, request: Request) -> Answer:
        """Answer one request."""
        if self.latency:
            await self._clock.sleep(self.latency)
        try:
            role = signer(request, self._roles, self._region)
        except SignatureError as error:
            return Answer.message(HTTPStatus.FORBIDDEN, str(error))
        topic = unquote(request.path.removeprefix(_TOPICS))
        if request.method != "POST" or not request.path.startswith(_TOPICS):
            return Answer.message(HTTPStatus.NOT_FOUND)
        if request.query != "qos=1":
            return Answer.message(HTTPStatus.BAD_REQUEST, "the drill publishes at QoS 1 alone")
        if self.refuses or topic != role.topic:
            return Answer.message(HTTPStatus.FORBIDDEN)
        return await self._published(topic, request.body)

    async def _published(self, topic: str, body: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._clock.wall(_LIMIT)):
                await self._publish(topic, body)
        except TimeoutError:
            return Answer.message(HTTPStatus.GATEWAY_TIMEOUT)
        except (OSError, RefusedError):
            return Answer.message(HTTPStatus.INTERNAL_SERVER_ERROR)
        return Answer.message(HTTPStatus.OK)
