"""A design that a rule blocks, with each command that synthesizes, in a copy of the project."""

import hashlib
from pathlib import Path

import pytest

from tests.support.project import Project

COMMANDS = (
    "iot-dr synth --out out",
    pytest.param("python main.py", marks=pytest.mark.exhaustive),
    pytest.param("node_modules/.bin/cdktf synth -o out", marks=pytest.mark.exhaustive),
)
# A target that no design meets, and records of the device name without a check.
MISTAKES = (
    ("environments/dev.yaml", "rto: 360", "rto: 1"),
    ("modules/entry_point.py", "            health_check_id=check_id,\n", ""),
)
FOUND = ("[recovery-over-target]", "[failover-record-without-check]")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.copy(tmp_path_factory.mktemp("blocked") / "project")
    project.run("iot-dr synth --out out")
    for mistake in MISTAKES:
        project.edit(*mistake)
    return project


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_blocked_design_ends_with_1_and_all_findings_and_leaves_the_earlier_output(
    command: str, project: Project
) -> None:
    out = project.folder / "out"
    before, files = digests(out), {each.name for each in project.folder.iterdir()}
    done = project.try_(command, CDKTF_OUTDIR="out", CI="true", CHECKPOINT_DISABLE="1")
    stderr = done.stdout + done.stderr
    assert done.returncode == 1, stderr
    for message in FOUND:
        assert message in stderr
    assert "Traceback" not in stderr
    assert before
    assert digests(out) == before
    assert {each.name for each in project.folder.iterdir()} - {"cdktf.log"} == files
