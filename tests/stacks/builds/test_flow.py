"""Where a build ends: the buildspecs with a stand-in for the command `iot-dr`."""

import hashlib
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from stacks.pipeline_stack import BUILDS, buildspec
from tests.stacks.builds.codebuild import Build, Buildspec
from tests.support.executable import executable

VERBS = sorted(path.stem for path in BUILDS.glob("*.yml"))
LATER = [verb for verb in VERBS if verb != "synth"]
REFUSED = "code.tar is not what the first action of this execution has left"

# Prints its arguments, and ends as the file says where the first words are these.
COMMAND = """#!/bin/sh
echo "$PROVIDER iot-dr $*" >> "$ASKED"
[ "$2" != variables ] ||
  echo "HAS_CHANGES=true PASSED_BY=false VERDICT=block REASON='two; words' PLANS_SHA256=22"
read -r status words < "$ENDS"
case "$*" in "$words"*) exit "$status" ;; esac
"""
# `archive` alone is asked for something that a build needs; whatever else is there.
GIT = """#!/bin/sh
[ "$1" != archive ] || tar -cf code.tar Makefile
"""


class Machine:
    """A checkout whose command fails where a test says so; later builds have it in an archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout, self.source = folder / "checkout", folder / "source"
        executable(self.checkout / ".venv" / "bin" / "iot-dr", COMMAND)
        executable(folder / "programs" / "git", GIT)
        made = ".venv/.app-installed:\n\t@echo installed\n"
        (self.checkout / "Makefile").write_text(made, encoding="utf-8")
        self.code_sha256 = ""
        self.variables: dict[str, str] = {}

    def take(self) -> Path:
        """Lay the archive of the checkout where a later build finds it; gives that place."""
        shutil.rmtree(self.source, ignore_errors=True)
        self.source.mkdir()
        code = self.source / "code.tar"
        with tarfile.open(code, "w") as archive:
            archive.add(self.checkout, ".")
        self.code_sha256 = hashlib.sha256(code.read_bytes()).hexdigest()
        return code

    def build(self, verb: str, fails: str = "none", status: int = 0, plans: str = "") -> Build:
        if verb != "synth":
            self.take()
        return self.run(verb, fails, status, plans)

    def run(self, verb: str, fails: str = "none", status: int = 0, plans: str = "") -> Build:
        scratch = self.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        (self.folder / "asked").write_text("", encoding="utf-8")
        (self.folder / "ends").write_text(f"{status} {fails}\n", encoding="utf-8")
        variables = {
            "ASKED": str(self.folder / "asked"),
            "ENDS": str(self.folder / "ends"),
            "PATH": f"{self.folder / 'programs'}{os.pathsep}{os.environ['PATH']}",
            "PROVIDER": "aws",
            "AWS_REGION": "eu-west-1",
            "WAVE": "3",
            "STACKS": "one two",
            "CODE_SHA256": self.code_sha256,
            "CODEBUILD_BUILD_URL": "https://console.example.com/1?a=b&c",
        }
        if plans:
            variables |= {"CODEBUILD_SRC_DIR_Plans3": plans, "PLANS_SHA256": "11"}
        variables |= self.variables
        source = self.checkout if verb == "synth" else self.source
        return Buildspec.parse(buildspec(verb)).run(source, scratch, variables)

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_asked_before_the_guard_and_nothing_after_it_refused(
    machine: Machine, verb: str
) -> None:
    build = machine.build(verb, "pipeline", 3, "/plans")
    assert build.phases == {"install": 0, "pre_build": 3}
    (asked,) = machine.asked
    assert asked.startswith("aws iot-dr pipeline guard --region eu-west-1")
    assert asked.endswith("" if verb == "synth" else "--wave 3 --stacks one two")


@pytest.mark.parametrize("expected", ["false false", "true", ""])
def test_a_plan_is_guarded_by_whatever_it_is_reported_of_regions_that_were_passed_by(
    machine: Machine, expected: str
) -> None:
    machine.variables = {"PASSED_BY": expected}
    machine.build("plan", "pipeline", 3)
    (asked,) = machine.asked
    assert asked.endswith(f"--stacks one two --passed-by {expected}")


def test_the_first_build_hands_the_commit_on_and_its_digest_even_if_a_star_is_for_hidden_files(
    machine: Machine,
) -> None:
    build, target = machine.build("synth"), machine.folder / "target"
    assert build.is_good
    spec = Buildspec.parse(buildspec("synth"))
    spec.artifact(machine.checkout, target, is_star_hidden=True)
    (code,) = target.iterdir()
    assert build.exported == {"CODE_SHA256": hashlib.sha256(code.read_bytes()).hexdigest()}


@pytest.mark.parametrize("verb", LATER)
@pytest.mark.parametrize("digest", ["", "0" * 64, "x", "*"])
def test_nothing_of_other_code_than_the_first_build_left_is_run(
    machine: Machine, verb: str, digest: str
) -> None:
    machine.take()
    machine.code_sha256 = digest
    build = machine.run(verb, plans="/plans")
    assert (build.phases, machine.asked) == ({"install": 1}, [])
    assert REFUSED in build.printed
    assert "installed" not in build.printed


def test_an_archive_that_another_build_has_written_over_is_not_run(machine: Machine) -> None:
    code = machine.take()
    with tarfile.open(code, "a") as archive:
        archive.add(machine.checkout / "Makefile", "./Makefile")
    build = machine.run("apply", plans="/plans")
    assert (build.phases, machine.asked) == ({"install": 1}, [])
    assert REFUSED in build.printed


def test_a_link_is_not_an_archive_even_if_it_leads_to_the_right_one(machine: Machine) -> None:
    code = machine.take()
    code.symlink_to(code.rename(machine.folder / "elsewhere.tar"))
    build = machine.run("apply", plans="/plans")
    assert (build.phases, machine.asked) == ({"install": 1}, [])


def test_what_lies_next_to_the_archive_is_not_run(machine: Machine) -> None:
    machine.take()
    executable(machine.source / ".venv" / "bin" / "iot-dr", "#!/bin/sh\necho planted\n")
    (machine.source / ".venv" / ".app-installed").touch()
    (machine.source / "Makefile").write_text("all:\n\techo planted\n", encoding="utf-8")
    build = machine.run("apply", plans="/plans")
    assert build.is_good
    assert "planted" not in build.printed
    assert len(machine.asked) == 2


def test_what_lies_where_the_archive_is_unpacked_ends_the_build(machine: Machine) -> None:
    machine.take()
    executable(machine.source / "code" / ".venv" / "bin" / "iot-dr", "#!/bin/sh\necho planted\n")
    build = machine.run("apply", plans="/plans")
    assert (build.phases, machine.asked) == ({"install": 1}, [])
    assert "planted" not in build.printed


@pytest.mark.parametrize("status", [0, 3])
def test_a_verdict_that_blocks_is_for_the_approval_to_weigh(machine: Machine, status: int) -> None:
    build = machine.build("plan", "review", status)
    assert build.is_good
    assert build.exported == {
        "HAS_CHANGES": "true",
        "PASSED_BY": "false",
        "VERDICT": "block",
        "REASON": "two; words",
        "LINK": "https://console.example.com/1?a=b&c",
        "PLANS_SHA256": "22",
    }


def test_plans_and_their_review_are_handed_on_and_nothing_of_the_code(machine: Machine) -> None:
    machine.build("plan")
    for name in ("plans/manifest.json", "review/review.json"):
        file = machine.source / "code" / name
        file.parent.mkdir()
        file.touch()
    target = machine.folder / "target"
    Buildspec.parse(buildspec("plan")).artifact(machine.source, target, is_star_hidden=True)
    files = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert files == {"plans/manifest.json", "review/review.json"}


@pytest.mark.parametrize(
    ("verb", "fails", "status"),
    [
        ("synth", "synth", 2),
        ("synth", "check", 1),
        ("plan", "plan", 1),
        ("plan", "review", 1),
        ("plan", "review", 2),
        ("apply", "apply", 1),
        ("verify", "pipeline verify", 1),
    ],
)
def test_what_fails_ends_the_build(machine: Machine, verb: str, fails: str, status: int) -> None:
    build = machine.build(verb, fails, status, "/plans")
    assert not build.is_good
    assert build.is_whole
    assert [name for name, ended in build.phases.items() if ended] == ["build"]
    assert machine.asked[-1].startswith(f"aws iot-dr {fails}")
    assert "LINK" not in build.exported


def test_variables_that_cannot_be_had_end_the_build(machine: Machine) -> None:
    command = machine.checkout / ".venv" / "bin" / "iot-dr"
    executable(command, f'{COMMAND}\n[ "$2" != variables ] || exit 1\n')
    build = machine.build("plan")
    assert build.phases["build"] == 1
    assert build.exported == {}


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("apply", "apply --plans {} --wave 3{} --yes"),
        ("verify", "pipeline verify --wave 3 --plans {}{}"),
    ],
)
def test_plans_are_taken_from_the_artifact_of_the_wave_and_by_their_digest(
    machine: Machine, verb: str, asked: str
) -> None:
    assert machine.build(verb, plans="/input with space").is_good
    review = " --review /input with space/review/review.json --plans-sha256 11"
    result = asked.format("/input with space/plans", review)
    assert machine.asked[-1] == f"aws iot-dr {result}"


@pytest.mark.parametrize("verb", ["apply", "verify"])
def test_without_that_artifact_nothing_is_done(machine: Machine, verb: str) -> None:
    build = machine.build(verb)
    assert build.phases == {"install": 0, "pre_build": 0, "build": 1}
    assert len(machine.asked) == 1


@pytest.mark.parametrize("status", [1, 2, 3])
def test_what_a_commit_changes_is_shown_with_the_stand_in_and_stops_nothing(
    machine: Machine, status: int
) -> None:
    build = machine.build("synth", "review", status)
    assert build.is_good
    assert f"review: exit status {status}" in build.printed
    assert machine.asked[-1] == "standin iot-dr review --base HEAD^1"
