from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.fleet.logbook import Sent
from iot_dr.drill.fleet.outbox import Outbox


def _made(outbox: Outbox, count: int) -> None:
    for _ in range(count):
        outbox.make()
        outbox.trim()


def test_a_full_buffer_drops_the_oldest() -> None:
    sent = Sent()
    outbox = Outbox(2, sent)
    _made(outbox, 5)

    assert [number for _, number in outbox.send()] == [3, 4]
    assert (sent.made, sent.dropped) == (5, 3)


def test_what_is_under_way_takes_no_room_in_the_buffer() -> None:
    sent = Sent()
    outbox = Outbox(2, sent)
    _made(outbox, 2)
    outbox.send()
    _made(outbox, 2)

    assert sent.dropped == 0
    assert [number for _, number in outbox.under_way()] == [0, 1]


def test_an_acknowledged_message_is_not_sent_again() -> None:
    sent = Sent()
    outbox = Outbox(6, sent)
    _made(outbox, 3)
    first, second, third = outbox.send()
    outbox.acknowledge(second[0])
    outbox.acknowledge(second[0])

    assert outbox.under_way() == [first, third]
    assert sent.acknowledged == {1}


def test_ids_begin_anew_where_mqtt_s_end() -> None:
    outbox = Outbox(70_000, Sent())
    _made(outbox, 65_536)
    pairs = outbox.send()

    assert pairs[0][0] == pairs[-1][0] == 1
    assert max(id_ for id_, _ in pairs) == 0xFFFF


_STEPS = st.lists(st.sampled_from(["make", "send", "acknowledge"]), max_size=80)


@given(_STEPS, st.integers(0, 4))
def test_every_message_is_somewhere(steps: list[str], size: int) -> None:
    sent = Sent()
    outbox = Outbox(size, sent)
    for step in steps:
        if step == "make":
            _made(outbox, 1)
        elif step == "send":
            outbox.send()
        elif under_way := outbox.under_way():
            outbox.acknowledge(under_way[len(under_way) // 2][0])

    left = len(outbox.under_way()) + len(outbox.send())
    assert sent.made == sent.dropped + len(sent.acknowledged) + left
