"""The module that a project's own code imports."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from iot_dr import api, constructs
from stacks.base_stack import BaseStack
from stacks.stage import IotPlatformStage
from tests.support.command import ROOT, plain_environment

EXAMPLES: Final = ROOT / "examples"


def test_every_public_construct_is_there_with_its_inputs_and_outputs() -> None:
    for name in constructs.__all__:
        assert getattr(constructs, name)
    for name in ("Certificate", "EntryPoint", "HostedZone", "StateBucket", "Switch"):
        assert {f"{name}Inputs", f"{name}Outputs"} <= {*constructs.__all__}


def test_every_public_name_is_there() -> None:
    for name in api.__all__:
        assert getattr(api, name)
    assert api.BaseStack is BaseStack
    assert issubclass(api.IotPlatformStage, IotPlatformStage)


def test_another_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'iot_dr\.api' has no attribute 'Stage'$"):
        getattr(api, "Stage")  # noqa: B009 - the type check refuses the attribute


def test_its_import_does_not_start_the_engine() -> None:
    code = "import sys; from iot_dr.api import load_settings; print('cdktf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def run(*arguments: str, cwd: Path) -> str:
    """Run Python in a folder, and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=plain_environment(cwd),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fast start" not in done.stderr
    return done.stdout


def test_the_example_of_one_construct_is_synthesized_in_somebody_elses_stack(
    tmp_path: Path,
) -> None:
    run(str(EXAMPLES / "one-construct" / "app.py"), cwd=tmp_path)
    text = (tmp_path / "cdktf.out" / "stacks" / "names" / "cdk.tf.json").read_text()
    resources = json.loads(text)["resource"]
    assert resources["aws_route53_zone"].keys() == {"zone", "test_zone"}
    assert resources["aws_route53_zone"]["test_zone"]["comment"] == "Names of things under test"


@pytest.mark.exhaustive
def test_the_unit_tests_of_the_example_of_an_own_app_pass(tmp_path: Path) -> None:
    folder = tmp_path / "own-app"
    shutil.copytree(EXAMPLES / "own-app", folder)
    printed = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py", cwd=folder)
    assert "3 passed" in printed
    run("-m", "iot_dr", "app", cwd=folder)
