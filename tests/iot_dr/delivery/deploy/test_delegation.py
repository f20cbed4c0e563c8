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
        self.told: list[str] = []
        self.now = 0.0
        self._shown = iter(shown)
        self._patience = PollLimits(limit=limit, clock=lambda: self.now, pause=self._pause)

    def run(self) -> str:
        ZONE.wait(self._look, self._patience, self.told.append)
        return "\n".join(self.told)

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


def test_the_wait_tells_what_to_set_and_ends_when_dns_shows_it() -> None:
    wait = Wait([frozenset(), frozenset(), OURS])
    told = wait.run()
    assert "name servers (NS) for iot-dev.example.com in the zone of example.com:" in told
    assert "    ns-1.net.\n    ns-2.net.\n" in told
    assert told.count("shows no name servers") == 1
    assert wait.now == 30


def test_what_is_missing_is_told_anew_when_it_changes() -> None:
    foreign = frozenset(("ns-1.net", "old.example.org"))
    told = Wait([frozenset(), DnsError("no answer"), foreign, OURS]).run()
    assert "   0 s: public DNS shows no name servers for the zone yet" in told
    assert "  15 s: unknown: no answer" in told
    assert "  30 s: public DNS shows other name servers: old.example.org" in told


@pytest.mark.parametrize(("limit", "looks"), [(0, 1), (60, 5)])
def test_the_wait_ends_in_time_and_tells_how_to_go_on(limit: float, looks: int) -> None:
    wait = Wait([NONE] * looks, limit)
    with pytest.raises(DelegationError) as refused:
        wait.run()
    assert wait.now <= limit
    assert "ns-1.net, ns-2.net" in str(refused.value)
    assert "run the same command again" in str(refused.value)
