"""A whole acceptance run, rehearsed; `support/acceptance_world.py` lists its real parts."""

import json
import os
import shutil
from pathlib import Path

import pytest

from iot_dr.acceptance.catalogue import STEPS
from iot_dr.cli import acceptance
from iot_dr.drill.play.account import client
from tests.scenarios.support.acceptance_world import AcceptanceWorld, acceptance_world
from tests.support.drill import needs_mosquitto

FOLDER = Path(".acceptance", "dev")

pytestmark = [needs_mosquitto, pytest.mark.usefixtures("lent")]


def interrupt_once(world: AcceptanceWorld, during: str) -> None:
    """Send Ctrl-C in the second minute of a step, once."""

    def interrupt() -> None:
        attempts = json.loads((FOLDER / "journal.json").read_bytes())["attempts"]
        if attempts[-1]["step"] == during and world.now() - attempts[-1]["since"] > 90:
            world.on_sleep.remove(interrupt)
            raise KeyboardInterrupt

    world.on_sleep.append(interrupt)


@pytest.mark.exhaustive
def test_a_run_deploys_fails_over_is_stopped_resumes_and_removes_what_it_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with acceptance_world(tmp_path, monkeypatch) as world:
        interrupt_once(world, "silence")
        with pytest.raises(KeyboardInterrupt):
            acceptance.run("dev", "aws", "dev", world.tools, as_json=False)
        stopped = capsys.readouterr().out
        waited = world.skipped
        assert acceptance.run("dev", "aws", "dev", world.tools, as_json=False) == 0
        printed = capsys.readouterr().out
        # The rest of the 15 minutes, and less than a quarter of an hour for everything after it.
        assert 780 < world.skipped - waited < 1800
        for region in world.settings.regions:
            iot = client("iot", region, world.endpoint)
            assert iot.list_certificates()["certificates"] == []
            assert iot.list_things()["things"] == []
    assert "iot-dr switch back eu-west-1 --env dev" in stopped
    assert "continues with the step `silence`" in printed
    (file,) = FOLDER.glob("transcript-*.json")
    transcript = json.loads(file.read_bytes())
    assert transcript["verdict"] == "passed"
    assert [each["name"] for each in transcript["steps"]] == [each.name for each in STEPS]
    # The environment has no provisioning; tests/iot_dr/acceptance/test_joining.py has.
    skipped = [each["name"] for each in transcript["steps"] if each["outcome"] != "passed"]
    assert skipped == ["join"]
    results = {each["name"]: each["evidence"] for each in transcript["steps"]}
    led = ["publish", "away", "still away", "back", "canary fails", "latch cleared"]
    west, central = world.settings.regions
    assert [results[each]["published in"] for each in led] == [
        west,
        central,
        central,
        west,
        central,
        west,
    ]
    assert results["deploy"]["changes"] == "123 create"
    assert results["destroy"]["changes"] == "97 destroy"
    assert not [*FOLDER.rglob("*.key")]
    assert "PRIVATE KEY" not in file.read_text(encoding="utf-8")
    if shown := os.environ.get("SHOWN"):
        shutil.copytree(FOLDER, shown, dirs_exist_ok=True)
        Path(shown, "stopped.txt").write_text(stopped, encoding="utf-8")
        Path(shown, "printed.txt").write_text(printed, encoding="utf-8")


@pytest.mark.exhaustive
def test_a_standby_that_knows_no_device_fails_the_run_which_leads_devices_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with acceptance_world(tmp_path, monkeypatch) as world:
        west, central = world.settings.regions
        world.strangers.add(central)
        assert acceptance.run("dev", "aws", "dev", world.tools, as_json=False) == 1
        printed = capsys.readouterr().out
        assert "9/18 away" in printed
        assert "failed: not within 23 minutes: mqtt.iot-dev.example.com: " in printed
        assert f"After the failure: {west} is switched back" in printed
        world.live()
        world.sleep(61)
        assert world.names.route53.region == west
    assert not [each for each in world.commands if each.startswith("destroy")]
