"""The example that calls the emitted modules from a CDKTF app, without iot-dr."""

import os
import subprocess
import sys
from pathlib import Path

from iot_dr.terraform.terraform import PlanStatus
from tests.support.command import ROOT
from tests.support.emitted import Opened

EXAMPLE = ROOT / "examples" / "emitted-modules" / "app.py"
# The lazy bindings, which an app without iot-dr lacks, so that the test is quick.
RUN = f"import iot_dr, runpy; runpy.run_path({str(EXAMPLE)!r}, run_name='__main__')"


def test_a_cdktf_app_calls_the_platform_module_and_its_stack_is_planned(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SOURCE": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    terraform = opened(tmp_path / "cdktf.out" / "stacks" / "platform")
    assert terraform.validate() == []
    assert terraform.plan(tmp_path / "plan") is PlanStatus.CHANGED
    outputs = terraform.show(tmp_path / "plan")["planned_values"]["outputs"]
    assert "device_name" in outputs
