"""What a rotation reports of its switch when one of two alarm regions does not accept it."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from environments.settings import Settings
from iot_dr.observe.aws.errors import AwsError, NoAnswerError
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.switching import SwitchResult
from iot_dr.operate.rotate.steps import Steps
from tests.support.settings import REGIONS, settings

SETTINGS = settings(regions=list(REGIONS[:3]))
WEST, CENTRAL, NORTH = SETTINGS.regions


@dataclass
class Reports:
    """The reports of a rotation."""

    lines: list[str] = field(default_factory=list[str])

    def begin(self, step: str) -> None:
        """Begin a step."""

    def wait(self, seconds: float, missing: str) -> None:
        """Wait in a step."""

    def report(self, text: str) -> None:
        """Take a line."""
        self.lines.append(text)


@dataclass
class Site:
    """A region's rotation whose switch is not set in the alarm regions of `unset`."""

    unset: dict[str, AwsError]
    region: str = WEST
    settings: Settings = SETTINGS

    def switching(self, _action: Action) -> "Site":
        """Begin to use the switch."""
        return self

    def register(self, _who: str, _reason: str, *, forced: bool) -> None:
        """Write the registers."""
        assert not forced

    def seconds_to_wait(self) -> float:
        """Return that there is nothing to wait for."""
        return 0.0

    def set(self) -> SwitchResult:
        """Set the switch."""
        return SwitchResult(None, unset=self.unset)


def reported(action: Action, unset: dict[str, AwsError]) -> list[str]:
    reporter = Reports()
    Steps(site=cast("Any", Site(unset)), reporter=reporter).set_switch(action, "somebody")
    return reporter.lines


@pytest.mark.parametrize("action", ["away", "back"])
def test_a_switch_that_both_alarm_regions_accept_has_no_warning(action: Action) -> None:
    assert reported(action, {}) == [f"{WEST} is switched {action}."]


def test_a_switch_away_in_one_alarm_region_is_reported_with_the_other_one() -> None:
    lines = reported("away", {NORTH: NoAnswerError("no answer")})
    assert lines[1:] == [f"Warning: it was not set in {NORTH}: no answer"]


def test_a_switch_back_that_may_leave_devices_away_names_the_command_that_completes_it() -> None:
    *_, last = reported("back", {CENTRAL: NoAnswerError("no answer")})
    assert f"Once {CENTRAL} answers: iot-dr switch back {WEST} --env dev --reason TEXT" in last
