"""A device's messages that no broker has acknowledged."""

from collections import deque
from typing import Final

from iot_dr.drill.fleet.logbook import Sent

_IDS: Final = 65_535


class Outbox:
    """Numbers messages, keeps those that were sent until they are acknowledged, buffers the others.

    The buffer drops its oldest message for a new one when it is full. What was sent waits outside
    it, for a message that is under way cannot be dropped any more. Messages under way are pairs of
    a packet's id and the message's number.
    """

    def __init__(self, buffer: int, sent: Sent) -> None:
        self._sent = sent
        self._size = buffer
        self._under_way: dict[int, int] = {}
        self._waiting: deque[int] = deque()

    def make(self) -> None:
        """Number a new message, which waits in the buffer."""
        self._waiting.append(self._sent.made)
        self._sent.made += 1

    def trim(self) -> None:
        """Drop what the buffer does not hold, as a device that is offline does."""
        while len(self._waiting) > self._size:
            self._sent.dropped += 1
            self._waiting.popleft()

    def send(self) -> list[tuple[int, int]]:
        """Take all that waits, in order; it is under way from now on."""
        taken = [(number % _IDS + 1, number) for number in self._waiting]
        self._waiting.clear()
        self._under_way.update(taken)
        return taken

    def under_way(self) -> list[tuple[int, int]]:
        """Give what is under way, in order."""
        return list(self._under_way.items())

    def acknowledge(self, id_: int) -> None:
        """Note that a broker has the message of a packet; it may say so more than once."""
        if id_ in self._under_way:
            self._sent.acknowledged.add(self._under_way.pop(id_))
