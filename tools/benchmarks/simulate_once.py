"""One simulated outage in a process of its own: its measurements and results, as JSON."""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from iot_dr.drill.simulate.scenario import Scenario

_KIB_IN_MIB = 1024
_FAILOVER = 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Seconds of the work, the peak of resident MiB, and the seconds until devices are back."""

    seconds: float
    megabytes: float
    p50: float
    p99: float
    attempts: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate the loss of a region with an answer that changes after 36 s."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.simulate_once")
    parser.add_argument("devices", type=int)
    parser.add_argument("rate", type=float, help="connects a second; inf for no limit")
    parser.add_argument("--loop", action="store_true", help="use the plain event loop")
    options = parser.parse_args(arguments)
    scenario = Scenario(connect_rate=options.rate)
    once = (_loop if options.loop else _ours)(options.devices, scenario)
    sys.stdout.write(json.dumps(asdict(once)))


def _ours(devices: int, scenario: Scenario) -> Once:
    from iot_dr.drill.simulate.simulation import simulate  # noqa: PLC0415 - the loop needs none of it

    begun = time.perf_counter()
    outcome = simulate(devices, scenario, 1, _FAILOVER)
    seconds = time.perf_counter() - begun
    megabytes = _peak()
    attempts = int(outcome.attempts.sum())
    return Once(
        seconds=seconds,
        megabytes=megabytes,
        p50=outcome.p50,
        p99=outcome.p99,
        attempts=attempts,
    )


def _loop(devices: int, scenario: Scenario) -> Once:
    from tools.benchmarks.device_loop import run  # noqa: PLC0415 - ours needs none of it

    begun = time.perf_counter()
    fleet = run(devices, scenario, 1, _FAILOVER)
    seconds = time.perf_counter() - begun
    p50, p99 = np.quantile(list(fleet.recovered.values()), [0.5, 0.99])
    return Once(
        seconds=seconds,
        megabytes=_peak(),
        p50=float(p50),
        p99=float(p99),
        attempts=sum(fleet.attempts.values()),
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_IN_MIB


if __name__ == "__main__":
    main()
