"""`iot-dr drill simulate` and `iot-dr drill sweep`, called as their command calls them."""

import json
from pathlib import Path

import pytest

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli import drill_simulate_run, drill_sweep_run
from iot_dr.cli.drill_sweep_run import Asked
from iot_dr.common import extra
from iot_dr.common.extra import MissingExtraError
from iot_dr.common.user_error import UsageError
from iot_dr.forecast.recovery_plan import recovery_plan
from iot_dr.forecast.recovery_time import recovery_time
from tests.support.settings import settings

EASY = {"recovery": {"fleet": 500, "connect_rate": 500, "rto": 400}}
HARD = {"recovery": {"fleet": 500, "connect_rate": 500, "rto": 120}}


def given(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Let the commands load these settings."""
    chosen = settings(**changes)

    def load_them(_name: str) -> Settings:
        return chosen

    for module in (drill_simulate_run, drill_sweep_run):
        monkeypatch.setattr(module, "load", load_them)


def test_the_settings_of_dev_are_simulated_beside_what_rto_predicts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert drill_simulate_run.run("dev", devices=None, outage="kill", seed=1, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    plan = recovery_plan(load("dev", {}))
    assert (document["devices"], document["verdict"]) == (plan.fleet, "ok")
    time = recovery_time(plan)
    for simulated, predicted in zip(
        document["simulated"], (time.own_cache, time.shared_cache), strict=True
    ):
        assert simulated["predicted"] == {"p50": predicted.p50, "p99": predicted.p99}
        assert simulated["p99"] == pytest.approx(predicted.p99, rel=0.02)
        assert simulated["p50"] == pytest.approx(predicted.p50, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "outage", "devices", "status", "told"),
    [
        (EASY, "kill", None, 0, "dev: ok: kill of 500 devices, p99 1"),
        (HARD, "kill", None, 3, "dev: block: kill of 500 devices, p99 1"),
        (HARD, "kill", 600, 0, "is for no more than 500 devices (recovery.fleet)"),
        (EASY, "drop", None, 0, "of others it tells the bound alone"),
        (EASY, "switch", None, 0, "dev: ok: switch of 500 devices, p99 0 s"),
    ],
    ids=["in time", "too late", "more devices than the target is for", "silent", "switch"],
)
def test_the_verdict_and_the_exit_status_follow_the_target(  # noqa: PLR0913, PLR0917 - figures
    changes: dict[str, object],
    outage: str,
    devices: int | None,
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given(monkeypatch, **changes)
    code = drill_simulate_run.run("dev", devices=devices, outage=outage, seed=1, as_json=False)
    assert code == status
    assert told in " ".join(capsys.readouterr().out.split())


def test_a_shallow_check_fails_the_simulation_of_an_expired_certificate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {"recovery": {**EASY["recovery"], "fleet": 50}}
    given(monkeypatch, **few, health={"mode": "shallow"})
    for as_json in (False, True):
        status = drill_simulate_run.run(
            "dev", devices=None, outage="expired", seed=1, as_json=as_json
        )
        assert status == 3
    text, _, document = capsys.readouterr().out.partition("{")
    assert "Never back: 50 devices. The answer never changes: a TCP check sees no" in text
    (own, _) = json.loads(f"{{{document}")["simulated"]
    assert (own["flipped"], own["p99"], own["never"], own["predicted"]) == (None, None, 50, None)


def test_an_outage_that_is_not_modelled_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^--outage blind: .* allowed: kill, drop, freeze,"):
        drill_simulate_run.run("dev", devices=10, outage="blind", seed=1, as_json=False)


def test_a_missing_extra_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> object:
        return None if name == "numpy" else name

    monkeypatch.setattr(extra, "find_spec", found)
    asked = Asked(devices=10, sets=(), cluster=None, out=None, seed=1)
    with pytest.raises(MissingExtraError, match=r"\(numpy\): run `make drill`"):
        drill_sweep_run.run("dev", asked, as_json=False)


def test_a_sweep_tells_what_to_write_and_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, **HARD)
    out = tmp_path / "sweep.svg"
    asked = Asked(
        devices=500, sets=("health.interval=10", "endpoint.ttl=30"), cluster=None, out=out, seed=1
    )
    assert drill_sweep_run.run("dev", asked, as_json=False) == 0
    told = capsys.readouterr().out
    assert "The cheapest change that meets the target" in told
    assert "health:\n  interval: 10 # was 30" in told
    assert out.read_bytes().startswith(b"<?xml")


def test_a_sweep_without_a_combination_that_is_enough_exits_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, **HARD)
    asked = Asked(devices=500, sets=("endpoint.ttl=50",), cluster=None, out=None, seed=1)
    assert drill_sweep_run.run("dev", asked, as_json=True) == 3
    document = json.loads(capsys.readouterr().out)
    assert not document["is_enough"]
    assert [each["values"] for each in document["combinations"]] == [
        {"endpoint.ttl": 50},
        {"endpoint.ttl": 60},
    ]
