import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.fleet.consumer import MessageLedger
from iot_dr.drill.fleet.logbook import Logbook, Sent
from iot_dr.drill.recording import Connection, Messages

_DEVICES = st.integers(0, 3)
_NUMBERS = st.integers(0, 12)
_ARRIVALS = st.lists(st.tuples(_DEVICES, _NUMBERS), max_size=60)


def _counted(arrivals: list[tuple[int, int]], sent: dict[int, Sent] | None = None) -> Messages:
    ledger = MessageLedger()
    for device, number in arrivals:
        ledger.receive(device, number)
    return ledger.messages(sent or {device: Sent() for device in range(4)})


@given(_ARRIVALS)
def test_of_each_message_one_is_received_and_the_rest_is_doubled(
    arrivals: list[tuple[int, int]],
) -> None:
    messages = _counted(arrivals)

    assert messages.received == len(set(arrivals))
    assert messages.duplicated == sum(count - 1 for count in Counter(arrivals).values())


@given(_ARRIVALS)
def test_what_was_acknowledged_and_never_came_is_lost(arrivals: list[tuple[int, int]]) -> None:
    acknowledged = {number for number in range(13) if number % 3}
    sent = {device: Sent(created=13, acknowledged=acknowledged) for device in range(4)}

    expected = sum(
        (device, number) not in arrivals for device in range(4) for number in acknowledged
    )
    assert _counted(arrivals, sent).lost == expected


@given(st.permutations(range(8)))
def test_a_message_after_a_later_one_is_reordered(order: list[int]) -> None:
    late = sum(any(other > number for other in order[:place]) for place, number in enumerate(order))

    assert _counted([(0, number) for number in order]).reordered == late


@given(st.lists(_DEVICES, max_size=40))
def test_devices_do_not_disturb_one_another(turns: list[int]) -> None:
    numbers = Counter[int]()
    arrivals: list[tuple[int, int]] = []
    for device in turns:
        arrivals.append((device, numbers[device]))
        numbers[device] += 1

    messages = _counted(arrivals)
    assert (messages.duplicated, messages.reordered) == (0, 0)


def test_a_double_that_comes_late_is_not_reordered_too() -> None:
    messages = _counted([(0, 0), (0, 1), (0, 0)])

    assert (messages.received, messages.duplicated, messages.reordered) == (2, 1, 0)


def test_every_message_that_was_made_is_accounted_for() -> None:
    sent = {0: Sent(created=10, dropped=2, acknowledged={0, 1, 2, 5, 6})}
    messages = _counted([(0, number) for number in (0, 1, 2, 5)], sent)

    assert messages == Messages(
        created=10,
        acknowledged=5,
        received=4,
        lost=1,
        dropped=2,
        unsent=3,
        duplicated=0,
        reordered=0,
    )


_SENT = st.builds(
    Sent,
    created=st.integers(0, 100),
    dropped=st.integers(0, 100),
    acknowledged=st.sets(st.integers(0, 40)),
)
_CONNECTIONS = st.builds(
    Connection,
    device=_DEVICES,
    region=st.sampled_from(["eu-west-1", "eu-central-1"]),
    begin=st.floats(0, 100),
    end=st.none() | st.floats(0, 100),
)


@given(
    st.lists(_CONNECTIONS, max_size=5),
    st.lists(st.floats(0, 100), max_size=700),
    st.dictionaries(st.text(max_size=5), st.integers(1, 5), max_size=3),
    st.dictionaries(st.integers(0, 50), _SENT, max_size=5),
    st.floats(0, 100),
)
def test_a_logbook_comes_whole_from_another_process(
    connections: list[Connection],
    attempts: list[float],
    refusals: dict[str, int],
    sent: dict[int, Sent],
    lag: float,
) -> None:
    written = Logbook(connections, attempts, Counter(refusals), sent, lag)
    read = Logbook()
    for line in written.lines():
        read.take(json.loads(json.dumps(line)))

    assert read == written
