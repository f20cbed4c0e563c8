"""Why a target was missed: each cause is found where it is, and not where it only nearly is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from iot_dr.drill.outages.expectation import AnswerReturn, Effect
from iot_dr.drill.recording import Connection, Recording
from iot_dr.drill.report.causes import answers, checks, devices, expectation
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause
from iot_dr.drill.report.figures import figures
from iot_dr.drill.report.outage_report import CAUSES, OutageReport, diagnose
from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.region.device_gateway import PERMISSIVE
from iot_dr.drill.rig.world.world import World
from iot_dr.route53.check import HealthCheck
from tests.support.drill_recordings import (
    BOTH,
    DEEP,
    NAME,
    ONE,
    SWITCH,
    TCP,
    TWO,
    by_watcher,
    calm,
    elsewhere,
    kill,
    moved,
    never_back,
    rehearsed,
    returning,
    world,
)
from tests.support.settings import settings

Look = Callable[[Evidence], MissedTargetCause | None]


def evidence(
    recording: Recording,
    of: World | None = None,
    effect: Effect = Effect.MOVES,
    answer_return: AnswerReturn = AnswerReturn.UNSPECIFIED,
    **recovery: Any,
) -> Evidence:
    result = rehearsed(recording, effect, of, answer_return=answer_return)
    return Evidence(result, figures(recording), settings(recovery=recovery))


def stuck(*health: tuple[float, str, bool], **changes: Any) -> Recording:
    """Return a fleet that is never back, since the answer never moves."""
    made = never_back(**changes)
    made.answers, made.health = made.answers[:1], list(health)
    made.refusals = {"connection refused": 20_000}
    return made


def until_undone(ttl: int = 3600, **changes: Any) -> Recording:
    """Return a fleet that is back, in the region that failed, only once that has been undone."""
    made = kill(ttl=ttl, **changes)
    made.connections = [
        connection
        if connection.begin < 0
        else Connection(device=connection.device, region=ONE, begin=250.0, end=None)
        for connection in made.connections
    ]
    return made


def shifted(seconds: float, reason: str = "connection refused") -> Recording:
    """Return a fleet that is back so much later, of which 9 connects failed."""
    made = kill(restored=None, ended=1000)
    made.refusals = {reason: 9}
    made.connections = [
        connection
        if connection.begin < 0
        else replace(connection, begin=connection.begin + seconds)
        for connection in made.connections
    ]
    return made


def refused(reason: str, **changes: Any) -> Recording:
    made = never_back(**changes)
    made.refusals = {"connection refused": 2_310, reason: 18_406}
    return made


def records(**primary: Any) -> World:
    """Return a world whose PRIMARY record is another."""
    one, two = world().records
    return world(records=(replace(one, **primary), two))


def checked(check: str, **changes: Any) -> World:
    """Return a world in which one check is another."""
    usual = world()
    return world(checks={**usual.checks, check: replace(usual.checks[check], **changes)})


def standby(**changes: Any) -> World:
    one, two = world().sites
    return world(sites=(one, replace(two, **changes)))


def flapped(times: int) -> Recording:
    made = never_back()
    made.answers = [(-60.0, ONE), *((92.0 + 20 * n, (TWO, ONE)[n % 2]) for n in range(times))]
    return made


@dataclass(frozen=True)
class Case:
    """A cause, an example that has it with what is said, and one that nearly has it."""

    look: Look
    id: str
    has: Callable[[], Evidence]
    says: tuple[str, ...]
    has_not: Callable[[], Evidence]


FAILING = ((84.0, DEEP, False), (84.0, BOTH, False))
ALONE = HealthCheck(id=TCP, type="TCP", region=TWO, port=8883)

CASES = (
    Case(
        checks.record_without_check,
        "record-without-check",
        lambda: evidence(stuck(), records(check="")),
        (NAME, "health_check_id", "iot-dev-entry-point"),
        lambda: evidence(stuck()),
    ),
    Case(
        checks.check_disabled,
        "check-disabled",
        lambda: evidence(stuck(), checked(DEEP, disabled=True)),
        (f"{DEEP} is disabled",),
        lambda: evidence(stuck(), checked(TCP, disabled=True)),
    ),
    Case(
        checks.primary_unhealthy_before,
        "primary-unhealthy-before",
        lambda: evidence(elsewhere(stuck((-40.0, DEEP, False)))),
        (DEEP, "HTTPS eu-west-1, port 443", f"the answer was {TWO} when the outage began"),
        lambda: evidence(stuck((-40.0, DEEP, False), (-20.0, DEEP, True))),
    ),
    Case(
        checks.standby_unhealthy,
        "standby-unhealthy",
        lambda: evidence(stuck((-40.0, TCP, False), *FAILING)),
        (TCP, "since before the outage", "answers with the PRIMARY"),
        lambda: evidence(stuck(*FAILING)),
    ),
    Case(
        checks.standby_unhealthy,
        "standby-unhealthy",
        lambda: evidence(stuck(*FAILING, (90.0, TCP, False))),
        (TCP, "after 90 s"),
        lambda: evidence(stuck((40.0, TCP, False), (60.0, TCP, True), *FAILING)),
    ),
    Case(
        checks.check_of_another_region,
        "check-of-another-region",
        lambda: evidence(stuck(), records(check=TCP)),
        (TCP, "no check probes eu-west-1"),
        lambda: evidence(stuck(region=TWO), records(check=TCP)),
    ),
    Case(
        checks.outage_too_short,
        "outage-too-short",
        lambda: evidence(stuck(restored=60.0)),
        ("ended after 60 s", "need 90 s", "health.threshold"),
        lambda: evidence(stuck(restored=90.0)),
    ),
    Case(
        checks.check_not_heeded,
        "check-not-heeded",
        lambda: evidence(stuck((84.0, DEEP, False)), checked(BOTH, child_threshold=1)),
        (f"{BOTH} stayed healthy", "1 of its 2", "child_health_threshold"),
        lambda: evidence(stuck(*FAILING)),
    ),
    Case(
        checks.check_blind,
        "check-blind",
        lambda: evidence(stuck(), checked(DEEP, type="TCP")),
        ("500 devices lost their link", "health.mode: deep"),
        lambda: evidence(stuck(*FAILING), checked(DEEP, type="TCP")),
    ),
    Case(
        checks.check_blind,
        "check-blind",
        lambda: evidence(stuck()),
        (DEEP, "Let"),
        lambda: evidence(stuck(restored=60.0)),
    ),
    Case(
        answers.failover_never_came,
        "flip-never-came",
        lambda: evidence(stuck(*FAILING)),
        (BOTH, "the standby was healthy", "ended after 240 s"),
        lambda: evidence(stuck((-40.0, TCP, False), *FAILING)),
    ),
    Case(
        answers.failover_never_came,
        "no-standby-record",
        lambda: evidence(stuck(*FAILING), world(records=world().records[:1])),
        ("has no SECONDARY record",),
        lambda: evidence(stuck()),
    ),
    Case(
        answers.answer_moved,
        "answer-moved",
        lambda: evidence(moved(calm()), effect=Effect.STAYS),
        ("moved after 92 s", DEEP, "after 84 s"),
        lambda: evidence(calm(), effect=Effect.STAYS),
    ),
    Case(
        answers.answer_moved,
        "answer-moved",
        lambda: evidence(_by(BOTH, DEEP), effect=Effect.STAYS),
        (f"Check {DEEP}",),
        lambda: evidence(_by(BOTH, DEEP)),
    ),
    Case(
        answers.answer_flapped,
        "answer-flapped",
        lambda: evidence(flapped(5)),
        ("changed 5 times in 80 s", "recovery.fail_back: latched"),
        lambda: evidence(flapped(1)),
    ),
    Case(
        devices.devices_unknown,
        "devices-unknown",
        lambda: evidence(refused("not authorized"), standby(knows_devices=False)),
        ("eu-central-1 does not have", "18,406 connects", "500 devices", "`data`"),
        lambda: evidence(kill(), standby(knows_devices=False)),
    ),
    Case(
        devices.devices_refused,
        "devices-refused",
        lambda: evidence(refused("not authorized")),
        ("18,406 connects", "iot-dr registry diff"),
        lambda: evidence(refused("not authorized", ttl=250)),
    ),
    Case(
        devices.policy_denies,
        "policy-denies",
        lambda: evidence(
            refused("not authorized"), standby(policies=(PERMISSIVE.replace("*", "Publish", 1),))
        ),
        (
            "policy in eu-central-1 does not allow iot:Connect on arn:aws:iot:eu-central-1:",
            "client/drill-000000, iot:Subscribe on ",
            "500 devices",
            "aws_iot_policy in iot-dev-iot-eu-central-1",
        ),
        lambda: evidence(refused("not authorized")),
    ),
    Case(
        devices.name_not_served,
        "name-not-served",
        lambda: evidence(
            refused("server's Hostname mismatch, certificate is not valid"),
            standby(served_names=frozenset({"other.example.com"})),
        ),
        (
            "eu-central-1 serves other.example.com, not",
            "18,406 connects failed in TLS",
            "aws_iot_domain_configuration in iot-dev-iot-eu-central-1",
        ),
        lambda: evidence(refused("server's Hostname mismatch, certificate is not valid")),
    ),
    Case(
        devices.certificate_refused,
        "certificate-refused",
        lambda: evidence(refused("server's certificate has expired")),
        ("18,406 connects", "aws_acm_certificate in iot-dev-iot-eu-central-1"),
        lambda: evidence(refused("connection reset by peer")),
    ),
    Case(
        answers.standby_refused_by_rate,
        "standby-refused-by-rate",
        lambda: evidence(shifted(300, "quota exceeded"), rto=360),
        ("9 connects", "L-AEA1E176", "now 500"),
        lambda: evidence(shifted(0), rto=360),
    ),
    Case(
        answers.failover_too_late,
        "flip-too-late",
        lambda: evidence(kill(), rto=121),
        ("after 92 s", "3 checks 30 s apart", "health.interval"),
        lambda: evidence(kill(), rto=123),
    ),
    Case(
        answers.ttl_too_long,
        "ttl-too-long",
        lambda: evidence(until_undone(), rto=360),
        ("3,600 s", "endpoint.ttl` to at most 237", "no device was back"),
        lambda: evidence(until_undone(ttl=237), rto=360),
    ),
    Case(
        answers.ttl_too_long,
        "ttl-too-long",
        lambda: evidence(kill(), rto=150),
        ("at most 27", "first device was back 30 s later"),
        lambda: evidence(kill(), rto=182),
    ),
    Case(
        answers.backoff_too_long,
        "backoff-too-long",
        lambda: evidence(kill(), rto=160),
        ("up to 30 s between attempts", "at most 7 s", "recovery.backoff_ceiling"),
        lambda: evidence(kill(), rto=183),
    ),
    Case(
        devices.devices_late,
        "devices-late",
        lambda: evidence(shifted(400), rto=360),
        ("500 devices were not back 182 s", "endpoint.ttl"),
        lambda: evidence(shifted(100), rto=360),
    ),
    Case(
        devices.standby_not_serving,
        "standby-not-serving",
        lambda: evidence(kill(unserved={TWO: "not authorized"})),
        ("eu-central-1 refused a device", "not authorized"),
        lambda: evidence(kill()),
    ),
    Case(
        expectation.other_cause,
        "other-cause",
        lambda: evidence(by_watcher()),
        ("the watcher's switch", "expected a check of eu-west-1"),
        lambda: evidence(kill()),
    ),
    Case(
        expectation.wrong_return,
        "wrong-return",
        lambda: evidence(kill(), answer_return=AnswerReturn.ITSELF),
        ("was still eu-central-1", "recovery.fail_back"),
        lambda: evidence(returning(kill()), answer_return=AnswerReturn.ITSELF),
    ),
    Case(
        devices.messages_lost,
        "messages-lost",
        lambda: evidence(_losing(3)),
        ("3 of 14,500", "3,500 more were dropped"),
        lambda: evidence(_losing(0)),
    ),
)


def _by(*names: str) -> Recording:
    made = moved(calm())
    made.health = [(84.0 + at / 100, name, False) for at, name in enumerate(names)]
    return made


def _losing(lost: int) -> Recording:
    made = kill()
    made.messages = replace(made.messages, lost=lost)
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_cause_is_found_where_it_is(case: Case) -> None:
    result = case.look(case.has())
    assert result
    assert result.id == case.id
    for said in case.says:
        assert said in f"{result.problem} {result.change}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_cause_is_not_found_where_it_only_nearly_is(case: Case) -> None:
    assert case.look(case.has_not()) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_cause_is_among_those_that_are_reported(case: Case) -> None:
    assert case.id in [each.id for each in diagnose(case.has())]


def test_each_cause_has_a_case() -> None:
    assert [look for look in CAUSES if look not in [case.look for case in CASES]] == []


@pytest.mark.parametrize("look", CAUSES, ids=lambda look: look.__name__)
def test_a_drill_in_which_all_went_well_has_no_cause(look: Look) -> None:
    assert look(evidence(kill())) is None
    assert look(evidence(calm(), effect=Effect.STAYS)) is None


def test_where_no_cause_fits_that_is_said() -> None:
    assert [each.id for each in diagnose(evidence(kill()))] == ["unknown"]


def test_each_of_the_wrong_designs_has_its_own_diagnosis_first() -> None:
    wrong = (
        ("primary-unhealthy-before", elsewhere(stuck((-40.0, DEEP, False))), world()),
        ("standby-unhealthy", stuck((-40.0, TCP, False), *FAILING), world()),
        ("record-without-check", stuck(), records(check="")),
        ("ttl-too-long", until_undone(), world()),
        ("devices-unknown", refused("not authorized"), standby(knows_devices=False)),
    )
    for id_, recording, of in wrong:
        assert diagnose(evidence(recording, of, rto=360))[0].id == id_


def test_a_standby_that_refuses_devices_by_its_design_is_missed_on_a_busy_machine_too() -> None:
    made = replace(refused("not authorized"), unserved={TWO: "timed out"})
    made.probes = {DEEP: (63, 64)}
    for of, verdict in (
        (world(), DrillVerdict.INVALID),
        (standby(knows_devices=False), DrillVerdict.MISSED),
    ):
        result = evidence(made, of, rto=360).result
        assert OutageReport.of(result, evidence(made, of, rto=360).settings).verdict is verdict


def test_a_standby_that_refuses_devices_has_one_diagnosis() -> None:
    before = {TWO: "connects were refused as not authorized"}
    made = replace(refused("not authorized"), unserved=before)
    (only,) = diagnose(evidence(made, standby(knows_devices=False), rto=360))
    assert only.id == "devices-unknown"
    elsewhere_too = evidence(
        replace(made, unserved={"eu-north-1": "no"}), standby(knows_devices=False)
    )
    assert "standby-not-serving" in [each.id for each in diagnose(elsewhere_too)]


def test_without_a_primary_that_serves_nothing_else_is_known() -> None:
    made = stuck(unserved={ONE: "18 of 20 devices are connected"}, restored=None)
    (only,) = diagnose(evidence(made))
    assert only.id == "primary-not-serving"
    assert "18 of 20 devices" in only.problem


def test_an_answer_that_moves_when_the_outage_is_over_did_not_move_because_of_it() -> None:
    result = diagnose(evidence(kill(restored=60.0)))
    assert result[0].id == "outage-too-short"


@pytest.mark.parametrize("effect", Effect)
def test_an_answer_that_led_elsewhere_before_is_the_only_cause_of_what_did_not_move(
    effect: Effect,
) -> None:
    made = elsewhere(stuck((-40.0, DEEP, False)))
    assert diagnose(evidence(made, effect=effect))[0].id == "primary-unhealthy-before"
    results = [each.id for each in diagnose(evidence(made))]
    assert results == ["primary-unhealthy-before"]


def test_an_answer_that_led_elsewhere_though_no_check_is_unhealthy_any_more_is_reported() -> None:
    made = elsewhere(stuck((-40.0, DEEP, False), (-5.0, DEEP, True)))
    result = checks.primary_unhealthy_before(evidence(made))
    assert result
    assert result.problem.startswith("No check of the primary was unhealthy")
    assert NAME in result.change


def test_a_switch_that_was_set_before_counts_as_a_check() -> None:
    result = checks.primary_unhealthy_before(evidence(elsewhere(stuck((-40.0, SWITCH, False)))))
    assert result
    assert "the alarm switch-1" in result.change


def test_an_inverted_check_that_is_disabled_is_always_unhealthy() -> None:
    of = checked(DEEP, disabled=True, inverted=True)
    result = checks.primary_unhealthy_before(evidence(elsewhere(stuck()), of))
    assert result
    assert DEEP in result.problem
