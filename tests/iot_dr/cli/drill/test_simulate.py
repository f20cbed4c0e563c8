"""`iot-dr drill simulate` and `iot-dr drill sweep`, as a user runs them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from environments.loader import load
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from tests.environments.files import VALID, project_with
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of

EASY: Final = "recovery: { fleet: 500, connect_rate: 500, rto: 400 }"
FEW: Final = "recovery: { fleet: 50, connect_rate: 500, rto: 400 }"
HARD: Final = "recovery: { fleet: 500, connect_rate: 500, rto: 120 }"

Drill = Callable[[str], subprocess.CompletedProcess[str]]


def environment(name: str, recovery: str) -> str:
    return VALID.replace("environment: dev", f"environment: {name}") + f"{recovery}\n"


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """`iot-dr drill` in a project with the environments `easy`, `hard` and `shallow`."""
    shallow = environment("shallow", FEW).replace("mode: deep", "mode: shallow")
    project = project_with(
        tmp_path_factory.mktemp("fleets") / "project",
        easy=environment("easy", EASY),
        hard=environment("hard", HARD),
        shallow=shallow,
    )

    def run(arguments: str) -> subprocess.CompletedProcess[str]:
        return iot_dr_here("drill", *arguments.split(), cwd=project)

    return run


def test_the_settings_of_dev_are_simulated_next_to_what_rto_predicts() -> None:
    done = iot_dr_here("drill", "simulate", "--env", "dev", "--json")
    assert done.returncode == 0, done.stderr
    document = result_of(done.stdout)
    plan = recovery_inputs(load("dev", {}))
    assert (document["devices"], document["verdict"]) == (plan.fleet, "met")
    time = recovery_time(plan)
    for simulated, predicted in zip(
        document["simulations"], (time.own_cache, time.shared_cache), strict=True
    ):
        assert simulated["predicted"] == {"p50": predicted.p50, "p99": predicted.p99}
        assert simulated["p99"] == pytest.approx(predicted.p99, rel=0.02)
        assert simulated["p50"] == pytest.approx(predicted.p50, rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("--env easy", 0, "easy: met: kill of 500 devices, p99 1"),
        ("--env hard", 3, "hard: over in the 99 % case: kill of 500 devices, p99 1"),
        ("--env hard --devices 600", 0, "applies to at most 500 devices (recovery.fleet)"),
        ("--env easy --outage drop", 0, "for others only an upper bound"),
        ("--env easy --outage switch", 0, "easy: met: switch of 500 devices, p99 0 s"),
    ],
    ids=["in time", "too late", "more devices than the target is for", "silent", "switch"],
)
def test_the_verdict_and_the_exit_status_follow_the_target(
    drill: Drill, arguments: str, status: int, message: str
) -> None:
    done = drill(f"simulate {arguments}")
    assert done.returncode == status
    assert message in " ".join(done.stdout.split())


def test_a_shallow_check_fails_the_simulation_of_an_expired_certificate(drill: Drill) -> None:
    text = drill("simulate --env shallow --outage expired")
    document = drill("simulate --env shallow --outage expired --json")
    assert (text.returncode, document.returncode) == (3, 3)
    never = "Never back: 50 devices. The answer never changes: a TCP check does not verify"
    assert never in " ".join(text.stdout.split())
    (own, _) = result_of(document.stdout)["simulations"]
    assert (own["flipped"], own["p99"], own["never_back"], own["predicted"]) == (
        None,
        None,
        50,
        None,
    )


def test_an_outage_that_is_not_modelled_is_refused() -> None:
    done = iot_dr_here("drill", "simulate", "--outage", "blind")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--outage blind: ")
    assert "expected one of kill, drop, freeze," in done.stderr


def test_a_missing_extra_is_reported_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    done = iot_dr_here("drill", "sweep")
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs numpy, not installed in " in done.stderr


def test_a_sweep_says_what_to_write_and_draws_it(drill: Drill, tmp_path: Path) -> None:
    out = tmp_path / "sweep.svg"
    tried = "--set health.interval=10 --set endpoint.ttl=30"
    done = drill(f"sweep --env hard {tried} --out {out}")
    assert done.returncode == 0, done.stderr
    assert "The cheapest change that meets the target" in done.stdout
    assert "health:\n  interval: 10 # was 30" in done.stdout
    assert out.read_bytes().startswith(b"<?xml")


def test_a_sweep_without_a_combination_that_is_enough_exits_3(drill: Drill) -> None:
    done = drill("sweep --env hard --set endpoint.ttl=50 --json")
    assert done.returncode == 3
    document = result_of(done.stdout)
    assert not document["meets_target"]
    assert [each["values"] for each in document["combinations"]] == [
        {"endpoint.ttl": 50},
        {"endpoint.ttl": 60},
    ]
