"""Measures the wheel, its installation, and the action's script on three users' repositories.

Installers have no caches, as on a new runner. pip compiles what it installs, uv does not.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from iot_dr.cli.text import columns
from tests.support.built_wheel import built_wheel
from tests.support.command import ROOT, plain_environment
from tests.support.hcl_users import PLANS, hcl_users

_EXTRAS: Final = "[synth,terraform,review,drill]"
_NO_CACHES: Final = {"PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once and print; takes some minutes, most of them for downloads."""
    argparse.ArgumentParser(
        prog="python -m tools.benchmarks.install",
        description="Measure the wheel, its installation, and the script of the action.",
    ).parse_args(arguments)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        wheel = built_wheel(work / "wheel")
        installed = columns(
            [("INSTALLED", "SECONDS", "MB"), *_installations(wheel, work)], numbers=True
        )
        users = hcl_users(work / "users")
        jobs = [_job(users / name, PLANS[name], work / f"runner-{name}") for name in PLANS]
    action = columns([("ACTION ON", "PLANS", "INSTALL s", "CHECK s"), *jobs], numbers=True)
    sys.stdout.write(f"{installed}\n\n{action}\n")


def _installations(wheel: Path, work: Path) -> Iterator[Sequence[str]]:
    """Yield the wheel, and environments of pip and uv with it, as README creates them."""
    yield "the wheel itself", "-", f"{wheel.stat().st_size / 1e6:.1f}"
    alone, tools = work / "alone", work / "tools"
    seconds = _seconds([sys.executable, "-m", "venv", str(alone)], work)
    yield "an empty environment", f"{seconds:.1f}", _megabytes(alone)
    seconds = _seconds([str(alone / "bin/pip"), "install", "--quiet", str(wheel)], work)
    yield "with the wheel, by pip", f"{seconds:.1f}", _megabytes(alone)
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "tool", "install", "--quiet", "--python", sys.executable, f"{wheel}{_EXTRAS}"]
    of_uv = {"UV_TOOL_DIR": str(tools), "UV_TOOL_BIN_DIR": str(work / "bin")}
    seconds = _seconds(command, work, **of_uv)
    yield f"with {_EXTRAS}, by uv", f"{seconds:.1f}", _megabytes(tools)


def _job(repository: Path, plans: Sequence[str], runner: Path) -> Sequence[str]:
    """Run the script in a new runner, as `action.yml` does in a job."""
    runner.mkdir()
    variables = {
        "RUNNER_TEMP": str(runner),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(runner / "output"),
        "PYTHON": sys.executable,
        "CHECKED": "\n".join(plans),
    }
    script = str(ROOT / ".github/actions/check/check.sh")
    times = [_seconds([script, step], repository, **variables) for step in ("install", "check")]
    # A repository that is blocked is not a result.
    assert "status=0\n" in (runner / "output").read_text(encoding="utf-8")  # noqa: S101 - as above
    return repository.name, str(len(plans)), *(f"{each:.1f}" for each in times)


def _seconds(command: Sequence[str], cwd: Path, **variables: str) -> float:
    environment = plain_environment() | _NO_CACHES | variables
    del environment["PYTHONPATH"]
    started = time.monotonic()
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
    return time.monotonic() - started


def _megabytes(folder: Path) -> str:
    files = (Path(at) / name for at, _, names in os.walk(folder) for name in names)
    return f"{sum(each.lstat().st_size for each in files) / 1e6:.0f}"


if __name__ == "__main__":
    main()
