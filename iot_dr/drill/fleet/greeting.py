"""The first requests of a device's connection."""

import asyncio
from typing import Final

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink
from iot_dr.drill.fleet.packet import Packet, PubAck, Publish, SubAck
from iot_dr.drill.fleet.topics import Topics

_ID: Final = 1
_UNANSWERED: Final = "no answer to the first message"


class Greeting:
    """Subscribes, publishes a first message, and waits for a consumer's answer to it.

    So a device counts as connected only if its policy allows what it needs: an accepted CONNECT
    alone serves nobody. `take` gets the packets of the link until then. A message that no consumer
    got is sent again after `again` seconds of real time.
    """

    def __init__(self, topics: Topics, again: float) -> None:
        self._topics, self._again = topics, again
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._link: MqttLink | None = None

    async def run(self, link: MqttLink, limit: float) -> None:
        """Wait for the answer, `limit` seconds of real time at most.

        Raises BrokerError, and closes the link, if it does not come.
        """
        self._link = link
        link.send(packet.subscribe(self._topics.commands, _ID))
        self._greet(link)
        ends = [self._answered, link.closed]
        try:
            await asyncio.wait(ends, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not self._answered.done():
                link.close()
        if not self._answered.done():
            reason = link.closed.result() if link.closed.done() else _UNANSWERED
            raise BrokerError(reason)

    def take(self, got: Packet) -> None:
        """Handle a packet that the link received before the answer."""
        link = self._link
        if link is None:
            return
        if isinstance(got, SubAck) and any(map(packet.is_failure, got.reasons)):
            link.abort(f"subscription: {packet.reason_name(got.reasons[0])}")
        elif isinstance(got, PubAck) and got.reason != packet.SUCCESS:
            asyncio.get_running_loop().call_later(self._again, self._greet, link)
        elif isinstance(got, Publish) and got.topic == self._topics.answer:
            self._note_answer()

    def _note_answer(self) -> None:
        if not self._answered.done():
            self._answered.set_result(None)

    def _greet(self, link: MqttLink) -> None:
        if not self._answered.done():
            link.send(packet.publish(self._topics.hello, b"", _ID))
