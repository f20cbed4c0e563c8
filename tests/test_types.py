"""The types of the whole project, which `make test` checks beside the other tests."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_type_checker_has_nothing_to_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--warnings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
