"""A switch that is away for weeks, on a virtual clock, while Route 53 forgets what is not repeated.

The functions' own publisher runs each minute, on a made-up Parameter Store and CloudWatch; the
answer is that of the synthesized records. Route 53 takes a switch without data for ten minutes for
healthy, which is worse than what AWS promises.
"""

from collections.abc import Sequence

import pytest

from functions.contract import switch_alarm_regions
from functions.switch_publisher.publisher import PublishError
from iot_dr.drill.rig.world.world import World as Records
from tests.functions.switch_publisher.test_publisher import World
from tests.support.drill_worlds import world
from tests.support.settings import REGIONS, settings

WEST, CENTRAL, NORTH = REGIONS[:3]
MINUTE, DAY = 1, 24 * 60
REMEMBERED = 10
"""Minutes."""


class Weeks:
    """Minutes of an environment of three regions in which every endpoint is healthy."""

    def __init__(self, stopped: Sequence[str] = ()) -> None:
        self.records: Records = world(settings(regions=REGIONS[:3]))
        self.evaluation, self.accounts = self.records.evaluation, World()
        self.stopped, self.lost = {*stopped}, set[str]()
        self.minute, self.number = 0, 0
        self.data: dict[tuple[str, str], tuple[int, float]] = {}
        self.ignored = set[str]()

    def switch(self, value: str, *, without: str = "") -> None:
        """Put the switch of the first region in every region that answers, as `iot-dr switch`."""
        self.number += 1
        for alarm_region in switch_alarm_regions(REGIONS[:3], WEST):
            if alarm_region not in self.lost:
                self.accounts.register(alarm_region, WEST, value, 0, self.number, without=without)
                self.data[alarm_region, WEST] = self.minute, float(value == "away")
        self.ignored = {without} - {""}

    def lose(self, *regions: str) -> None:
        """Let the APIs of these regions alone fail from now on."""
        self.lost = {*regions}
        for region, account in self.accounts.regions.items():
            account.fails = ("ssm", "cloudwatch") if region in regions else ()

    def answers(self, minutes: int) -> list[str]:
        """Let minutes pass; return the regions that answered, each change once."""
        answers = list[str]()
        for _ in range(minutes):
            self._pass()
            if (answer := self._answer()) != (answers[-1] if answers else ""):
                answers.append(answer)
        return answers

    def _pass(self) -> None:
        self.minute += 1
        self.accounts.time.pass_(60)
        for region in {*REGIONS[:3]} - self.stopped:
            try:
                values = self.accounts.publish(region)
            except PublishError:
                assert region in self.lost
                continue
            for switched, value in values.items():
                self.data[region, switched] = self.minute, value

    def _answer(self) -> str:
        states = {
            check.id: not self._is_away(alarm.region, alarm.dimensions["Region"])
            for check in self.records.checks.values()
            if check.alarm and (alarm := self.records.alarms[check.alarm])
        }
        target = self.evaluation.answer(self.records.device_name, states).leads_to
        return next(each.region for each in self.records.sites if each.regional_name == target)

    def _is_away(self, alarm_region: str, switched: str) -> bool:
        at, value = self.data.get((alarm_region, switched), (0, 0.0))
        is_remembered = self.minute - at < REMEMBERED and alarm_region not in self.ignored
        return bool(value) and is_remembered


@pytest.mark.parametrize("days", [2, pytest.param(15, marks=pytest.mark.exhaustive)])
def test_a_switch_that_is_published_stays_away_for_weeks(days: int) -> None:
    weeks = Weeks()
    assert weeks.answers(DAY // 24) == [WEST]
    weeks.switch("away")
    assert weeks.answers(days * DAY) == [CENTRAL]
    weeks.switch("back")
    assert weeks.answers(DAY // 24) == [WEST]


def test_without_publishers_it_would_be_forgotten() -> None:
    weeks = Weeks(stopped=REGIONS[:3])
    weeks.switch("away")
    assert weeks.answers(DAY // 24) == [CENTRAL, WEST]


def test_one_publisher_may_stop_for_days_and_both_for_less_than_route_53_remembers() -> None:
    weeks = Weeks(stopped=[CENTRAL])
    weeks.switch("away")
    assert weeks.answers(3 * DAY) == [CENTRAL]
    weeks.stopped = {CENTRAL, NORTH}
    assert weeks.answers(REMEMBERED - 1) == [CENTRAL]
    weeks.stopped = set()
    assert weeks.answers(DAY) == [CENTRAL]


def test_publishers_that_stop_for_longer_lead_devices_back_and_away_once_more() -> None:
    weeks = Weeks()
    weeks.switch("away")
    assert weeks.answers(DAY) == [CENTRAL]
    weeks.stopped = {CENTRAL, NORTH}
    assert weeks.answers(DAY // 24) == [CENTRAL, WEST]
    weeks.stopped = set()
    assert weeks.answers(DAY // 24) == [CENTRAL]


@pytest.mark.parametrize(("without", "answer"), [(NORTH, WEST), ("", CENTRAL)])
def test_a_region_that_returns_with_an_old_register_takes_over_a_completed_back_alone(
    without: str, answer: str
) -> None:
    weeks = Weeks()
    weeks.switch("away")
    assert weeks.answers(DAY) == [CENTRAL]
    weeks.lose(NORTH)
    assert weeks.answers(DAY) == [CENTRAL]
    weeks.switch("back", without=without)
    assert weeks.answers(2 * DAY) == [WEST]
    weeks.lose()
    weeks.ignored = set()
    assert weeks.answers(DAY) == [answer]
