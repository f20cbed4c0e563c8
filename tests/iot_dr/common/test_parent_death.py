"""A child process ends with its parent."""

import subprocess
import sys

import pytest

CHILD = """
import ctypes
from iot_dr.common.parent_death import die_with_parent
{before}
die_with_parent()()
print("it lives")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
@pytest.mark.parametrize(
    ("before", "status", "output"),
    [
        ("", 1, ""),
        # As outside of Linux.
        ("ctypes.CDLL = lambda _name: None", 0, "it lives\n"),
    ],
    ids=["the parent is gone", "not Linux"],
)
def test_a_child_without_its_parent_ends_at_once_on_linux(
    before: str, status: int, output: str
) -> None:
    # The parent that the function expects is not this process.
    command = [sys.executable, "-c", CHILD.format(before=before)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (status, output, "")
