"""Whether the answer moved for the expected cause, in time, and returned as expected."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iot_dr.drill.outages.expectation import AnswerReturn, Effect
from iot_dr.drill.recording import Recording, SwitchPut
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.verdict import DrillJudgement, DrillVerdict
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.generate.expectation import recovery_inputs
from tests.support.drill_recordings import (
    BOTH,
    DEEP,
    ONE,
    SWITCH,
    TCP,
    TWO,
    by_watcher,
    calm,
    kill,
    rehearsed,
    returning,
    undone_at,
    unmoved,
    world,
)
from tests.support.settings import settings

SWITCHED = {"cause": FailoverCause.SWITCH, "answer_return": AnswerReturn.SWITCH}
WATCHER_BOUND = cause_time(recovery_inputs(settings()), FailoverCause.WATCHER).bound


def report(
    recording: Recording, effect: Effect = Effect.MOVES, of: World | None = None, **expected: Any
) -> OutageReport:
    return OutageReport.of(rehearsed(recording, effect, of, **expected), settings())


def judged(recording: Recording, effect: Effect = Effect.MOVES, **expected: Any) -> DrillJudgement:
    return report(recording, effect, **expected).judgement


def put(at: float, action: Any = "away", by: Any = "operator") -> SwitchPut:
    return SwitchPut(at=at, by=by, region=ONE, action=action)


def switched(cleared: float = 690.0, returned: float | None = 740.0) -> Recording:
    """Return an operator's switch away for ten minutes, and back."""
    made = calm(region=ONE, restored=cleared, ended=900.0, outage="switch")
    made.switch_puts = [put(1.0), put(cleared + 1, "back")]
    made.health = [(26.0, SWITCH, False), (cleared + 30, SWITCH, True)]
    made.answers = [(-60.0, ONE), (33.0, TWO)]
    return returning(made, returned) if returned is not None else made


def failed_over(at: float, recording: Recording) -> Recording:
    """Let the answer change at another time."""
    recording.answers[1] = (at, TWO)
    return recording


def seen(at: float, *checks: str) -> Recording:
    """Return a fleet that is moved by other checks."""
    made = kill()
    made.health = [(at, check, False) for check in checks]
    return made


def test_the_cause_is_the_check_without_which_the_answer_would_not_have_changed() -> None:
    made = kill()
    made.health = [(70.0, TCP, False), (75.0, TCP, True), *made.health, (90.0, SWITCH, False)]
    cause = report(made).cause
    assert cause
    assert (cause.check.id, cause.at, cause.kind) == (DEEP, 84.3, FailoverCause.DEEP)


def test_a_check_that_recovers_while_the_answer_changes_is_still_the_cause() -> None:
    made = kill()
    made.health += [(88.0, DEEP, True), (88.0, BOTH, True)]
    cause = report(made).cause
    assert cause
    assert cause.check.id == DEEP
    assert report(failed_over(110.0, made)).cause is None


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (by_watcher, FailoverCause.WATCHER),
        (lambda: by_operator(by_watcher()), FailoverCause.SWITCH),
        (lambda: by_nobody(by_watcher()), None),
    ],
    ids=["watcher", "operator", "nobody"],
)
def test_the_cause_of_a_switch_is_who_set_it(
    made: Callable[[], Recording], kind: FailoverCause | None
) -> None:
    cause = report(made()).cause
    assert cause
    assert (cause.check.id, cause.kind) == (SWITCH, kind)


@pytest.mark.parametrize(
    ("cause", "verdict"), [("", DrillVerdict.PASSED), ("ClientError", DrillVerdict.WARN)]
)
def test_a_watchers_switch_whose_register_was_not_written_is_a_warning(
    cause: str, verdict: DrillVerdict
) -> None:
    made = kill()
    made.switch_puts = [replace(put(150.0, by="watcher"), unregistered=cause)]
    judgement = judged(made)
    assert judgement.verdict is verdict
    assert any("register (ClientError)" in reason for reason in judgement.reasons) is bool(cause)


def by_operator(recording: Recording) -> Recording:
    recording.switch_puts = [replace(each, by="operator") for each in recording.switch_puts]
    return recording


