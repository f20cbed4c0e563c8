"""Where a build ends: the buildspecs with a stand-in for the command `iot-dr`."""

import shutil
from pathlib import Path

import pytest

from tests.buildspecs.execution import BUILDSPECS
from tests.support.codebuild import Build, Buildspec

SPECS = sorted(path.name for path in BUILDSPECS.iterdir())

# Tells what it was asked, and ends as the file of its first words says.
COMMAND = """#!/bin/sh
echo "$PROVIDER iot-dr $*" >> "$ASKED"
[ "$2" != variables ] || echo "HAS_CHANGES=true VERDICT=block REASON='two; words'"
read -r words status < "$ENDS"
case "$*" in "$words"*) exit "$status" ;; esac
"""


class Machine:
    """A checkout whose command fails where a test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        (self.source / ".venv" / "bin").mkdir(parents=True)
        (self.source / "Makefile").write_text(".venv/.app-installed:\n\t@echo installed\n")
        command = self.source / ".venv" / "bin" / "iot-dr"
        command.write_text(COMMAND, encoding="utf-8")
        command.chmod(0o755)

    def build(self, spec: str, fails: str = "none", status: int = 0, plans: str = "") -> Build:
        return self.run(Buildspec.read(BUILDSPECS / spec), fails, status, plans)

    def run(self, spec: Buildspec, fails: str, status: int, plans: str = "") -> Build:
        scratch = self.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        (self.folder / "asked").write_text("", encoding="utf-8")
        (self.folder / "ends").write_text(f"{fails} {status}\n", encoding="utf-8")
        variables = {
            "ASKED": str(self.folder / "asked"),
            "ENDS": str(self.folder / "ends"),
            "PROVIDER": "aws",
            "AWS_REGION": "eu-west-1",
            "WAVE": "3",
            "STACKS": "one two",
            "CODEBUILD_BUILD_URL": "https://console.example.com/1?a=b&c",
        }
        if plans:
            variables["CODEBUILD_SRC_DIR_Plans3"] = plans
        return spec.run(self.source, scratch, variables)

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("spec", SPECS)
def test_nothing_is_asked_before_the_guard_and_nothing_after_it_refused(
    machine: Machine, spec: str
) -> None:
    build = machine.build(spec, "pipeline", 3, "/plans")
    assert build.phases == {"install": 0, "pre_build": 3}
    (asked,) = machine.asked
    assert asked.startswith("aws iot-dr pipeline guard --region eu-west-1")
    assert asked.endswith("" if spec == "synth.yml" else "--wave 3 --stacks one two")


def test_what_was_installed_and_made_is_not_handed_on_even_if_a_star_is_for_hidden_files(
    machine: Machine,
) -> None:
    for name in (".venv/bin/tool", "node_modules/x/y", "cdktf.out/stacks/one", ".git/HEAD", "kept"):
        file = machine.source / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    spec, target = Buildspec.read(BUILDSPECS / "synth.yml"), machine.folder / "target"
    spec.artifact(machine.source, target, is_star_hidden=True)
    assert {path.name for path in target.iterdir()} == {".git", "Makefile", "kept"}


@pytest.mark.parametrize("status", [0, 3])
def test_a_verdict_that_blocks_is_for_the_approval_to_weigh(machine: Machine, status: int) -> None:
    build = machine.build("plan.yml", "review", status)
    assert build.is_good
    assert build.exported == {
        "HAS_CHANGES": "true",
        "VERDICT": "block",
        "REASON": "two; words",
        "LINK": "https://console.example.com/1?a=b&c",
    }


@pytest.mark.parametrize(
    ("spec", "fails", "status"),
    [
        ("synth.yml", "synth", 2),
        ("synth.yml", "check", 1),
        ("plan.yml", "plan", 1),
        ("plan.yml", "review", 1),
        ("plan.yml", "review", 2),
        ("apply.yml", "apply", 1),
    ],
)
def test_what_fails_ends_the_build(machine: Machine, spec: str, fails: str, status: int) -> None:
    build = machine.build(spec, fails, status, "/plans")
    assert not build.is_good
    assert build.is_whole
    assert [name for name, ended in build.phases.items() if ended] == ["build"]
    assert machine.asked[-1].startswith(f"aws iot-dr {fails}")
    assert "LINK" not in build.exported


def test_variables_that_cannot_be_had_end_the_build(machine: Machine) -> None:
    command = machine.source / ".venv" / "bin" / "iot-dr"
    command.write_text(f'{COMMAND}\n[ "$2" != variables ] || exit 1\n', encoding="utf-8")
    build = machine.build("plan.yml")
    assert build.phases["build"] == 1
    assert build.exported == {}


def test_plans_are_applied_from_the_artifact_of_the_wave(machine: Machine) -> None:
    assert machine.build("apply.yml", plans="/input with space").is_good
    assert machine.asked[-1] == (
        "aws iot-dr apply --plans /input with space/plans --wave 3"
        " --review /input with space/review/review.json --yes"
    )


def test_without_that_artifact_nothing_is_applied(machine: Machine) -> None:
    build = machine.build("apply.yml")
    assert build.phases == {"install": 0, "pre_build": 0, "build": 1}
    assert "apply" not in " ".join(machine.asked)


def test_what_a_commit_changes_is_shown_with_the_stand_in_and_stops_nothing(
    machine: Machine,
) -> None:
    git = "git() { return 0; }; export -f git"
    spec = Buildspec.read(BUILDSPECS / "synth.yml")
    spec.data["phases"]["build"]["commands"].insert(0, git)
    for status in (1, 2, 3):
        build = machine.run(spec, "review", status)
        assert build.is_good
        assert f"review: exit status {status}" in build.printed
        assert machine.asked[-1] == "standin iot-dr review --base HEAD^1"
