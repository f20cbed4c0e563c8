"""docs/reference/terraform-modules.md as a user of the modules follows it, with the stand-in."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt

from iot_dr.emit.changelog import DATA, current_version, releases
from iot_dr.emit.pages import EXAMPLE_REPOSITORY
from iot_dr.terraform.commands import Commands
from tests.support.command import ROOT, iot_dr_here
from tests.support.emitted import standin_commands
from tests.support.executable import executable
from tests.support.git import git
from tests.support.runbook import Walk, unmeasured
from tests.support.sandbox_run import apply_once

TEXT: Final = (ROOT / "docs" / "reference" / "terraform-modules.md").read_text(encoding="utf-8")
_BLOCKS: Final = MarkdownIt().parse(TEXT)
PLATFORM, OUTPUTS, STATE_BACKEND, _BACKEND, PARTS, _ALONE = (
    each.content for each in _BLOCKS if each.info == "hcl"
)
_DELETE, MOVE, BACK = (each.content for each in _BLOCKS if each.info == "sh")
# A program that notes what the script does, as each start of Terraform takes half a second.
NOTING: Final = """\
#!/bin/sh
list=${3#-state=}.list
if [ "$2" = list ]; then exec cat "$list"; fi
echo "$@" >> noted
if [ -f "$list" ]; then sed -i "/^$5\\$/d" "$list"; fi
"""


def identified(text: str) -> str:
    """Replace what the stand-in invents, and what the page's version of Terraform measured."""
    text = re.sub(r"Z[0-9A-F]{20}|ns-\d+\.awsdns-\d+\.[a-z.]+", "ID", text)
    return unmeasured(text)


@dataclass
class Shell:
    """A shell with Terraform in a folder."""

    commands: Commands
    folder: Path

    def __call__(self, line: str) -> str:
        """Run the commands of a line; return what they print."""
        return "".join(self._run(*shlex.split(part)) for part in line.split(" && "))

    def _run(self, program: str, *arguments: str) -> str:
        match program:
            case "cd":
                self.folder = (self.folder / arguments[0]).resolve()
            case "cp":
                subprocess.run(["cp", *arguments], cwd=self.folder, check=True)  # noqa: S607 - the user's
            case "iot-dr":
                return iot_dr_here(*arguments, cwd=self.folder).stdout
            case "terraform":
                return self._terraform(*arguments)
            case _:
                raise AssertionError(program)
        return ""

    def _terraform(self, command: str, *arguments: str) -> str:
        # A user answers `yes`.
        options = ["-auto-approve"] if command in {"apply", "destroy"} else []
        # For the stand-in a table that is in no state does not exist; AWS still has it.
        options += ["-refresh=false"] if command == "destroy" else []
        plain = [] if command == "state" else ["-no-color"]
        ran = self.commands.run([command, *plain, *options, *arguments], self.folder, 300)
        assert ran.returncode == 0, ran.stderr + ran.stdout
        return ran.stdout


@pytest.mark.exhaustive
@pytest.mark.runbook("../reference/terraform-modules.md")
def test_every_command_prints_what_the_page_shows(walk: Walk, tmp_path: Path) -> None:
    dist = tmp_path / "work" / "dist"
    dist.parent.mkdir()
    variables = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{dist}.insteadOf",
        "GIT_CONFIG_VALUE_0": EXAMPLE_REPOSITORY,
    }
    with standin_commands(variables) as commands:
        shell = Shell(commands, dist.parent)

        def step(begins: str) -> None:
            walk.step(shell, begins, identified)

        def root(name: str, **files: str) -> None:
            shell.folder = tmp_path / name
            shell.folder.mkdir()
            for file, text in files.items():
                (shell.folder / f"{file}.tf").write_text(text, encoding="utf-8")

        walk.step(lambda _line: shell("iot-dr emit --all --out dist --force"), "make emit")
        step("cp -r dist")
        publish(dist)

        root("platform", main=PLATFORM, outputs=OUTPUTS)
        step("terraform init")
        step("terraform apply -target")
        step("terraform apply")
        platform = shell.folder

        outputs = (dist / "modules/state-backend/examples/complete/outputs.tf").read_text()
        providers = PLATFORM.partition("\nmodule ")[0]
        root("state", main=f"{providers}\n{STATE_BACKEND}", outputs=outputs)
        shell("terraform init")
        step("terraform apply")

        root("parts", main=PARTS)
        shell("terraform init")
        step("terraform plan")

        shell.folder = platform
        main = platform / "main.tf"
        serving = re.compile(r"(primary_region +=) .*")
        main.write_text(serving.sub(r'\1 "eu-central-1"', PLATFORM), encoding="utf-8")
        step("terraform plan")
        # No AWS to put a parameter and a metric into.
        assert {walk.next(f"aws {each}").shown for each in ("ssm put-", "cloudwatch put-")} == {""}
        tear_down(step)

        shell.folder = dist
        step("cd modules/canary")

        root("moved", main=PLATFORM, outputs=OUTPUTS)
        shell("terraform init")
        move = pulled(tmp_path, shell)
        before = addresses(move, shell)
        (move / "move.sh").write_text(MOVE, encoding="utf-8")
        walk.step(lambda line: scripted(line, move, shell), "sh move.sh")
        step("terraform state push")
        step("terraform plan")
        shell("terraform apply")
        assert f"{len((move / 'moves.txt').read_text().splitlines())} resources moved" in TEXT

        (move / "platform.tfstate").write_text(shell("terraform state pull"), encoding="utf-8")
        scripted(BACK, move, shell)
        # The module's conditional resources keep their index, which the app's plan removes.
        after = addresses(move, shell)
        assert {name: listed.replace("[0]", "") for name, listed in after.items()} == before


def tear_down(step: Callable[[str], None]) -> None:
    """Destroy what was applied, as the page says."""
    step("terraform state rm")
    step("terraform destroy")


def publish(dist: Path) -> None:
    """Turn the modules into a repository with the tag of their version."""
    tag = f"v{current_version(releases(DATA))}"
    for command in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "."], ["tag", tag]):
        git(dist, *command)


def pulled(tmp_path: Path, shell: Shell) -> Path:
    """Return a folder with the states of the app's stacks, and the list of each one's resources."""
    apply_once(tmp_path / "sandbox", data={})
    move = shell.folder / "move"
    move.mkdir()
    for file in (tmp_path / "sandbox").rglob("iot-dev-*.tfstate"):
        shutil.copyfile(file, move / file.name)
    for name, listed in addresses(move, shell).items():
        (move / f"{name}.list").write_text(listed, encoding="utf-8")
    return move


def addresses(move: Path, shell: Shell) -> dict[str, str]:
    """Return what each state of the app has, by its file."""
    files = sorted(move.glob("iot-dev-*.tfstate"))
    return {file.name: shell(f"terraform state list -state={file}") for file in files}


def scripted(script: str, move: Path, shell: Shell) -> str:
    """Run a script, and then what it asks of Terraform; return what that prints."""
    executable(move / "terraform", NOTING)
    path = f"{move}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["/bin/sh", "-c", script], cwd=move, check=True, env={"PATH": path})
    here, shell.folder = shell.folder, move
    noted = (move / "noted").read_text(encoding="utf-8").splitlines()
    (move / "noted").unlink()
    printed = "".join(shell(f"terraform {each}") for each in noted)
    shell.folder = here
    return printed
