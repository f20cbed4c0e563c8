"""The prediction of `iot-dr rto` next to what was measured."""

import pytest

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Recording
from iot_dr.drill.report.figures import figures
from iot_dr.drill.report.prediction import Prediction, prediction
from iot_dr.forecast.recovery_inputs import recovery_inputs
from iot_dr.forecast.recovery_time import recovery_time
from tests.support.drill_recordings import (
    BOTH,
    SWITCH,
    TWO,
    calm,
    kill,
    never_back,
    rehearsed,
    silent,
)
from tests.support.settings import settings


def predicted(recording: Recording) -> Prediction:
    return prediction(rehearsed(recording), settings(), figures(recording))


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


def test_nothing_is_predicted_of_an_alarm_that_detects() -> None:
    made = calm()
    made.health = [(26.2, BOTH, False), (26.3, SWITCH, False)]
    made.answers.append((33.0, TWO))
    compared = predicted(made)
    detection, aggregation = compared.terms
    assert (detection.name, detection.measured) == ("detection", 26.2)
    assert (detection.typical, detection.maximum) == (None, None)
    assert aggregation.typical == 7.5
    assert any("An alarm detected the outage" in each for each in compared.limits)


def test_a_region_that_comes_and_goes_is_not_compared() -> None:
    result = rehearsed(kill(), Effect.SETTLES)
    limits = prediction(result, settings(), figures(result.recording)).limits
    assert any("failed repeatedly" in each for each in limits)
