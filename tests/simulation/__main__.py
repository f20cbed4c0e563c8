"""Runs random schedules of the registry's functions: `make simulate N=1000 SEED=1`."""

import argparse
import os
import sys
import time
from multiprocessing import Pool

from tests.simulation.report import report


def main() -> int:
    """Run the schedules, and print those that fail; return 1 if one does."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="SEED", help="of the first one")
    options = parser.parse_args()
    begin, failures = time.monotonic(), 0
    seeds = range(options.seed, options.seed + options.schedules)
    with Pool(os.cpu_count()) as pool:
        for text in filter(None, pool.imap_unordered(report, seeds)):
            failures += 1
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
    seconds = time.monotonic() - begin
    sys.stdout.write(f"{len(seeds)} schedules, {seconds:.0f} s: {failures} fail\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
