"""An app of a few resources, with the fast start and without."""

import json
import re
from pathlib import Path
from typing import Any

from tests.iot_dr.bindings.conftest import Process

_USED = {"data_aws_iot_endpoint", "provider", "route53_zone", "ssm_parameter"}
_PROVIDER = "cdktf_cdktf_provider_aws"
_COUNTER = Path(__file__).with_name("report_node.cjs")


def _submodules(modules: list[str]) -> set[str]:
    """Name the resources and data sources among modules; a generated module adds private ones."""
    found = {name.split(".")[1] for name in modules if name.startswith(f"{_PROVIDER}.")}
    return {name for name in found if not name.startswith("_")}


def test_python_holds_only_the_modules_that_the_app_uses(process: Process) -> None:
    done = process.synth("out")
    modules = json.loads(done.stdout)["modules"]
    assert _submodules(modules) == _USED
    assert len(modules) < 500
    assert done.stderr == ""


def test_node_holds_only_the_modules_that_the_app_uses(process: Process) -> None:
    report = process.folder / "report.json"
    process.synth("out", NODE_REPORT=str(report), NODE_OPTIONS=f'--require "{_COUNTER}"')
    modules: list[str] = json.loads(report.read_text(encoding="utf-8"))["modules"]
    used = {match[1] for name in modules if (match := re.search(r"/provider-aws/lib/(.+)/", name))}
    assert used == {name.replace("_", "-") for name in _USED}


def test_the_app_finds_its_environment_as_the_user_set_it(process: Process) -> None:
    done = process.synth("out", NODE_OPTIONS="--no-deprecation")
    environ: dict[str, Any] = json.loads(done.stdout)["environ"]
    assert environ["NODE_OPTIONS"] == "--no-deprecation"
    assert not [name for name in environ if name.startswith("JSII_")]


def test_a_failed_call_reads_the_same_as_without_the_fast_start(process: Process) -> None:
    done = process.code("import iot_dr, cdktf_cdktf_provider_aws as aws\naws.no_such_module")
    assert done.stderr.endswith(
        f"AttributeError: module '{_PROVIDER}' has no attribute 'no_such_module'\n"
    )
