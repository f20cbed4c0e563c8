"""Two operators at one rotation, of whom one ends it or uses the switch while the other works."""

from collections.abc import Callable

import pytest

from iot_dr.observe.switch.metric import Action
from iot_dr.operate.rotate.claim import ConcurrentRotationError
from iot_dr.terraform.diagnostic import TerraformError
from tests.iot_dr.observe.switch.place import used
from tests.iot_dr.operate.rotate.bench import States
from tests.iot_dr.operate.rotate.command import (
    NEVER,
    abandon,
    outcomes,
    puts,
    rotate,
    rotating,
    stop,
)
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, WEST, arn


def put(day: Day, region: str, action: Action) -> None:
    """Use the switch as somebody else would, and let all of it follow."""
    switching = rotating(day, region).site.switching(action)
    used(switching, "arn:ada", "broker drops messages", forced=False)
    day.pause(61)


def concurrently(states: States, number: int, what: Callable[[], None]) -> None:
    """Let something happen once, before the plan or change of that number."""
    count = 0

    def passes() -> None:
        nonlocal count
        count += 1
        if count == number:
            states.concurrent.clear()
            what()

    states.concurrent.append(passes)


BEGUN = 2
"""The first plan after that of the look."""


def test_what_was_abandoned_concurrently_is_not_replaced(day: Day, states: States) -> None:
    concurrently(states, BEGUN, lambda: abandon(day, CENTRAL))
    with pytest.raises(
        ConcurrentRotationError, match="abandoned by arn:aws:sts::111111111111:user/moto"
    ):
        rotate(day, CENTRAL)
    assert day.certificate(CENTRAL) == arn(CENTRAL)
    assert outcomes(day, CENTRAL) == ["begun", "abandoned"]


def test_a_region_that_was_switched_back_concurrently_is_not_replaced(
    day: Day, states: States
) -> None:
    concurrently(states, BEGUN, lambda: put(day, CENTRAL, "back"))
    with pytest.raises(
        ConcurrentRotationError, match=r"is no longer switched away: .*back by arn:ada"
    ):
        rotate(day, CENTRAL)
    assert day.certificate(CENTRAL) == arn(CENTRAL)


def test_an_alarm_that_is_no_longer_away_leaves_it_unreplaced(day: Day, states: States) -> None:
    concurrently(states, BEGUN, lambda: day.world.switch(CENTRAL, "OK"))
    with pytest.raises(ConcurrentRotationError, match="its alarm is OK"):
        rotate(day, CENTRAL)
    assert day.certificate(CENTRAL) == arn(CENTRAL)


def test_what_the_watcher_switched_away_has_no_record_and_is_replaced(day: Day) -> None:
    day.follow(WEST, is_away=True)
    assert rotate(day, WEST) == 0
    assert day.certificate(WEST) != arn(WEST)
    assert puts(day) == []


def test_who_was_overtaken_while_it_is_served_neither_switches_back_nor_ends_it(day: Day) -> None:
    def overtake() -> None:
        if day.certificate(CENTRAL) != arn(CENTRAL):
            day.events.clear()
            stop(day, CENTRAL, "serve")

    day.events.append(overtake)
    with pytest.raises(
        ConcurrentRotationError, match="the rotation of eu-central-1 has a newer record"
    ):
        rotate(day, CENTRAL)
    assert puts(day) == [(CENTRAL, True)]
    assert outcomes(day, CENTRAL) == ["begun"]


def test_a_region_that_somebody_switched_away_concurrently_is_left_away(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    def switch_away() -> None:
        if day.certificate(CENTRAL) != arn(CENTRAL):
            day.events.clear()
            put(day, CENTRAL, "away")

    day.events.append(switch_away)
    assert rotate(day, CENTRAL) == 0
    assert (CENTRAL, False) not in puts(day)
    assert outcomes(day, CENTRAL) == ["begun", "done"]
    output = capsys.readouterr().out
    assert "It stays switched away by somebody else: away by arn:ada" in output


def test_abandoned_it_is_left_away_too_when_somebody_did_that(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    stop(day, CENTRAL, "drain")
    put(day, CENTRAL, "away")
    assert rotate(day, CENTRAL, abandon=True) == 0
    assert (CENTRAL, False) not in puts(day)
    assert "by somebody else: away by arn:ada" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("region", "number"),
    [
        (CENTRAL, 2),
        (WEST, 5),
        *(pytest.param(WEST, each, marks=pytest.mark.exhaustive) for each in range(2, 5)),
    ],
)
def test_of_two_who_replace_at_once_one_has_a_plan_that_is_out_of_date(
    day: Day, states: States, region: str, number: int
) -> None:
    stop(day, region, "replace")
    first = rotating(day, region)
    look = first.look()
    concurrently(states, number, lambda: stop(day, region, "serve"))
    with pytest.raises((ConcurrentRotationError, TerraformError)):
        first.resume(look, NEVER)
    assert states.made == 1
    assert day.serving(region) == [day.certificate(region)] * 2
