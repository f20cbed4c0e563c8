"""The next run removes the folders of killed runs, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

from iot_dr.common.output_folder import replacing_folder
from iot_dr.common.run_folder import locked_folder, remove_stale_folders
from tests.support.command import ROOT, plain_environment
from tests.support.processes import marked

_RUN = """\
import sys, tempfile
from pathlib import Path
from iot_dr.common.run_folder import use_own_folder
from iot_dr.terraform.engine import Engine
use_own_folder()
if sys.argv[1:]:
    Engine.chosen({}).commands({}).run(["version"], Path.cwd(), None)
print(tempfile.mkdtemp(), flush=True)
sys.stdin.read()
"""


def run(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a run with temporary files in a folder; it ends when its standard input closes."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=ROOT,
        env={**plain_environment(), "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def made(process: subprocess.Popen[str]) -> Path:
    """Return the temporary folder that a run created."""
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def test_a_folder_stays_while_its_run_lives_and_the_next_run_removes_it(
    tmp_path: Path,
) -> None:
    others = tmp_path / "iot-dr-plan-of-another-version"
    others.mkdir()
    with run(tmp_path) as first:
        left = made(first)
        with run(tmp_path) as second:
            assert left.is_dir()
            second.communicate(timeout=30)
        assert {*tmp_path.iterdir()} == {left.parent, others}
        first.kill()
    assert left.is_dir()
    with run(tmp_path) as third:
        third.communicate(timeout=30)
    assert [*tmp_path.iterdir()] == [others]


def test_terraform_that_outlives_its_run_keeps_the_folder(tmp_path: Path) -> None:
    with run(tmp_path, "terraform") as process:
        made(process)
        workers = marked("TMPDIR", str(tmp_path))
        (worker,) = (pid for pid, command in workers.items() if "worker.py" in command)
        results = [file.readlink() for file in Path(f"/proc/{worker}/fd").iterdir()]
        process.communicate(timeout=30)
    assert [path.parent for path in results if "iot-dr-run-" in path.name] == [tmp_path]


def test_a_state_that_terraform_could_not_write_stays(tmp_path: Path) -> None:
    for name in ("left", "unwritten"):
        folder, lock = locked_folder(f"run-{name}-", tmp_path)
        (folder / "work").mkdir()
        (folder / "work" / ("errored.tfstate" if name == "unwritten" else "plan")).touch()
        os.close(lock)
    remove_stale_folders("run-", tmp_path)
    assert [path.name[:14] for path in tmp_path.iterdir()] == ["run-unwritten-"]


def test_a_link_instead_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "run-1").symlink_to(tmp_path / "kept")
    remove_stale_folders("run-", tmp_path)
    assert (tmp_path / "kept").is_dir()


def test_a_command_removes_stale_folders_and_its_own(tmp_path: Path) -> None:
    (tmp_path / "iot-dr-run-left").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "iot_dr", "env", "show", "dev"],
        cwd=ROOT,
        env={**plain_environment(), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [*tmp_path.iterdir()] == []


def test_output_of_a_killed_run_is_removed_and_a_users_folder_stays(tmp_path: Path) -> None:
    left, own = tmp_path / ".out.iot-dr-abcdefgh", tmp_path / ".out.original"
    left.mkdir()
    own.mkdir()
    with replacing_folder(tmp_path / "out") as fresh:
        (fresh_folder,) = (path for path in tmp_path.iterdir() if path not in {left, own})
        assert (fresh, left.exists()) == (fresh_folder, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [own.name, "out"]
