from collections.abc import Iterable

import pytest

from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.delegation import Delegation, DelegationError
from iot_dr.observe.status.dns_query import DnsError

ZONE = Delegation(zone_name="iot-dev.example.com", name_servers=frozenset(("ns-1.net", "ns-2.net")))
NONE: frozenset[str] = frozenset()
OURS = frozenset(("ns-1.net", "ns-2.net"))


class Wait:
    """A wait in which time passes only in the pauses between looks."""

    def __init__(self, shown: Iterable[frozenset[str] | DnsError], limit: float = 60) -> None:
        self.printed: list[str] = []
        self.now = 0.0
        self._shown = iter(shown)
        self._patience = PollLimits(limit=limit, clock=lambda: self.now, pause=self._pause)

    def run(self) -> str:
        ZONE.wait(self._look, self._patience, self.printed.append)
        return "\n".join(self.printed)

    def _pause(self, seconds: float) -> None:
        self.now += seconds

    def _look(self, zone_name: str) -> frozenset[str]:
        assert zone_name == "iot-dev.example.com"
        shown = next(self._shown)
        if isinstance(shown, DnsError):
            raise shown
        return shown


@pytest.mark.parametrize("shown", [OURS, frozenset(("ns-1.net",))])
def test_a_delegation_that_is_there_is_not_waited_for(shown: frozenset[str]) -> None:
    wait = Wait([shown], limit=0)
    assert wait.run() == "iot-dev.example.com: public DNS shows the zone's name servers."
    assert wait.now == 0


def test_the_wait_prints_the_name_servers_and_ends_when_dns_returns_them() -> None:
    wait = Wait([frozenset(), frozenset(), OURS])
    printed = wait.run()
    assert "name servers (NS) for iot-dev.example.com in the zone of example.com:" in printed
    assert "    ns-1.net.\n    ns-2.net.\n" in printed
    assert printed.count("shows no name servers") == 1
    assert wait.now == 30


def test_the_reason_for_waiting_is_printed_when_it_changes() -> None:
    foreign = frozenset(("ns-1.net", "old.example.org"))
    printed = Wait([frozenset(), DnsError("no answer"), foreign, OURS]).run()
    assert "   0 s: public DNS shows no name servers for the zone yet" in printed
    assert "  15 s: unknown: no answer" in printed
    assert "  30 s: public DNS shows other name servers: old.example.org" in printed


@pytest.mark.parametrize(("limit", "looks"), [(0, 1), (60, 5)])
def test_the_wait_ends_in_time_and_says_how_to_continue(limit: float, looks: int) -> None:
    wait = Wait([NONE] * looks, limit)
    with pytest.raises(DelegationError) as refused:
        wait.run()
    assert wait.now <= limit
    assert "ns-1.net, ns-2.net" in str(refused.value)
    assert "run the same command again" in str(refused.value)
