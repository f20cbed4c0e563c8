import pytest

from environments.settings import Settings
from iot_dr.cli.drill.simulate_report import SimulateReport, Simulation
from iot_dr.cli.rto import RtoReport
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.forecast.target import judge
from iot_dr.generate.expectation import recovery_inputs
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.rules.recovery_over_target import RULE
from iot_dr.terraform_json.plan_manifest import RecoveryForecast
from tests.iot_dr.rules.designs import judged
from tests.support.settings import settings

TIME = recovery_time(recovery_inputs(settings()))


@pytest.mark.parametrize(
    ("p99", "bound", "words"),
    [
        (360, 360, "met"),
        (360, 360.1, "over in the bound"),
        (360.1, 360.1, "over in the 99 % case"),
        (360, float("inf"), "over in the bound"),
        (float("inf"), float("inf"), "over in the 99 % case"),
    ],
)
def test_a_target_is_met_up_to_its_last_second(p99: float, bound: float, words: str) -> None:
    assert judge(p99, bound, 360) == words


def simulated(chosen: Settings) -> SimulateReport:
    """Return the report of a simulation with the figures of the prediction."""
    simulation = Simulation(
        cache="own",
        flipped=90.0,
        p50=TIME.p50,
        p99=TIME.p99,
        last=TIME.bound,
        never_back=0,
        lost=0,
        most_lost=0,
        attempts=0,
        busiest_second=0,
        most_accepted=0,
        predicted=None,
    )
    return SimulateReport(
        settings=chosen, devices=10, outage="kill", seed=1, simulations=[simulation]
    )


@pytest.mark.parametrize(
    ("rto", "words"),
    [(474, "met"), (400, "over in the bound"), (200, "over in the 99 % case")],
)
def test_the_same_figures_get_the_same_words_and_only_one_of_them_blocks(
    rto: int, words: str
) -> None:
    chosen = settings(recovery={"rto": rto})
    figures = RecoveryForecast(p50=TIME.p50, p99=TIME.p99, bound=TIME.bound)
    verdicts = (
        RtoReport.of(chosen).verdict,
        RecoveryChange(figures, figures, rto).verdict,
        simulated(chosen).verdict,
    )
    assert set(verdicts) == {words}
    findings = [each.message.split(": ")[0] for each in judged(RULE, {}, chosen)]
    assert findings == [words] * verdicts[0].is_missed
    assert verdicts[0].is_missed == (words == "over in the 99 % case")
