"""When the watcher switches devices away, and when it lets it be."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.aws_client import CALL_SECONDS
from functions.contract import PROBE_GRACE, PROBE_SECONDS
from functions.probe.result import Outcome, Result
from functions.watcher.switch import PUT_SECONDS
from functions.watcher.watcher import Decision, Watcher
from tests.functions.world import Log, Time

WELL = Result(Outcome.OK)
DEAD = Result(Outcome.SLOW, "TimeoutError")
LATER_REGION = Result(Outcome.FAILED, "LedAwayError")


@dataclass
class World:
    """A watcher whose probes end as a test lays out, each after `lasts` seconds."""

    primary: list[Result]
    own: Result = WELL
    answer: Result = WELL
    is_used: bool = True
    is_settled: bool | None = True
    interval: float = 30
    threshold: int = 3
    lasts: float = 0.1
    timeout: float = 120
    switch_fails: bool = False
    never_served: bool = False
    time: Time = field(default_factory=Time)
    log: Log = field(default_factory=Log)
    did: list[str] = field(default_factory=list[str])

    def watch(self) -> Decision:
        end = self.time.now() + self.timeout
        results: Iterator[Result] = iter(self.primary)
        watcher = Watcher(
            primary=lambda: self._probe("primary", next(results)),
            own=lambda: self._probe("own", self.own),
            answer=lambda: self._probe("answer", self.answer),
            is_used=lambda: self.is_used,
            is_settled=self._is_settled,
            switch=self._switch,
            history=self,
            metrics=self.log.metrics(),
            interval=self.interval,
            threshold=self.threshold,
            sleep=self._sleep,
        )
        return watcher.watch(lambda: end - self.time.now())

    def record(self, seconds_left: Callable[[], float], probe_seconds: float) -> None:
        assert probe_seconds == PROBE_SECONDS + PROBE_GRACE
        assert seconds_left() > 0
        self.did.append("record")

    def is_new(self, seconds_left: Callable[[], float]) -> bool:
        assert seconds_left() >= CALL_SECONDS + PUT_SECONDS - 0.001
        self.did.append("look up")
        self.time.pass_(CALL_SECONDS)
        return self.never_served

    def _is_settled(self) -> bool | None:
        self.did.append("read the switch")
        self.time.pass_(CALL_SECONDS)
        return self.is_settled

    def _probe(self, which: str, result: Result) -> Result:
        self.did.append(which)
        self.time.pass_(self.lasts)
        return result

    def _sleep(self, seconds: float) -> None:
        self.did.append(f"sleep {seconds:g}")
        self.time.pass_(seconds)

    def _switch(self) -> None:
        self.did.append("switch")
        self.time.pass_(PUT_SECONDS)
        if self.switch_fails:
            raise ConnectionError


def test_a_primary_that_is_well_is_probed_once() -> None:
    here = World([WELL])
    assert here.watch() is Decision.WELL
    assert here.did == ["primary", "answer", "record"]
    assert here.log.outcomes() == ["ok"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([0], [0])


def test_a_primary_that_recovers_in_time_is_left_alone() -> None:
    here = World([DEAD, DEAD, WELL])
    assert here.watch() is Decision.WELL
    assert here.did == ["primary", "sleep 30", "primary", "sleep 30", "primary", "answer", "record"]
    assert here.log.outcomes() == ["slow", "slow", "ok"]
    assert here.log.values("PrimaryFailing") == [0]


def test_a_primary_that_failed_often_enough_is_switched_away() -> None:
    here = World([DEAD] * 3, interval=10)
    assert here.watch() is Decision.LATCHED
    assert here.did == [
        "primary", "sleep 10", "primary", "sleep 10", "primary", "own", "look up", "switch",
    ]  # fmt: skip
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [1])


def test_a_primary_that_answers_while_devices_are_led_elsewhere_is_switched_away() -> None:
    # As when API Gateway, Lambda or the canary fails, and AWS IoT does not.
    here = World([WELL], answer=LATER_REGION)
    assert here.watch() is Decision.LATCHED
    assert here.did == ["primary", "answer", "read the switch", "own", "look up", "switch"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [1])


def test_devices_that_the_switch_leads_elsewhere_are_left_to_it() -> None:
    here = World([WELL], answer=LATER_REGION, is_settled=False)
    assert here.watch() is Decision.RETURNING
    assert here.did == ["primary", "answer", "read the switch"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([0], [0])


def test_a_switch_that_cannot_be_read_moves_nothing_and_raises_the_watchers_alarm() -> None:
    here = World([WELL], answer=LATER_REGION, is_settled=None)
    assert here.watch() is Decision.RETURNING
    assert "switch" not in here.did
    assert here.log.values("PrimaryFailing") == [1]


@pytest.mark.parametrize("answer", [DEAD, Result(Outcome.EXPIRED)])
def test_a_device_name_that_cannot_be_looked_up_in_time_moves_nothing(answer: Result) -> None:
    here = World([WELL], answer=answer)
    assert here.watch() is Decision.WELL
    assert here.did == ["primary", "answer", "record"]


def test_a_new_primary_is_not_recorded_while_devices_are_led_elsewhere() -> None:
    # In the hour after the first deployment the standby may be served first.
    here = World([WELL], answer=LATER_REGION, never_served=True)
    assert here.watch() is Decision.NEW
    assert "record" not in here.did
    assert "switch" not in here.did


def test_one_failure_is_never_enough_to_move_a_fleet() -> None:
    here = World([DEAD, WELL], threshold=1)
    assert here.watch() is Decision.WELL
    again = World([DEAD, DEAD], threshold=1)
    assert again.watch() is Decision.LATCHED
    assert again.did == ["primary", "sleep 30", "primary", "own", "look up", "switch"]


def test_a_primary_that_has_never_served_is_not_switched_away() -> None:
    here = World([DEAD] * 3, never_served=True)
    assert here.watch() is Decision.NEW
    assert here.did[-2:] == ["own", "look up"]
    assert here.log.outcomes() == ["slow", "slow", "slow", "new"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [0])


@pytest.mark.parametrize("own", [DEAD, Result(Outcome.FAILED), Result(Outcome.EXPIRED)])
def test_when_the_own_name_fails_too_it_is_blind_and_switches_nothing(own: Result) -> None:
    here = World([DEAD] * 3, own=own)
    assert here.watch() is Decision.BLIND
    assert here.did[-1] == "own"
    assert here.log.outcomes() == ["slow", "slow", "slow", "blind"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [0])


def test_a_switch_that_cannot_be_put_is_an_error_and_not_counted_as_latched() -> None:
    here = World([DEAD] * 3, switch_fails=True)
    with pytest.raises(ConnectionError):
        here.watch()
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [0])


def test_it_ends_undecided_before_lambda_ends_it() -> None:
    here = World([DEAD] * 3, timeout=76)
    assert here.watch() is Decision.UNDECIDED
    assert here.did == ["primary", "sleep 30", "primary"]
    assert here.log.outcomes() == ["slow", "slow", "undecided"]
    assert (here.log.values("PrimaryFailing"), here.log.values("Latched")) == ([1], [0])


@pytest.mark.parametrize("timeout", range(48, 58))
def test_a_last_probe_leaves_the_time_for_the_history_and_the_switch(timeout: int) -> None:
    here = World(
        [DEAD] * 2, interval=10, threshold=2, lasts=PROBE_SECONDS + PROBE_GRACE, timeout=timeout
    )
    began = here.time.now()
    # The history asserts that it has its time, and that of the switch.
    assert here.watch() in {Decision.UNDECIDED, Decision.LATCHED}
    assert here.time.now() - began <= timeout


def test_without_time_for_a_single_probe_it_is_undecided_at_once() -> None:
    here = World([], timeout=5)
    assert here.watch() is Decision.UNDECIDED
    assert here.did == []
    assert here.log.values("PrimaryFailing") == [0]


@pytest.mark.parametrize("interval", [10, 30])
@pytest.mark.parametrize("threshold", range(1, 11))
def test_the_timeout_that_the_function_has_is_enough_to_decide(
    interval: int, threshold: int
) -> None:
    here = World(
        [DEAD] * max(threshold, 2), interval=interval, threshold=threshold,
        lasts=PROBE_SECONDS + PROBE_GRACE, timeout=(interval + 6) * max(threshold, 2) + 30,
    )  # fmt: skip
    assert here.watch() is Decision.LATCHED


@given(
    st.builds(
        World,
        st.lists(st.sampled_from([WELL, DEAD, Result(Outcome.EXPIRED)]), min_size=10),
        own=st.sampled_from([WELL, DEAD]),
        answer=st.sampled_from([WELL, DEAD, LATER_REGION]),
        is_settled=st.sampled_from([True, False, None]),
        threshold=st.integers(1, 10),
        timeout=st.floats(0, 400),
        lasts=st.floats(0, PROBE_SECONDS + PROBE_GRACE),
        never_served=st.booleans(),
    )
)
def test_it_switches_only_after_enough_failures_of_a_primary_that_served_with_the_own_name_well(
    here: World,
) -> None:
    began = here.time.now()
    decision = here.watch()
    answers = WELL in here.primary[: max(here.threshold, 2)]
    is_later = here.answer is LATER_REGION
    failed = is_later and bool(here.is_settled) if answers else True
    is_away = here.own is WELL and not here.never_served
    assert ("switch" in here.did) == (decision is Decision.LATCHED)
    assert decision is not Decision.LATCHED or (failed and is_away)
    assert decision is not Decision.WELL or (answers and not is_later)
    assert ("record" in here.did) == (decision is Decision.WELL)
    assert here.time.now() - began <= here.timeout
    assert len(here.log.values("PrimaryFailing")) == 1
    assert "switch" not in json.dumps(here.log.lines)


def test_a_standby_that_no_device_uses_is_not_switched_away() -> None:
    here = World([DEAD] * 3, is_used=False)
    assert here.watch() is Decision.UNUSED
    assert "switch" not in here.did
    assert here.log.outcomes() == ["slow", "slow", "slow", "unused"]
    assert here.log.values("PrimaryFailing") == [1]
