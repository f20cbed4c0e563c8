"""Each in a process of its own, as the host makes of a process what Lambda is to a function."""

import json
import subprocess
import sys
from typing import Any

import pytest

from iot_dr.drill.rig.region.function_host import FunctionConfig
from modules.function_package import function_package
from tests.support.drill_cloud import two_regions

_RUN = """
import importlib, json, os, socket, sys, time
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.function_host import FunctionConfig, FunctionHost

kept = sys.stdout
config = FunctionConfig.model_validate_json(sys.argv[1])
host = FunctionHost(config, RigClock(float(sys.argv[2])), lambda line: None)
watcher, prober = sys.modules["functions.watcher.watcher"], sys.modules["functions.probe.prober"]
clock = importlib.import_module("functions.probe.clock").Clock()
begin = time.monotonic()
time.sleep(0.05)
passed, wall = clock.now(), time.monotonic() - begin
begin = time.monotonic()
watcher._sleep(float(sys.argv[3]))
pause = time.monotonic() - begin
made = prober.Prober(lambda deadline: None, limit=watcher.PROBE_SECONDS)
try:
    socket.getaddrinfo("example.com", 443)
except socket.gaierror:
    resolves = False
observed = {
    "from": watcher.__file__, "passed": passed / wall, "pause": pause, "limit": made._limit,
    "standard": prober.Prober(lambda deadline: None)._limit, "patience": prober.PROBE_GRACE,
    "reserve": watcher._RESERVE, "resolves": resolves, "region": os.environ["AWS_REGION"],
    "strange": "AWS_PROFILE" in os.environ or "HTTPS_PROXY" in os.environ,
    "where": socket.getaddrinfo("mqtt.example.com", 443)[0][4],
}
kept.write(json.dumps(observed))
"""


def _found(speed: float, pause: float) -> dict[str, Any]:
    (watcher,) = two_regions().watchers
    assert watcher
    config = FunctionConfig(
        package=str(function_package("watcher").path),
        handler=watcher.handler,
        variables={**watcher.variables, "AWS_REGION": watcher.region},
        port_map={"mqtt.example.com": {443: ("127.0.0.9", 20443)}},
        name_server=("127.0.0.9", 20053),
    )
    done = subprocess.run(
        [sys.executable, "-c", _RUN, config.model_dump_json(), str(speed), str(pause)],
        capture_output=True,
        text=True,
        check=False,
        env={"AWS_PROFILE": "mine", "HTTPS_PROXY": "http://proxy.example.com"},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_function_finds_what_lambda_gives_it_and_nothing_of_the_users() -> None:
    result = _found(1, 0)
    assert str(result["from"]).startswith(str(function_package("watcher").path))
    assert result["region"] == "eu-central-1"
    assert not result["strange"]
    assert not result["resolves"]
    assert result["where"] == ["127.0.0.9", 20443]


def test_at_true_speed_a_functions_limits_are_its_own() -> None:
    result = _found(1, 0.02)
    assert (result["limit"], result["standard"], result["patience"]) == (5, 1.2, 0.4)
    assert result["pause"] >= 0.02
    assert 0.5 < result["passed"] < 2


def test_a_quick_functions_time_runs_as_quickly_as_the_drills() -> None:
    quick, true = _found(100, 2), _found(1, 0)
    assert quick["limit"] == pytest.approx(0.05)
    assert quick["standard"] == pytest.approx(0.012)
    assert quick["patience"] == pytest.approx(0.004)
    assert 0.02 <= quick["pause"] < 2
    assert 50 < quick["passed"] < 200
    # What it keeps of the time that Lambda reports, which is rehearsed.
    assert quick["reserve"] == true["reserve"]
