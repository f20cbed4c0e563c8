"""The start of the command `iot-dr`."""

import os
import subprocess
import sys

import pytest

_START = """\
import atexit, gc, sys, threading
from iot_dr.command import main
sys.argv = ["iot-dr", *sys.argv[1:]]
engine = lambda: "cdktf" in sys.modules or "constructs" in sys.modules
atexit.register(lambda: print(gc.isenabled(), engine()))
main()
"""


def started(*arguments: str, mode: str = "fast") -> str:
    """Run a command; return whether it collected garbage and whether it started the engine."""
    done = subprocess.run(
        [sys.executable, "-c", _START, *arguments],
        env={**os.environ, "IOT_DR_BINDINGS": mode},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "collects", "starts_engine"),
    [
        (["synth", "--env", "no-such-environment"], False, True),
        (["plan", "--env", "no-such-environment"], True, True),
        (["check", "--help"], False, False),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in (
                (["sandbox", "down", "--env", "no-such-environment"], True, False),
                (["synth", "--help"], False, False),
                (["graph", "--help"], True, False),
            )
        ),
        (["--help"], True, False),
    ],
)
def test_what_synthesizes_starts_the_engine_and_what_judges_searches_no_cycles(
    arguments: list[str], collects: bool, starts_engine: bool
) -> None:
    assert started(*arguments) == f"{collects} {starts_engine}"


def test_stock_bindings_do_not_start_the_engine_early() -> None:
    assert started("synth", "--env", "no-such-environment", mode="stock") == "False False"
