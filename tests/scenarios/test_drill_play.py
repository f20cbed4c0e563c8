"""`iot-dr drill play`: the page in a real browser, and a game with the real commands."""

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from iot_dr.drill.play.page_server import page_served
from tests.iot_dr.drill.play.test_score import SCORE
from tests.support.browser import Tab, browser, needs_chromium
from tests.support.command import ROOT, iot_dr, plain_environment

LIVE: Final[dict[str, Any]] = {
    "environment": "dev",
    "speed": 1.0,
    "now": 130,
    "devices": 150,
    "connected": {"eu-west-1": 40, "eu-central-1": 8},
    "answer": "eu-west-1",
    "alarms": {"us-east-1": [f"example-dev-{'deep-' * 12}eu-west-1"]},
    "commands": [{"at": 125, "name": "switch away eu-west-1", "is_write": True, "wrong": ""}],
    "samples": [[0, {"eu-west-1": 150, "eu-central-1": 0}]],
}
SEEN: Final = "document.getElementById('linked').textContent === '48'"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Tab]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@needs_chromium
@pytest.mark.parametrize("width", [1200, 390])
def test_a_browser_shows_the_game_and_the_outage_only_at_its_end(tab: Tab, width: int) -> None:
    states = [LIVE]
    with page_served(lambda: json.dumps(states[-1]), 0) as url:
        tab.open(url, width)
        tab.until(SEEN)
        text = tab.value("document.body.innerText")
        assert "eu-west-1" in text
        assert "switch away eu-west-1" in text
        assert "device-policy" not in tab.value("document.documentElement.outerHTML")
        assert tab.value("document.getElementById('score').hidden")
        # At a phone's width too, nothing is cut off or scrolls sideways.
        assert tab.value("document.documentElement.scrollWidth") <= width
        states.append({**LIVE, "score": SCORE.document()})
    tab.until("!document.getElementById('score').hidden")
    assert tab.value("document.documentElement.scrollWidth") <= width
    text = tab.value("document.getElementById('score').innerText")
    assert "device-policy" in text
    assert "1234" in text
    assert "it served nobody" in text
    # The game has ended, and is not reported as lost.
    assert tab.value("document.getElementById('gone').hidden")


@needs_chromium
def test_numbers_that_change_move_nothing(tab: Tab) -> None:
    states = [LIVE]
    place = "document.querySelector('#devices').getBoundingClientRect().left"
    with page_served(lambda: json.dumps(states[-1]), 0) as url:
        tab.open(url, 390)
        tab.until(SEEN)
        before = tab.value(place)
        states.append({**LIVE, "connected": {"eu-west-1": 150, "eu-central-1": 0}})
        tab.until("document.getElementById('linked').textContent === '150'")
        assert tab.value(place) == before


@contextmanager
def game(*options: str) -> Generator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start a game; yields its process and the variables of the second terminal."""
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "drill", "play", *options],
        env=plain_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            lines = iter(process.stderr.readline, "")
            terminal = next(filter(None, (re.search(r"source (\S+)", line) for line in lines)))[1]
            text = Path(terminal).read_text(encoding="utf-8")
            exports = re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE)
            yield process, {name: shlex.split(value)[0] for name, value in exports}
        finally:
            process.kill()


@pytest.mark.exhaustive
def test_real_commands_see_and_switch_the_game_and_the_score_says_so() -> None:
    with game("--env", "dev", "--seed", "23", "--speed", "4", "--json") as (process, variables):
        seen = iot_dr("status", "--env", "dev", "--json", **variables)
        assert json.loads(seen.stdout)["result"]["regions"]
        switch = ("switch", "away", "eu-west-1", "--env", "dev", "--reason", "trial", "--yes")
        assert iot_dr(*switch, **variables).returncode == 0
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    score = json.loads(out)["result"]
    names = [each["name"] for each in score["commands"]]
    assert names[0] == "status"
    assert names[-1] == "switch away eu-west-1"
    assert score["commands"][-1]["wrong"] == "eu-west-1 served all devices"
    assert not Path(variables["SSL_CERT_FILE"]).exists()
