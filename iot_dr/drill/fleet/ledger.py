"""Which messages came, how often and in which order."""

from collections import defaultdict
from collections.abc import Mapping

from iot_dr.drill.fleet.logbook import Sent
from iot_dr.drill.recording import Messages


class Ledger:
    """The memory of an idempotent consumer: of each message it takes the first, from any region."""

    def __init__(self) -> None:
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._highest: dict[int, int] = {}
        self._doubled = 0
        self._reordered = 0

    def receive(self, device: int, number: int) -> bool:
        """Count a message that came; tell whether it is new."""
        seen = self._seen[device]
        if number in seen:
            self._doubled += 1
            return False
        seen.add(number)
        highest = self._highest.get(device, -1)
        if number < highest:
            self._reordered += 1
        self._highest[device] = max(number, highest)
        return True

    def lost(self, sent: Mapping[int, Sent]) -> dict[int, set[int]]:
        """Give the numbers that were acknowledged and never came, by device."""
        missing = {
            device: each.acknowledged - self._received(device) for device, each in sent.items()
        }
        return {device: numbers for device, numbers in missing.items() if numbers}

    def messages(self, sent: Mapping[int, Sent]) -> Messages:
        """Compare what came with what the devices noted."""
        made = sum(each.made for each in sent.values())
        dropped = sum(each.dropped for each in sent.values())
        acknowledged = sum(len(each.acknowledged) for each in sent.values())
        return Messages(
            made=made,
            acknowledged=acknowledged,
            received=sum(len(self._received(device)) for device in sent),
            lost=sum(map(len, self.lost(sent).values())),
            dropped=dropped,
            unsent=made - dropped - acknowledged,
            doubled=self._doubled,
            reordered=self._reordered,
        )

    def _received(self, device: int) -> set[int]:
        return self._seen.get(device, set())
