"""`iot-dr rto` as a user runs it."""

import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from iot_dr.forecast.advice import changes
from iot_dr.forecast.failover_cause import cause_times
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.json_output import result_of

_ENGINE = """\
import atexit, sys
from iot_dr.command import main
atexit.register(lambda: print("cdktf" in sys.modules, file=sys.stderr))
main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which dev wants devices back sooner than they can be."""
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    shutil.copy(ROOT / "cdktf.json", tmp_path)
    file = tmp_path / "environments" / "dev.yaml"
    text = file.read_text()
    assert "rto: 360" in text
    file.write_text(text.replace("rto: 360", "rto: 180"))
    return tmp_path


def reported(*arguments: str) -> list[dict[str, Any]]:
    done = iot_dr_here("rto", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return result_of(done.stdout)


def test_a_target_that_is_met_exits_0() -> None:
    done = iot_dr_here("rto", "--env", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: over in the bound: p50 ")


def test_the_page_about_failover_shows_what_is_printed() -> None:
    page = (ROOT / "docs" / "explanation" / "failover.md").read_text(encoding="utf-8")
    printed = iot_dr_here("rto", "--env", "staging").stdout
    assert f"$ make rto ENV=staging\n{printed}```\n" in page


def test_a_target_that_cannot_be_met_exits_3_and_names_the_term(project: Path) -> None:
    done = iot_dr_here("rto", cwd=project)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("dev: over in the 99 % case: ")
    assert "The largest term is throttle" in done.stdout
    second = iot_dr_here("rto", "--env", "prod", cwd=project)
    assert second.returncode == 0
    every = iot_dr_here("rto", "--env", "all", "--json", cwd=project)
    assert every.returncode == 3
    assert [each["verdict"] for each in result_of(every.stdout)] == [
        "over in the 99 % case",
        "over in the bound",
        "over in the bound",
    ]


def test_the_time_of_each_cause_is_reported() -> None:
    (report,) = reported("--env", "prod")
    prod = load("prod", {})
    predicted = cause_times(recovery_inputs(prod), prod.recovery.fail_back)
    assert [(each["cause"], each["typical"], each["bound"]) for each in report["causes"]] == [
        (time.cause.value, time.typical, time.bound) for time in predicted
    ]
    lines = iot_dr_here("rto", "--env", "prod").stdout.splitlines()
    for time in predicted:
        (line,) = [line for line in lines if line.startswith(f"{time.cause.value}  ")]
        assert f"{time.typical:.0f} s" in line
        assert f"{time.bound:.0f} s" in line


def test_machines_get_the_figures_of_the_model() -> None:
    (report,) = reported("--env", "prod")
    inputs = recovery_inputs(load("prod", {}))
    time = recovery_time(inputs)
    assert (report["environment"], report["verdict"], report["target"]) == (
        "prod",
        "over in the bound",
        360,
    )
    assert (report["p50"], report["p99"], report["bound"]) == (time.p50, time.p99, time.bound)
    assert report["own_cache"] == asdict(time.own_cache)
    assert report["shared_cache"] == asdict(time.shared_cache)
    assert report["largest_term"] == "throttle"
    assert [(change["setting"], change["gain"]) for change in report["changes"]] == [
        (change.setting, change.gain) for change in changes(inputs)
    ]
    assert report["no_effect"] == ["health.threshold", "recovery.fail_back"]


def test_machines_get_each_term_with_its_source_and_the_values_it_comes_from() -> None:
    (report,) = reported("--env", "dev")
    terms = recovery_time(recovery_inputs(load("dev", {}))).terms
    rows = [{**row, "settings": tuple(row["settings"])} for row in report["terms"]]
    assert rows == [
        {
            **asdict(term),
            "usual": term.typical,
            "latest": term.maximum,
            "what": term.description,
        }
        for term in terms
    ]
    (throttle,) = (row for row in report["terms"] if row["name"] == "throttle")
    assert throttle["settings"] == {"recovery.fleet": 100_000, "recovery.connect_rate": 500}


def test_all_reports_every_environment() -> None:
    done = iot_dr_here("rto", ENV="all")
    assert done.returncode == 0
    word = ": over in the bound: "
    verdicts = [line.split(": ")[0] for line in done.stdout.splitlines() if word in line]
    assert verdicts == ["dev", "prod", "staging"]
    assert [report["environment"] for report in reported("--env", "all")] == verdicts


@pytest.mark.parametrize(
    "arguments", [("--env", "nowhere"), ("--interval", "10"), ("dev",)], ids=" ".join
)
def test_a_mistake_exits_2_and_prints_no_report(arguments: tuple[str, ...]) -> None:
    done = iot_dr_here("rto", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_help_has_an_example_and_the_exit_status() -> None:
    helped = " ".join(iot_dr_here("rto", "--help").stdout.split())
    assert "Example: iot-dr rto --env dev" in helped
    assert "else 3" in helped


def test_the_engine_that_synthesizes_is_not_started() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENGINE, "rto"],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == "False\n"
