"""A test whose snapshot differs names the command that renews the snapshot."""

import subprocess
import sys
from pathlib import Path

from tests.prose import ROOT

TESTS = """
from syrupy.extensions.json import JSONSnapshotExtension

def test_differs(snapshot):
    assert [*range(100)] == snapshot

def test_is_missing(snapshot):
    assert {} == snapshot.use_extension(JSONSnapshotExtension)

def test_fails_otherwise(snapshot):
    assert "as before" == snapshot
    assert 1 == 2
"""
SNAPSHOTS = """\
# serializer version: 1
# name: test_differs
  'as before'
# ---
# name: test_fails_otherwise
  'as before'
# ---
"""


def test_a_snapshot_that_differs_or_is_missing_gets_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    (folder / "__snapshots__").mkdir(parents=True)
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    (folder / "__snapshots__" / "test_it.ambr").write_text(SNAPSHOTS, encoding="utf-8")
    # No short summary (-rN): where the variable CI is set, pytest repeats every message in it.
    options = ["-rN", "-p", "tests.support.snapshot_command", "-p", "no:cacheprovider", "--rootdir"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 failed" in done.stdout
    command = ".venv/bin/python -m pytest tests/test_it.py --snapshot-update"
    assert done.stdout.count(f"if the difference is correct, run {command}") == 2