def by_nobody(recording: Recording) -> Recording:
    recording.switch_puts = []
    return recording


MOVED: list[tuple[str, Callable[[], Recording], dict[str, Any], str]] = [
    ("the expected cause", kill, {}, ""),
    ("the watcher instead of a check", by_watcher, {}, "because of the watcher's switch"),
    ("an alarm that nobody set", lambda: by_nobody(by_watcher()), {}, "nobody had set"),
    ("no cause", lambda: seen(84.3), {}, "no change of a check or switch"),
    ("a check after the answer", lambda: seen(100, DEEP), {}, "no change of a check or switch"),
    ("too late for a check", lambda: failed_over(127, kill()), {}, "at most 123 s is predicted"),
    ("just in time for a check", lambda: failed_over(124.9, kill()), {}, ""),
    ("as late as name servers may be", lambda: failed_over(127, kill()), {"delay": 150}, ""),
    ("whatever may move it", by_watcher, {"cause": None}, ""),
]


@pytest.mark.parametrize(
    ("made", "expected", "why"), [case[1:] for case in MOVED], ids=[case[0] for case in MOVED]
)
def test_an_answer_that_moves_for_another_cause_or_too_late_is_a_miss(
    made: Callable[[], Recording], expected: dict[str, Any], why: str
) -> None:
    judgement = judged(made(), **expected)
    assert (judgement.verdict is DrillVerdict.MISSED) == bool(why), judgement
    assert why in " ".join(judgement.reasons)


def test_a_check_of_another_region_than_the_failed_one_is_another_cause() -> None:
    checks = world().checks
    other = world(checks={**checks, DEEP: replace(checks[DEEP], region=TWO)})
    judgement = report(kill(), of=other).judgement
    assert judgement.verdict is DrillVerdict.MISSED
    assert "expected a check of eu-west-1" in " ".join(judgement.reasons)


def shifted(recording: Recording, seconds: float) -> Recording:
    """Let all devices be back later."""
    recording.connections = [
        replace(link, begin=link.begin + seconds) if link.begin > 0 else link
        for link in recording.connections
    ]
    return recording


def unhurt(detected: float, failover: float) -> Recording:
    """Return a primary whose check fails while all devices keep their links."""
    made = calm(region=ONE)
    made.health = [(detected, DEEP, False)]
    made.answers = [(-60.0, ONE), (failover, TWO)]
    return made


DEVIATING: list[tuple[str, Callable[[], Recording], str]] = [
    ("as predicted", kill, ""),
    ("detected too early", lambda: unhurt(55, 62), "detection"),
    ("detected in time", lambda: unhurt(68, 75), ""),
    ("aggregated too late", lambda: unhurt(84, 98), "aggregation"),
    ("aggregated in time", lambda: unhurt(84, 96), ""),
    ("cached for longer", lambda: shifted(kill(), 8), "resolver"),
    ("back within the tolerance", lambda: shifted(kill(), 2), ""),
]


@pytest.mark.parametrize(
    ("made", "term"), [case[1:] for case in DEVIATING], ids=[case[0] for case in DEVIATING]
)
def test_a_deviation_from_the_prediction_is_a_warning_that_names_the_term(
    made: Callable[[], Recording], term: str
) -> None:
    recording = made()
    kept = all(each.end is None for each in recording.connections)
    judgement = judged(recording, Effect.UNHURT if kept else Effect.MOVES)
    assert judgement.verdict is (DrillVerdict.WARN if term else DrillVerdict.PASSED), judgement
    assert [reason.startswith(term) for reason in judgement.reasons[1:]] == [True] * bool(term)


def test_devices_that_back_off_for_longer_than_predicted_are_named() -> None:
    made = kill()
    made.connections = [
        replace(link, begin=link.begin + max(0.0, link.begin - 121) * 0.5)
        for link in made.connections
    ]
    judgement = judged(made)
    assert judgement.verdict is DrillVerdict.WARN
    assert "back-off" in judgement.reasons[1]


LATCHED = {"answer_return": AnswerReturn.LATCHED}
ITSELF = {"answer_return": AnswerReturn.ITSELF}


