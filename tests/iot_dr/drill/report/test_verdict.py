"""Whether an outage did to the devices what the design says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Connection, MachineLoad, Recording, TimelineEvent
from iot_dr.drill.report.figures import figures
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.verdict import DrillJudgement, DrillVerdict
from tests.support.drill_recordings import (
    DEEP,
    ONE,
    TWO,
    calm,
    elsewhere,
    kill,
    moved,
    never_back,
    partial,
    rehearsed,
    undone_at,
    unmoved,
)
from tests.support.settings import settings

RTO = 360


def judged(
    recording: Recording, effect: Effect = Effect.MOVES, rto: int = RTO, **expected: Any
) -> DrillJudgement:
    result = rehearsed(recording, effect, **expected)
    return OutageReport.of(result, settings(recovery={"rto": rto})).judgement


def lose_messages(recording: Recording) -> Recording:
    recording.messages = replace(recording.messages, lost=3)
    return recording


def late(recording: Recording, seconds: float) -> Recording:
    """Let the drill be late for 1 % of what it had to do."""
    assert recording.machine
    recording.machine = replace(recording.machine, lag=seconds)
    return recording


def unhurt(restored: float = 240) -> Recording:
    """Keep every link while something is wrong in the primary."""
    return calm(region=ONE, restored=restored)


def hurt(recording: Recording) -> Recording:
    """Close one link of a fleet that keeps all others."""
    recording.connections[0] = replace(recording.connections[0], end=50)
    recording.connections.append(Connection(device=0, region=ONE, begin=60, end=None))
    return recording


CASES: list[tuple[str, Callable[[], Recording], Effect, DrillVerdict, str]] = [
    ("all are back in time", kill, Effect.MOVES, DrillVerdict.PASSED, "All 500 devices"),
    ("never back", never_back, Effect.MOVES, DrillVerdict.MISSED, "500 of the 500 devices"),
    (
        "no answer moved",
        lambda: unmoved(kill()),
        Effect.MOVES,
        DrillVerdict.MISSED,
        "never moved",
    ),
    (
        "back because it was over",
        lambda: undone_at(250),
        Effect.MOVES,
        DrillVerdict.MISSED,
        "only once the outage had been undone after 250 s",
    ),
    (
        "messages are lost",
        lambda: lose_messages(kill()),
        Effect.MOVES,
        DrillVerdict.MISSED,
        "3 of 14,500 messages",
    ),
    ("interrupted", partial, Effect.MOVES, DrillVerdict.PARTIAL, "cut short after 102 s"),
    ("stays", calm, Effect.STAYS, DrillVerdict.PASSED, "The answer did not move"),
    (
        "stays, but moved",
        lambda: moved(calm()),
        Effect.STAYS,
        DrillVerdict.MISSED,
        "moved to eu-central-1 after 92 s",
    ),
    (
        "stays, but hurt",
        lambda: hurt(calm()),
        Effect.STAYS,
        DrillVerdict.MISSED,
        "1 of 500 devices",
    ),
    (
        "unhurt",
        lambda: moved(unhurt()),
        Effect.UNHURT,
        DrillVerdict.PASSED,
        "no device lost its link",
    ),
    (
        "unhurt, but hurt",
        lambda: hurt(moved(unhurt())),
        Effect.UNHURT,
        DrillVerdict.MISSED,
        "expected none",
    ),
    ("unhurt, but unmoved", unhurt, Effect.UNHURT, DrillVerdict.MISSED, "never moved"),
    ("returns", lambda: undone_at(250), Effect.RETURNS, DrillVerdict.PASSED, "All 500 devices"),
    (
        "returns, messages lost with all regions",
        lambda: lose_messages(undone_at(250)),
        Effect.RETURNS,
        DrillVerdict.PASSED,
        "All 500 devices",
    ),
    ("returns, but never", never_back, Effect.RETURNS, DrillVerdict.MISSED, "500 of the 500"),
    (
        "returns, but was never undone",
        lambda: kill(restored=None),
        Effect.RETURNS,
        DrillVerdict.MISSED,
        "never undone",
    ),
    (
        "a blind period",
        lambda: unmoved(undone_at(250)),
        Effect.BLIND,
        DrillVerdict.WARN,
        "known limit of the design: the check",
    ),
    (
        "a blind period that moved the answer all the same",
        lambda: undone_at(250),
        Effect.BLIND,
        DrillVerdict.WARN,
        "The answer moved after 92 s.",
    ),
    (
        "a blind period that does not end with what caused it",
        lambda: unmoved(never_back()),
        Effect.BLIND,
        DrillVerdict.MISSED,
        "500 of the 500 devices",
    ),
    (
        "a blind period that loses messages",
        lambda: lose_messages(unmoved(undone_at(250))),
        Effect.BLIND,
        DrillVerdict.MISSED,
        "3 of 14,500 messages",
    ),
    (
        "moves, and nobody is hurt",
        lambda: moved(unhurt()),
        Effect.MOVES,
        DrillVerdict.INVALID,
        "Only 0 of 500 devices lost their link",
    ),
    (
        "moves once it is over",
        lambda: kill(restored=91),
        Effect.MOVES,
        DrillVerdict.MISSED,
        "moved after 92 s, but the outage was undone after 91 s",
    ),
    (
        "unhurt, moves once it is over",
        lambda: moved(unhurt(restored=91)),
        Effect.UNHURT,
        DrillVerdict.MISSED,
        "but the outage was undone",
    ),
    ("settles", lambda: undone_at(500), Effect.SETTLES, DrillVerdict.PASSED, "had one at the end"),
    (
        "settles, but never",
        never_back,
        Effect.SETTLES,
        DrillVerdict.MISSED,
        "500 of the 500 devices",
    ),
    (
        "a busy machine",
        lambda: late(kill(), 2.1),
        Effect.MOVES,
        DrillVerdict.INVALID,
        "too busy: the 99th percentile of the drill's delay was 2.1 rehearsed seconds",
    ),
    (
        "a machine that is hardly busy",
        lambda: late(kill(), 2),
        Effect.MOVES,
        DrillVerdict.PASSED,
        "All",
    ),
]


@pytest.mark.parametrize(
    ("made", "effect", "verdict", "why"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_an_outage_is_judged_by_the_expectation(
    made: Callable[[], Recording], effect: Effect, verdict: DrillVerdict, why: str
) -> None:
    judgement = judged(made(), effect)
    assert judgement.verdict is verdict
    assert why in " ".join(judgement.reasons)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("made", [kill, unhurt, calm, lambda: undone_at(250)])
def test_an_answer_that_led_elsewhere_before_is_a_miss_whatever_was_expected(
    made: Callable[[], Recording], effect: Effect
) -> None:
    judgement = judged(elsewhere(made()), effect)
    assert judgement.verdict is DrillVerdict.MISSED
    assert judgement.reasons[0].startswith("The answer was eu-central-1 before the outage began")
    assert "never moved" not in " ".join(judgement.reasons)


@pytest.mark.parametrize(
    ("made", "verdict", "why"),
    [
        (lambda: elsewhere(kill(probes={DEEP: (0, 64)})), DrillVerdict.MISSED, "before the outage"),
        (
            lambda: elsewhere(kill(probes={DEEP: (40, 64)})),
            DrillVerdict.INVALID,
            "deep passed 40 of 64 probes before the outage, though nothing had changed",
        ),
        (
            lambda: late(elsewhere(kill(probes={DEEP: (0, 64)})), 0.6),
            DrillVerdict.INVALID,
            "delay was 0.6 rehearsed seconds, so the machine may be the reason",
        ),
        (
            lambda: late(never_back(unserved={ONE: "no answer"}), 0.6),
            DrillVerdict.INVALID,
            "eu-west-1, the primary, did not serve all devices: no answer",
        ),
        (lambda: late(kill(probes={DEEP: (63, 64)}), 0.6), DrillVerdict.PASSED, "All 500 devices"),
    ],
)
def test_a_world_that_a_busy_machine_made_unhealthy_before_the_outage_is_not_valid(
    made: Callable[[], Recording], verdict: DrillVerdict, why: str
) -> None:
    judgement = judged(made())
    assert judgement.verdict is verdict
    assert why in " ".join(judgement.reasons)


def test_the_target_is_missed_when_99_percent_are_back_later() -> None:
    p99 = figures(kill()).recovery.p99 or 0
    in_time = judged(kill(), rto=int(p99) + 1)
    assert in_time.verdict is DrillVerdict.PASSED
    assert in_time.reasons[0].endswith(
        f"the target is {int(p99) + 1} s (recovery.rto): over in the bound."
    )
    assert judged(kill(), rto=300).reasons[0].endswith("300 s (recovery.rto): met.")
    late = judged(kill(), rto=int(p99))
    assert late.verdict is DrillVerdict.MISSED
    assert late.reasons[0].endswith(f"{int(p99)} s (recovery.rto): over in the 99 % case.")


def test_the_target_counts_from_the_end_of_an_outage_of_all_regions() -> None:
    assert judged(undone_at(250), Effect.RETURNS, rto=11).verdict is DrillVerdict.PASSED
    assert judged(undone_at(250), Effect.RETURNS, rto=9).verdict is DrillVerdict.MISSED


def test_an_answer_that_moves_after_the_target_is_too_late() -> None:
    assert judged(moved(unhurt()), Effect.UNHURT, rto=91).verdict is DrillVerdict.MISSED


def test_a_device_that_was_back_and_then_lost_for_good_misses() -> None:
    made = kill()
    made.connections[-1] = replace(made.connections[-1], end=290)
    assert "1 devices came back but had no link" in judged(made).reasons[0]


def test_five_of_500_devices_may_outlast_the_outage_but_not_six() -> None:
    for many, verdict in ((5, DrillVerdict.PASSED), (6, DrillVerdict.MISSED)):
        made = kill()
        back = [each for each in made.connections if each.region == TWO]
        late = {each.device for each in back[:many]}
        made.connections = [
            replace(connection, begin=250.0)
            if connection.begin > 0 and connection.device in late
            else connection
            for connection in made.connections
        ]
        assert judged(made).verdict is verdict


@pytest.mark.parametrize(
    ("machine", "why"),
    [
        (None, "was not measured"),
        (MachineLoad(cores=2, descriptors=9, connect_rate=500, needed=201), "up to 40 %"),
    ],
    ids=["not measured", "too slow"],
)
def test_what_the_machine_cannot_do_is_never_valid(machine: MachineLoad | None, why: str) -> None:
    for made in (kill(machine=machine), never_back(machine=machine)):
        judgement = judged(made)
        assert judgement.verdict is DrillVerdict.INVALID
        assert why in judgement.reasons[0]


def test_a_machine_at_its_limit_is_valid() -> None:
    machine = MachineLoad(cores=2, descriptors=9, connect_rate=500, needed=200)
    assert judged(kill(machine=machine)).verdict is DrillVerdict.PASSED


def test_devices_that_never_had_a_connection_miss_the_target() -> None:
    made = kill()
    made.connections = [each for each in made.connections if each.device > 0]
    judgement = judged(made)
    assert judgement.verdict is DrillVerdict.MISSED
    assert judgement.reasons[0] == (
        "Before the outage eu-west-1, the primary, served 499 of 500 devices; 1 never had a"
        " connection."
    )


def test_an_interruption_says_why_and_whether_the_outage_had_begun() -> None:
    made = partial()
    made.events.append(
        TimelineEvent(at=101.5, kind="note", description="the broker of eu-central-1 ended")
    )
    assert judged(made).reasons == (
        "The rehearsal was cut short after 102 s: the broker of eu-central-1 ended.",
    )
    early = replace(partial(), ended=0.0)
    assert judged(early).reasons == ("The rehearsal was cut short before the outage began.",)
