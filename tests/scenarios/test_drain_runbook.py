"""The section on draining of the runbook of the switch, on a made-up day."""

import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

from tests.iot_dr.operate.conftest import (  # noqa: F401 - fixtures
    authority,
    certificates,
    states,
)
from tests.iot_dr.operate.conftest import day as drain_day  # noqa: F401 - a fixture
from tests.iot_dr.operate.drain.drained import away, fleet
from tests.iot_dr.operate.rotate.command import typed
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import WEST
from tests.support.region_health import RegionHealth
from tests.support.runbook import Walk, timeless

QUESTION = "Type `yes` to switch: "


@pytest.mark.exhaustive
@pytest.mark.runbook("switch.md", "Drain")
def test_the_runbook_shows_what_a_drain_prints(
    walk: Walk, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    day: Day = request.getfixturevalue("drain_day")
    (day.folder / "cdktf.json").write_text("{}")
    monkeypatch.setenv("IOT_DR_ROOT", str(day.folder))

    def printed(command: str) -> str:
        words = shlex.split(command)
        given = dict(zip(words[4::2], words[5::2], strict=True))
        assert words[:4] == ["iot-dr", "switch", "away", WEST]
        typed(monkeypatch, "yes\n")
        with redirect_stdout(StringIO()) as shown, redirect_stderr(shown):
            away(day, rate=float(given["--drain"]), reason=given["--reason"], yes=False)
        return shown.getvalue().replace(QUESTION, f"{QUESTION}yes\n")

    connections = fleet(day, 500)
    walk.step(printed, "iot-dr switch away", alike=measured)
    assert len(connections.closed) == 500
    day.follow(WEST, is_away=False)
    day.faults.fail("hang", WEST)
    day.world.see({WEST: RegionHealth(deep=False, tcp=False)})
    walk.step(printed, "iot-dr switch away", alike=measured)


def measured(text: str) -> str:
    """Replace the seconds of the progress, which the machine's load may move."""
    return re.sub(r"^ +\d+ s: [\d,]+ of", "N s: N of", timeless(text), flags=re.MULTILINE)