def latched(recording: Recording, at: float = 150.0) -> Recording:
    """Let the watcher set the switch."""
    recording.switch_puts = [put(at - 5, by="watcher")]
    recording.health.append((at, SWITCH, False))
    return recording


RETURNS: list[tuple[str, Callable[[], Recording], dict[str, Any], str]] = [
    ("auto, and it returns", lambda: returning(kill()), ITSELF, ""),
    ("auto, and it stays", kill, ITSELF, "still eu-central-1 when the rehearsal ended"),
    ("auto, and it returns early", lambda: returning(kill(), 200), ITSELF, "lasted until 240 s"),
    ("latched, and it stays", lambda: latched(kill()), LATCHED, ""),
    ("latched, and it returns", lambda: returning(latched(kill())), LATCHED, "nobody cleared"),
    ("latched too late to hold it", lambda: returning(latched(kill(), 285)), LATCHED, ""),
    ("not latched in a short outage", lambda: returning(kill()), LATCHED, ""),
    (
        "not latched in a long outage",
        lambda: kill(restored=WATCHER_BOUND + 3, ended=WATCHER_BOUND + 90),
        LATCHED,
        "The switch of eu-west-1 was not set",
    ),
]


@pytest.mark.parametrize(
    ("made", "expected", "why"), [case[1:] for case in RETURNS], ids=[case[0] for case in RETURNS]
)
def test_the_answer_returns_as_fail_back_is_configured(
    made: Callable[[], Recording], expected: dict[str, Any], why: str
) -> None:
    judgement = judged(made(), **expected)
    assert judgement.verdict is (DrillVerdict.MISSED if why else DrillVerdict.PASSED), judgement
    assert why in " ".join(judgement.reasons)


SWITCHES: list[tuple[str, Callable[[], Recording], str]] = [
    ("away and back", switched, ""),
    ("never back", lambda: switched(returned=None), "although the operator had cleared"),
    ("back too late", lambda: switched(returned=780), "89 s after the switch had been cleared"),
    ("back without data", lambda: switched(returned=400), "lasted until 690 s"),
    ("cleared too soon", lambda: switched(500, 540), "without new data for 500 s"),
    ("data of the watcher", lambda: watched(switched()), "without new data for 391 s"),
]


def watched(recording: Recording) -> Recording:
    recording.switch_puts.insert(1, put(300, by="watcher"))
    return recording


@pytest.mark.parametrize(
    ("made", "why"), [case[1:] for case in SWITCHES], ids=[case[0] for case in SWITCHES]
)
def test_a_switch_moves_away_and_back_and_holds_without_data(
    made: Callable[[], Recording], why: str
) -> None:
    judgement = judged(made(), Effect.UNHURT, **SWITCHED)
    assert judgement.verdict is (DrillVerdict.MISSED if why else DrillVerdict.PASSED), judgement
    assert why in " ".join(judgement.reasons)


def test_before_an_outage_every_standby_must_serve_devices() -> None:
    judgement = judged(kill(unserved={TWO: "not authorized"}))
    assert judgement.verdict is DrillVerdict.MISSED
    (reason,) = judgement.reasons
    assert reason == (
        "Before the outage eu-central-1 did not serve a device that connects to it under the"
        " device name: not authorized."
    )


def test_without_a_primary_that_serves_all_devices_nothing_else_is_judged() -> None:
    made = unmoved(undone_at(250))
    made.unserved = {ONE: "18 of 20 devices are connected after 30 s"}
    judgement = judged(made)
    assert judgement.verdict is DrillVerdict.MISSED
    (reason,) = judgement.reasons
    assert reason == (
        "Before the outage eu-west-1, the primary, did not serve all devices: 18 of 20 devices are"
        " connected after 30 s."
    )


def test_devices_of_another_region_are_not_served_by_the_primary_of_the_settings() -> None:
    other = OutageReport.of(rehearsed(kill()), settings(primary_region=TWO)).judgement
    assert other.verdict is DrillVerdict.MISSED
    assert other.reasons[0] == (
        "Before the outage eu-central-1, the primary, served 0 of 500 devices; 500 had a link to"
        " another region."
    )
