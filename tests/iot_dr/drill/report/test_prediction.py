"""The prediction of `iot-dr rto` next to what was measured."""

from dataclasses import replace

import pytest

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Recording, SwitchPut
from iot_dr.drill.report.figures import figures
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.prediction import Prediction
from iot_dr.forecast.failover_cause import FailoverCause
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from tests.support.drill_recordings import (
    BOTH,
    DEEP,
    ONE,
    SWITCH,
    TWO,
    calm,
    kill,
    never_back,
    rehearsed,
    silent,
    undone_at,
)
from tests.support.settings import settings


def predicted(recording: Recording, effect: Effect = Effect.MOVES) -> Prediction:
    return OutageReport.of(rehearsed(recording, effect), settings()).prediction


def test_the_prediction_is_that_of_rto_for_as_many_devices() -> None:
    time = recovery_time(recovery_inputs(settings(), 500))
    compared = predicted(kill())
    assert compared.p50.predicted == time.own_cache.p50
    assert compared.p99.predicted == time.own_cache.p99
    assert (compared.worst_p50, compared.worst_p99) == (time.p50, time.p99)
    assert compared.last.predicted == time.bound


def test_devices_that_share_resolvers_are_compared_with_the_shared_cache() -> None:
    time = recovery_time(recovery_inputs(settings(), 500))
    assert predicted(kill(shared_resolvers=20)).p99.predicted == time.shared_cache.p99


def test_a_fleet_as_predicted_deviates_by_less_than_two_percent() -> None:
    compared = predicted(kill())
    assert compared.p50.deviation_percent == pytest.approx(0, abs=2)
    assert compared.p99.deviation_percent == pytest.approx(0, abs=2)


def test_a_deviation_is_in_percent_of_what_was_predicted() -> None:
    made = kill()
    late = predicted(made).p50.predicted * 1.5
    made.connections = [
        connection
        if connection.begin < 0
        else type(connection)(
            device=connection.device, region=connection.region, begin=late, end=None
        )
        for connection in made.connections
    ]
    assert predicted(made).p50.deviation_percent == pytest.approx(50)


def test_the_terms_add_up_to_half_of_the_devices_and_to_the_bound() -> None:
    made = kill()
    terms = predicted(made).terms
    assert sum(term.measured or 0 for term in terms) == pytest.approx(figures(made).recovery.p50)
    assert sum(term.maximum or 0 for term in terms) == pytest.approx(predicted(made).last.predicted)


def test_detection_and_aggregation_are_distinguished() -> None:
    detection, aggregation, *_ = predicted(kill()).terms
    assert detection.measured == pytest.approx(84.3)
    assert aggregation.measured == pytest.approx(92.1 - 84.3)


@pytest.mark.parametrize("made", [silent(), kill(shared_resolvers=20)], ids=["silent", "shared"])
def test_resolver_and_back_off_stay_together_where_devices_asked_at_different_times(
    made: Recording,
) -> None:
    *_, last = predicted(made).terms
    assert last.name.startswith("resolver, hanging connect")
    assert last.measured == pytest.approx((figures(made).recovery.p50 or 0) - 92.1)


def test_what_does_not_compare_is_said() -> None:
    assert any("for links that close" in each for each in predicted(silent()).limits)
    assert any("No device lost" in each for each in predicted(calm()).limits)
    stuck = never_back()
    stuck.answers = stuck.answers[:1]
    assert any("did not move" in each for each in predicted(stuck).limits)


def test_nothing_is_compared_with_devices_that_never_came() -> None:
    compared = predicted(never_back())
    assert compared.p50.measured is None
    assert compared.p50.deviation_percent is None
    assert compared.last.measured is None


def test_the_terms_of_a_switch_count_from_the_put_of_its_metric() -> None:
    made = calm(region=ONE)
    made.switch_puts = [SwitchPut(at=1.5, by="operator", region=ONE, action="away")]
    made.health = [(26.2, BOTH, False), (26.3, SWITCH, False)]
    made.answers.append((33.0, TWO))
    compared = predicted(made, Effect.UNHURT)
    assert compared.by_cause.cause is FailoverCause.SWITCH
    alarm, aggregation = compared.terms
    assert (alarm.name, alarm.measured) == ("alarm", pytest.approx(24.8))
    assert (alarm.typical, alarm.maximum) == (35, 65)
    assert aggregation.typical == 7.5


def test_the_terms_of_the_watcher_count_from_the_outage() -> None:
    made = kill()
    made.switch_puts = [SwitchPut(at=120.0, by="watcher", region=ONE, action="away")]
    made.health = [(125.0, SWITCH, False)]
    made.answers[-1] = (133.0, TWO)
    watch, *_ = predicted(made).terms
    assert (watch.name, watch.measured) == ("schedule, watch, alarm", 125)


def test_a_device_that_asks_just_after_the_answer_has_changed_does_not_deviate() -> None:
    made = kill()
    made.health = [(82.0, DEEP, False)]
    made.answers[-1] = (90.0, TWO)
    back = next(each for each in made.connections if each.begin > 0)
    made.connections.remove(back)
    made.connections.append(replace(back, begin=90.2))
    terms = predicted(made).terms
    assert terms[2].measured == pytest.approx(0.2)
    assert [term.name for term in terms if term.deviates] == []


@pytest.mark.parametrize(("closed", "deviating"), [(3.5, []), (0.0, ["resolver"])])
def test_the_times_of_devices_count_from_the_end_of_their_links(
    closed: float, deviating: list[str]
) -> None:
    made = kill()
    made.health = [(84.5, DEEP, False)]
    made.answers[-1] = (92.5, TWO)
    made.connections = [
        replace(link, end=(link.end or 0.0) + closed) if link.begin < 0 else link
        for link in made.connections
    ]
    back = next(each for each in made.connections if each.begin > 0)
    made.connections.remove(back)
    made.connections.append(replace(back, begin=93.2))
    deviates = [term.name for term in predicted(made).terms[2:3] if term.deviates]
    assert deviates == deviating


@pytest.mark.parametrize("devices", [20, 500])
def test_a_fleet_as_predicted_has_no_deviation(devices: int) -> None:
    terms = predicted(kill(devices)).terms
    assert [term.name for term in terms if term.deviates] == []
    assert all(term.lowest is not None for term in terms)


def test_fewer_devices_have_a_wider_range() -> None:
    few, many = (predicted(kill(devices)).terms[-1] for devices in (20, 500))
    assert few.lowest is not None
    assert many.lowest is not None
    assert few.lowest < many.lowest
    assert (few.highest or 0) > (many.highest or 0)


def test_a_name_server_that_may_be_stale_is_expected_to_be_late() -> None:
    made = kill()
    made.answers[-1] = (150.0, TWO)
    late, stale = (
        OutageReport.of(rehearsed(made, delay=delay), settings()).prediction.terms[1]
        for delay in (0, 150)
    )
    assert (late.deviates, stale.deviates) == (True, False)


@pytest.mark.parametrize("made", [silent(), undone_at(250)], ids=["silent", "not moved"])
def test_devices_are_not_judged_by_times_of_links_that_close(made: Recording) -> None:
    effect = Effect.MOVES if made.outage == "drop" else Effect.RETURNS
    assert predicted(made, effect).terms[-1].lowest is None


def test_a_region_that_comes_and_goes_is_not_compared() -> None:
    limits = predicted(kill(), Effect.SETTLES).limits
    assert any("failed repeatedly" in each for each in limits)
