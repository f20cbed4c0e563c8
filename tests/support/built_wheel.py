"""The wheel of this repository, built and installed without a network."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.support.command import ROOT, plain_environment
from tests.support.executable import executable


def built_wheel(folder: Path) -> Path:
    """Build the wheel from the working tree, as `uv build --wheel` does; return its path."""
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(path)


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel, and others' packages in a second folder."""

    python: Path

    @classmethod
    def of(cls, wheel: Path, folder: Path, others: Path | None = None) -> "Installed":
        """Install a wheel into a new environment; `others` are this environment's by default."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = folder / "lib" / version / "site-packages"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
        # The .pth files in that folder, and so this repository, are not followed.
        (packages / "others.pth").write_text(f"{others or sysconfig.get_path('purelib')}\n")
        python = folder / "bin" / "python"
        # The script that pip would write.
        script = f"#!{python}\nfrom iot_dr.command import main\nmain()\n"
        executable(folder / "bin" / "iot-dr", script)
        return cls(python)

    def run(self, *arguments: str, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run Python to its end, without variables that lead to this repository."""
        return self._run([self.python, *arguments], cwd, env)

    def iot_dr(self, *arguments: str, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run the command; the working directory is on Python's path, before all packages."""
        return self.run("-m", "iot_dr", *arguments, cwd=cwd, **env)

    def shell(self, line: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Run a line with `iot-dr` on the path."""
        path = f"{self.python.parent}{os.pathsep}{os.defpath}"
        return self._run(["/bin/sh", "-c", line], cwd, {"PATH": path})

    def _run(
        self, command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        plain = plain_environment(cwd)
        for name in ("PYTHONPATH", "IOT_DR_ROOT"):
            plain.pop(name, None)
        return subprocess.run(
            command,
            cwd=cwd, env={**plain, **env}, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
