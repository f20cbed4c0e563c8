"""The standby of a drain: before it, and while connections are closed."""

from collections.abc import Callable
from threading import Event

import pytest

from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.observe.switch.probe import ProbeError
from iot_dr.operate.drain.client_ids import DrainError
from tests.iot_dr.operate.drain.drained import away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, WEST
from tests.support.region_health import RegionHealth

SOON = 0.01

pytestmark = pytest.mark.usefixtures("project")


def test_a_standby_that_is_not_ready_refuses_before_anything_is_switched(day: Day) -> None:
    connections = fleet(day)
    day.tls.regions[CENTRAL].context = day.issuer.default
    with pytest.raises(
        DrainError, match=r"eu-central-1 is not ready for the devices: .* not serve"
    ):
        away(day)
    with pytest.raises(DrainError):
        away(day, force=True)
    assert (connections.closed, day.puts()) == ([], [])


def test_a_standby_that_fails_during_the_drain_stops_it(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)

    def fail(_id: str) -> None:
        day.world.see({CENTRAL: RegionHealth(tcp=False)})

    connections.close = fail
    assert away(day, every=SOON) == 3
    captured = capsys.readouterr()
    assert "The drain has stopped: eu-central-1 is not ready for the devices" in captured.out
    assert "eu-central-1 is unhealthy. To continue: iot-dr switch away" in captured.out
    assert 0 < len(connections.closed) < 5_000
    assert connections.clients


def test_a_region_that_somebody_switches_back_is_not_drained_further(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)
    # Route 53 still leads to the standby.
    connections.close = lambda _id: day.world.switch(WEST, "OK")
    assert away(day, every=SOON) == 3
    stopped = "The drain has stopped: eu-west-1 is not known to be switched away any more"
    assert stopped in capsys.readouterr().out
    assert connections.clients


def test_a_check_of_the_standby_that_breaks_stops_the_drain(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)

    def prober(_name: str) -> None:
        if connections.closed:
            message = "a fault of ours"
            raise ValueError(message)

    assert away(day, prober=prober, every=SOON) == 3
    assert "whether eu-central-1 is ready is unknown: a fault of ours" in capsys.readouterr().out
    assert connections.clients


def silent_alarms(request: ApiRequest) -> Reply | None:
    """Answer for a CloudWatch of the drained region that does not work."""
    is_read = b"DescribeAlarms" in request.body or "DescribeAlarms" in str(request.headers)
    return Reply(503, b"{}", "application/json") if is_read and request.region == WEST else None


def once(day: Day, then: Callable[[], None] = lambda: None) -> None:
    """Let the next reading of an alarm in the drained region have no answer; call at the second."""
    replies = [1]

    def fail(request: ApiRequest) -> Reply | None:
        reply = silent_alarms(request)
        if reply and replies:
            replies.pop()
            return reply
        if reply:
            then()
        return None

    day.faults.answers.insert(0, fail)


def test_one_alarm_without_an_answer_before_the_switch_is_read_again(day: Day) -> None:
    connections = fleet(day)
    once(day)
    assert away(day) == 0
    assert connections.clients == set()


def test_one_alarm_without_an_answer_during_the_drain_is_read_again(day: Day) -> None:
    connections, read_again = fleet(day), Event()

    def fail(_id: str) -> None:
        if len(connections.closed) == 1:
            once(day, read_again.set)
        assert read_again.wait(30)

    connections.close = fail
    assert away(day, every=SOON) == 0
    assert connections.clients == set()


def test_a_standby_whose_switch_stays_unknown_is_refused_with_the_reason(day: Day) -> None:
    fleet(day)
    day.faults.answers.insert(0, silent_alarms)
    refused = r"its switch unknown \(cloudwatch:DescribeAlarms in eu-west-1: .*leave out --drain"
    with pytest.raises(DrainError, match=refused):
        away(day, force=True)
    assert day.puts() == []


def unseen(_name: str) -> None:
    """A network in which no regional name can be probed."""
    message = "no answer"
    raise ProbeError(message)


@pytest.mark.parametrize("fails", [1, 2])
def test_a_standby_of_unknown_health_is_read_again_and_then_refused(day: Day, fails: int) -> None:
    connections, left = fleet(day), [1] * fails

    def fail(request: ApiRequest) -> Reply | None:
        if request.service == "route53" and request.path.endswith("/healthcheck") and left:
            left.pop()
            return Reply(503, b"", "text/xml")
        return None

    day.faults.answers.insert(0, fail)
    if fails == 1:
        assert away(day, prober=unseen, force=True) == 0
        assert connections.clients == set()
        return
    unknown = "may connect to eu-west-1 or eu-central-1: .*leave out --drain"
    with pytest.raises(DrainError, match=unknown):
        away(day, prober=unseen, force=True)
    assert day.puts() == []
