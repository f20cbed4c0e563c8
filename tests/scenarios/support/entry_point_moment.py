"""The entry point at one moment of an apply, and what it answers."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from environments.settings import Settings
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.terraform_records import record_in
from tests.support.apply_moments import ALARM, CHECK, RECORD, Values, of_kind

Alarm = tuple[str, str]
"""The name and the region of an alarm."""


@dataclass(frozen=True)
class Moment:
    """The entry point at one moment of an apply."""

    settings: Settings
    standing: Values

    def answer(self, dead: Collection[str], away: Collection[Alarm]) -> str:
        """Return the region that devices are led to while alarms of switches are in ALARM."""
        checks = of_kind(self.standing, CHECK)
        evaluation = Evaluation(
            [record_in(each) for each in of_kind(self.standing, RECORD)],
            [
                HealthCheck(
                    id=check["id"],
                    type=check["type"],
                    children=tuple(check["child_healthchecks"] or ()),
                    child_threshold=check["child_health_threshold"],
                )
                for check in checks
            ],
        )
        states = {id_: region not in dead for id_, region in self._places()}
        for check in checks:
            alarm = (check["cloudwatch_alarm_name"], check["cloudwatch_alarm_region"])
            states |= {check["id"]: False} if alarm in away else {}
        answer = evaluation.answer(self.settings.device_name, states).leads_to
        return {self.settings.regional_name(each): each for each in self.settings.regions}[answer]

    def _places(self) -> Iterator[tuple[str, str]]:
        """Yield the checks of endpoints with their regions; deep checks are in other states."""
        own = {each["id"] for each in of_kind(self.standing, CHECK)}
        for region in self.settings.regions:
            slot = region.replace("-", "_")
            yield self.standing[f"{CHECK}.tcp_{slot}"]["id"], region
            children = self.standing[f"{CHECK}.calculated_deep_{slot}"]["child_healthchecks"]
            yield from ((deep, region) for deep in children if deep not in own)

    def alarms(self, region: str) -> dict[str, Alarm]:
        """Return the existing alarms of a region's switch by alarm region."""
        return {
            alarm["region"]: (alarm["alarm_name"], alarm["region"])
            for alarm in of_kind(self.standing, ALARM)
            if alarm["metric_name"] == "SwitchedAway" and alarm["dimensions"]["Region"] == region
        }

    def unknown_children(self) -> set[str]:
        """Return checks of switches that a calculated check uses and that do not exist."""
        own = {each["id"] for each in of_kind(self.standing, CHECK)}
        deep = {id_ for id_, _ in self._places()}
        checks = of_kind(self.standing, CHECK)
        used = {id_ for each in checks for id_ in each["child_healthchecks"] or ()}
        return used - own - deep


def judged(what: str, moment: Moment) -> None:
    """Assert what is answered while regions fail, and while one is switched away."""
    order = moment.settings.failover_order
    assert moment.unknown_children() == set(), what
    for count in range(len(order)):
        for dead in combinations(order, count):
            expected = next(region for region in order if region not in dead)
            assert moment.answer(dead, ()) == expected, (what, dead)
    for region in order[:-1]:
        alarms = moment.alarms(region)
        first = alarms[moment.settings.alarm_regions(region)[0]]
        assert switched(moment, region, ()) == region, what
        # The operator's command reaches the first alarm region, or all that exist.
        for away in ({first}, {*alarms.values()}):
            assert switched(moment, region, away) == order[order.index(region) + 1], what


def switched(moment: Moment, region: str, away: Collection[Alarm]) -> str:
    """Return the answer while the regions before one are dead and these alarms are in ALARM."""
    order = moment.settings.failover_order
    return moment.answer(order[: order.index(region)], away)
