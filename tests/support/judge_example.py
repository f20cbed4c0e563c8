"""The example of docs/reference/api.md, run in a process of its own."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.command import ROOT, plain_environment

EXAMPLE = ROOT / "examples" / "judge-a-plan" / "judge.py"
PLAN = ROOT / "tests" / "iot_dr" / "rules" / "cases" / "naive-design" / "bad.naive.json"
"""The plan of the README's example."""

MSGSPEC_ALONE = """\
import runpy, sys
OWN = {"functions", "iot_dr", "modules", "msgspec"}
class Refused:
    def find_spec(self, name, path=None, target=None):
        is_known = name.partition(".")[0] in OWN | sys.stdlib_module_names
        if not is_known or name.startswith(("iot_dr._app.environments", "iot_dr._app.stacks")):
            raise ImportError(f"{name} is not needed")
sys.meta_path.insert(0, Refused())
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program where only the standard library, msgspec and what judges can be imported."""


def example_output(*options: str, **env: str) -> str:
    """Return what the example prints for the plan of the README; `options` are Python's."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PLAN, Path(folder, "plan.json"))
        done = subprocess.run(
            [sys.executable, *options, str(EXAMPLE), "plan.json"],
            cwd=folder,
            env={**plain_environment(), **env},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout
