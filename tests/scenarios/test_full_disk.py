"""A full disk: one line names a file and what to do, and the earlier output stays."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from environments.project import ROOT_VARIABLE
from iot_dr.common.full_disk import error_line
from tests.support.command import ROOT, plain_environment

# With space for the earlier output, and for a part of a new one.
MOUNT = 'mount -t tmpfs -o size=48k none "$0" && cd "$0" && '
EARLIER = (
    "mkdir -p cdktf.out/stacks/iot-dev-state && echo {} >cdktf.out/stacks/iot-dev-state/cdk.tf.json"
    """ && echo '{"version": "1", "stacks": {}}' >cdktf.out/manifest.json"""
)
SEEN = "find . -type f -size -2 | sort; cat cdktf.out/stacks/iot-dev-state/cdk.tf.json"
PYTHON = f"{sys.executable} -m iot_dr"


def on_a_small_disk(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder on a disk of its own, which only the script sees."""
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{MOUNT}{script}", folder],  # noqa: S607 - the user's
        env=plain_environment() | {ROOT_VARIABLE: str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder to mount a small disk on."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if on_a_small_disk(folder, "true").returncode:
        pytest.skip("this user may not mount a small disk")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        f"{sys.executable} {ROOT / 'main.py'}",
        pytest.param(f"{PYTHON} synth", marks=pytest.mark.exhaustive),
    ],
)
def test_a_synthesis_without_room_names_the_file_and_leaves_the_earlier_output(
    disk: Path, command: str
) -> None:
    done = on_a_small_disk(disk, f"{EARLIER} && {command}; echo $?; {SEEN}")
    assert done.stdout.splitlines() == [
        "1",
        "./cdktf.out/manifest.json",
        "./cdktf.out/stacks/iot-dev-state/cdk.tf.json",
        "{}",
    ]
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{disk}/cdktf.out/stacks/iot-dev-")
    assert line.endswith(
        ": No space left on device; free some space there and run the command again"
    )


def test_an_emission_without_room_names_the_file_and_leaves_nothing(disk: Path) -> None:
    done = on_a_small_disk(disk, f"{PYTHON} emit --all --out modules; echo $?; ls -A")
    assert done.stdout == "1\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{disk}/modules/")
    assert line.endswith(
        ": No space left on device; free some space there and run the command again"
    )


def test_a_folder_without_room_to_create_it_is_named(disk: Path) -> None:
    no_more_files = "mount -o remount,nr_inodes=1 ."
    done = on_a_small_disk(disk, f"{no_more_files} && {PYTHON} synth --out new; echo $?")
    assert done.stdout == "1\n"
    assert (
        done.stderr
        == "new: No space left on device; free some space there and run the command again\n"
    )


@pytest.mark.exhaustive
def test_kept_plans_without_room_name_the_folder(disk: Path) -> None:
    done = on_a_small_disk(disk, f"{PYTHON} plan --out plans; echo $?; ls plans")
    status, *kept = done.stdout.splitlines()
    assert status == "1"
    assert "manifest.json" not in kept
    assert done.stderr.splitlines()[-1] == (
        "--out plans: the plans cannot be kept: No space left on device; free some space there"
        " and run the command again"
    )


def test_a_temporary_folder_without_room_is_named(disk: Path) -> None:
    done = on_a_small_disk(disk, f"TMPDIR=$PWD {PYTHON} synth --out ../out; echo $?")
    assert done.stdout == "1\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        "No space left on device: free some space for the output and in the temp"
    )
    assert str(disk) in line


@pytest.mark.parametrize(("names", "named"), [(("from", None, "to"), "to"), (("file",), "file")])
def test_the_file_that_was_written_is_named_and_of_a_copy_the_second(
    names: tuple[str | None, ...], named: str
) -> None:
    line = error_line(OSError(errno.ENOSPC, "No space left on device", *names))
    assert (
        line == f"{named}: No space left on device; free some space there and run the command again"
    )
