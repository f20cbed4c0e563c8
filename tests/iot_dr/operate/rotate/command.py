"""`iot-dr rotate` as operators use it on a made-up day, to the end, cut short or at a terminal."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import StringIO
from itertools import groupby
from typing import Any

import pytest

from iot_dr.cli.rotate import RotateOptions, run
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.observe.status.network import NETWORK
from iot_dr.operate.rotate.rotation_run import RotationRun
from iot_dr.operate.rotate.rotation_target import RotationTarget
from iot_dr.operate.rotate.situation import Step
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.operate.rotate.day import Day
from tests.support.aws_account import DENIED
from tests.support.within import within


def wished(region: str, **options: bool) -> RotateOptions:
    """Return what an operator asks for, who does not want to be asked unless `yes` is False."""
    return RotateOptions(
        environment="dev",
        region=region,
        provider="standin",
        yes=options.get("yes", True),
        force=options.get("force", False),
        abandon=options.get("abandon", False),
        as_json=options.get("as_json", False),
    )


def rotate(day: Day, region: str, **options: bool) -> int:
    """Run the command on a day."""
    return run_on(day, wished(region, **options))


def run_on(day: Day, wish: RotateOptions) -> int:
    """Run the command; a region is seen from here as Route 53 sees it, when that is asked."""
    with within(NETWORK, day.network):  # Otherwise it reads this machine's trusted roots.
        site = wish.target()
    return run(wish, replace(site, **_of(day)))


def _of(day: Day) -> dict[str, Any]:
    return {
        "workbench": day.workbench,
        "network": day.network,
        "prober": lambda _name: None,
        "waits": day.waits,
    }


def rotating(day: Day, region: str) -> RotationRun:
    """Return the rotation as another operator's process has it."""
    site = RotationTarget(
        settings=day.settings,
        region=region,
        provider=Provider.STANDIN,
        **_of(day),
    )
    return RotationRun(site=site)


def outcomes(day: Day, region: str) -> list[str]:
    """Return what the records say, each once: a call that is answered late is made again."""
    return [each for each, _ in groupby(each["outcome"] for each in day.records(region))]


def puts(day: Day) -> list[tuple[str, bool]]:
    """Return the switches that were put, the region and whether away, each once as above."""
    return [each for each, _ in groupby(day.puts())]


class Stop(BaseException):
    """The machine goes off."""


@dataclass
class Stopping:
    """Goes off when a step begins, or when something with a text is printed."""

    at: str

    def begin(self, step: Step) -> None:
        """Go off at a step."""
        if step == self.at:
            raise Stop

    def wait(self, seconds: float, missing: str) -> None:
        """Take no notice."""

    def report(self, text: str) -> None:
        """Go off at a text."""
        if self.at in text:
            raise Stop


NEVER = Stopping("at nothing")
"""Takes no notice of anything."""


def stop(day: Day, region: str, at: str) -> None:
    """Rotate as another operator would, until the machine goes off."""
    other = rotating(day, region)
    with pytest.raises(Stop):
        other.resume(other.look(), Stopping(at))


def abandon(day: Day, region: str) -> None:
    """Abandon a rotation as another operator would."""
    other = rotating(day, region)
    other.abandon(other.look(only_state=True), NEVER)


def deny(operation: str, region: str | None = None) -> Callable[[ApiRequest], Reply | None]:
    """Refuse an operation, in every region or in one, as IAM does."""

    def answer(request: ApiRequest) -> Reply | None:
        is_it = request.headers.get("X-Amz-Target", "").endswith(f".{operation}")
        return DENIED if is_it and region in {None, request.region} else None

    return answer


class Terminal(StringIO):
    """Where somebody sits and types, and sees what is printed; `concurrent` happens before."""

    def __init__(self, line: str, concurrent: Callable[[], None] | None = None) -> None:
        """Begin with what will be typed."""
        super().__init__()
        self._line = line
        self._concurrent = concurrent

    def isatty(self) -> bool:
        """Be one."""
        return True

    def readline(self, size: int | None = -1, /) -> str:
        """Return what is typed, and show it."""
        del size
        if self._concurrent:
            self._concurrent()
        self.write(self._line)
        return self._line


def typed(
    patch: pytest.MonkeyPatch, line: str, concurrent: Callable[[], None] | None = None
) -> None:
    """Let somebody sit at a terminal and type a line."""
    patch.setattr(sys, "stdin", Terminal(line, concurrent))


def interrupt() -> None:
    """Press Ctrl-C."""
    raise KeyboardInterrupt
