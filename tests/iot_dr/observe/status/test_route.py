"""Where the checks lead the device name, with some of them unknown."""

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.observe.status.route import route
from iot_dr.route53.failover_config import CheckKey, FailoverConfig
from tests.iot_dr.forecast.strategies import CHAINS, HEALTH, SWITCHES
from tests.support.region_health import HEALTHY, Health, answer

TWO = FailoverConfig(order=("one", "two"))


def well(chain: FailoverConfig) -> dict[CheckKey, bool]:
    return dict.fromkeys(chain.check_keys, True)


def test_what_the_records_ask_is_deep_of_the_primary_tcp_of_the_rest_and_their_switches() -> None:
    assert FailoverConfig(order=("one", "two", "three")).check_keys == (
        ("one", "deep"),
        ("two", "tcp"),
        ("three", "tcp"),
        ("one", "switch"),
        ("two", "switch"),
    )
    assert FailoverConfig(order=("one", "two"), mode="shallow").check_keys[0] == ("one", "tcp")


def test_with_all_known_there_is_one_answer() -> None:
    seen = route(TWO, well(TWO) | {("one", "deep"): False})
    assert (seen.region, seen.regions, seen.unknown) == ("two", ("two",), ())
    assert not seen.is_fallback


def test_what_cannot_change_the_answer_leaves_it_known() -> None:
    known = {("one", "deep"): True, ("one", "switch"): True}
    seen = route(TWO, known)
    assert (seen.region, seen.unknown) == ("one", (("two", "tcp"),))


def test_what_would_decide_leaves_both_possible() -> None:
    seen = route(TWO, {("one", "deep"): True, ("two", "tcp"): True})
    assert (seen.region, seen.regions) == (None, ("one", "two"))


def test_no_region_is_healthy_only_when_that_is_certain() -> None:
    gone = {("one", "deep"): False, ("one", "switch"): True}
    assert route(TWO, gone | {("two", "tcp"): False}).is_fallback
    assert not route(TWO, gone).is_fallback


@given(CHAINS, HEALTH, SWITCHES, st.data())
def test_the_true_answer_is_among_those_that_are_possible(
    chain: FailoverConfig, health: Health, switches: frozenset[str], data: st.DataObject
) -> None:
    def truth(ask: CheckKey) -> bool:
        region, what = ask
        state = health.get(region, HEALTHY)
        return {"deep": state.deep, "tcp": state.tcp, "switch": region not in switches}[what]

    asks = chain.check_keys
    known = data.draw(st.sets(st.sampled_from(asks)))
    true = answer(chain, health, switches)
    seen = route(chain, {each: truth(each) for each in known})
    assert true.leads_to in seen.regions
    assert seen.is_fallback <= true.is_fallback
    whole = route(chain, {each: truth(each) for each in asks})
    assert (whole.region, whole.is_fallback) == (true.leads_to, true.is_fallback)
