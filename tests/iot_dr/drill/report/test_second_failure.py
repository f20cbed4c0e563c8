"""Whether a second failure moves the answer once more, and only an operator brings it back."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from iot_dr.drill.outages.expectation import AnswerReturn, Effect
from iot_dr.drill.recording import Connection, Recording, SwitchPut
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.report import DrillReport
from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.failover_cause import FailoverCause
from iot_dr.route53.check import HealthCheck
from tests.support.drill_cloud import switch_alarms
from tests.support.drill_recordings import ONE, SWITCH, TWO, calm, kill, rehearsed, world
from tests.support.settings import settings

THREE = "eu-north-1"
SECOND, RESTORED, CLEARED = 300.0, 700.0, 900.0
SWITCH_TWO = "iot-dev-entry-point/aws_route53_health_check.switch-2"


def design() -> World:
    usual, alarms = world(), switch_alarms()
    two = HealthCheck(id=SWITCH_TWO, type="CLOUDWATCH_METRIC", alarm="switch-2")
    return replace(
        usual,
        checks={**usual.checks, SWITCH_TWO: two},
        alarms={"switch-1": alarms[f"switch-{ONE}"], "switch-2": alarms[f"switch-{TWO}"]},
    )


def second_failure() -> Recording:
    """Return two failures, latched one after the other, and an operator's switch back of both."""
    made = kill(restored=RESTORED, ended=1_100.0)
    made.later_failures = [(SECOND, TWO)]
    made.health += [(150.0, SWITCH, False), (450.0, SWITCH_TWO, False)]
    made.answers += [(392.0, THREE), (960.0, ONE)]
    made.switch_puts = [
        SwitchPut(at=CLEARED, by="operator", region=region, action="back") for region in (ONE, TWO)
    ]
    return made


def answers(recording: Recording, *rest: tuple[float, str]) -> Recording:
    recording.answers = [*recording.answers[:2], *rest]
    return recording


def unlatched(recording: Recording, check: str) -> Recording:
    recording.health = [each for each in recording.health if each[1] != check]
    return recording


CASES: list[tuple[str, Callable[[], Recording], str]] = [
    ("as it should be", second_failure, ""),
    (
        "the second gets the devices back by itself",
        lambda: answers(second_failure(), (392.0, THREE), (760.0, TWO), (960.0, ONE)),
        "The answer returned to eu-central-1 after 760 s",
    ),
    (
        "the primary gets the devices back by itself",
        lambda: answers(second_failure(), (392.0, THREE), (760.0, ONE)),
        "The answer returned to eu-west-1 after 760 s",
    ),
    (
        "the second is not latched",
        lambda: unlatched(second_failure(), SWITCH_TWO),
        "The switch of eu-central-1 was not set during the outage",
    ),
    (
        "the switch back is not followed",
        lambda: answers(second_failure(), (392.0, THREE)),
        "The answer was still eu-north-1 when the rehearsal ended",
    ),
]


def third_region(first: float = 100, last: float = 150, missing: int = 0) -> Recording:
    """Return a second failure after which devices are back between two times, but for some."""
    made = second_failure()
    linked = {link.device: link for link in made.connections if link.begin > 0}
    for place, link in enumerate(made.connections):
        if linked.get(link.device) is link:
            made.connections[place] = replace(link, end=SECOND + 0.1)
    made.connections += [
        Connection(
            device=device,
            region=THREE,
            begin=SECOND + first + (last - first) * device / len(linked),
            end=None,
        )
        for device in [*linked][missing:]
    ]
    return made


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (third_region(), ""),
        (third_region(380, 385), "After eu-central-1 failed too: 99 % of the devices were back"),
        (third_region(missing=1), "After eu-central-1 failed too: 1 of the 500 devices that lost"),
        (third_region(410, 415), "back only once the outage had been undone"),
    ],
)
def test_devices_are_back_in_time_after_each_failure(made: Recording, why: str) -> None:
    result = rehearsed(made, of=design(), answer_return=AnswerReturn.OPERATOR)
    report = OutageReport.of(result, settings())
    assert (report.judgement.verdict is DrillVerdict.MISSED) == bool(why), report.judgement
    assert why in " ".join(report.judgement.reasons)


def test_a_device_that_was_back_just_before_the_next_failure_was_back_from_the_first() -> None:
    made = third_region()
    place = next(place for place, link in enumerate(made.connections) if link.begin > 0)
    made.connections[place] = replace(made.connections[place], begin=SECOND - 3)
    report = OutageReport.of(rehearsed(made, of=design()), settings())
    assert report.figures.recovery.last == SECOND - 3


def test_the_recovery_of_each_failure_is_reported() -> None:
    result = rehearsed(third_region(), of=design(), answer_return=AnswerReturn.OPERATOR)
    report = DrillReport.of([result], settings())
    (line,) = [each for each in report.text().splitlines() if "then eu-central-1" in each]
    cells = ["then eu-central-1", "92 s", "125 s", "-", "149 s", "-", "150 s", "360 s"]
    assert re.split(r"\s{2,}", line.strip()) == cells
    assert "failed too after 300 s: 99 % of its 500 devices" in " ".join(report.text().split())
    (later,) = report.document()["outages"][0]["figures"]["later_failures"]
    assert (later["at"], later["region"], later["lost"]) == (SECOND, TWO, 500)
    assert later["recovery"]["p50"] == pytest.approx(125, abs=1)


def lost_alarm_region(*returned: tuple[float, str]) -> Recording:
    """Return a switch back that one of two alarm regions does not accept, and one without it."""
    made = calm(region=ONE, restored=300.0, ended=700.0, outage="lost-keeper")
    made.health = [(26.0, SWITCH, False)]
    made.later_failures = [(100.0, THREE)]
    made.switch_puts = [
        SwitchPut(at=1.0, by="operator", region=ONE, action="away"),
        *(SwitchPut(at=at, by="operator", region=ONE, action="back") for at in (301.0, 500.0)),
    ]
    made.answers = [(-60.0, ONE), (33.0, TWO), *returned]
    return made


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        ([(501.0, ONE)], ""),
        ([(370.0, ONE)], "although the alarm in the lost region was set"),
        ([(200.0, ONE)], "although the outage lasted until"),
        ([], "still eu-central-1 when the rehearsal ended"),
    ],
)
def test_the_answer_returns_once_the_lost_alarm_region_is_not_evaluated(
    returned: list[tuple[float, str]], why: str
) -> None:
    expected = {"cause": FailoverCause.SWITCH, "answer_return": AnswerReturn.WITHOUT}
    result = rehearsed(lost_alarm_region(*returned), Effect.UNHURT, **expected)
    judgement = OutageReport.of(result, settings()).judgement
    assert (judgement.verdict is DrillVerdict.MISSED) == bool(why), judgement
    assert why in " ".join(judgement.reasons)


@pytest.mark.parametrize(
    ("made", "why"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_devices_reach_the_third_region_and_stay_until_an_operator_switches_back(
    made: Callable[[], Recording], why: str
) -> None:
    result = rehearsed(made(), of=design(), answer_return=AnswerReturn.OPERATOR)
    judgement = OutageReport.of(result, settings()).judgement
    assert (judgement.verdict is DrillVerdict.MISSED) == bool(why), judgement
    assert why in " ".join(judgement.reasons)
