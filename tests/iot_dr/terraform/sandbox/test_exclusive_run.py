"""The locks of a sandbox during its removal."""

import os
from pathlib import Path

import pytest

from iot_dr.terraform.sandbox.exclusive_run import exclusive_run
from iot_dr.terraform.sandbox.sandbox import SandboxError


def test_a_run_that_opens_the_lock_of_a_sandbox_during_its_removal_is_refused(
    tmp_path: Path,
) -> None:
    # What it then holds is a file without a name: one that it opens has none already.
    gone = tmp_path / "gone"
    handle = os.open(gone, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        gone.unlink()
        (tmp_path / ".run").symlink_to(f"/dev/fd/{handle}")
        with pytest.raises(SandboxError, match="another run is using"), exclusive_run(tmp_path):
            pytest.fail("runs in a sandbox that is gone")
        assert os.fstat(handle).st_size == 0
    finally:
        os.close(handle)
