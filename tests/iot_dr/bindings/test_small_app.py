"""An app of a few resources, with the fast start and without."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.bindings.engine import PROVIDERS
from tests.iot_dr.bindings.conftest import Loaded, Process

_USED = {"data_aws_iot_endpoint", "provider", "route53_zone", "ssm_parameter"}


def _submodules(modules: list[str], provider: str) -> set[str]:
    """Name the resources and data sources among modules; a generated module adds private ones."""
    results = {name.split(".")[1] for name in modules if name.startswith(f"{provider}.")}
    return {name for name in results if not name.startswith("_")}


@pytest.mark.parametrize(("engine", "provider"), PROVIDERS.items())
def test_python_and_node_load_only_the_modules_that_the_app_uses(
    loaded: Callable[[str], Loaded], engine: str, provider: str
) -> None:
    report = loaded(engine)
    assert _submodules(report.modules, provider) == _USED
    assert len(report.modules) < 500
    names = (re.search(r"/provider-aws/lib/(.+)/", name) for name in report.node["modules"])
    used = {match[1] for match in names if match}
    # What cdktn's `provider` loads itself.
    used.discard("provider-functions")
    assert used == {name.replace("_", "-") for name in _USED}
    assert report.stderr == ""


def test_the_app_finds_its_environment_as_the_user_set_it(process: Process) -> None:
    done = process.synth("out", NODE_OPTIONS="--no-deprecation")
    environ: dict[str, Any] = json.loads(done.stdout)["environ"]
    assert environ["NODE_OPTIONS"] == "--no-deprecation"
    assert not [name for name in environ if name.startswith("JSII_")]


def test_a_failed_call_reads_the_same_as_without_the_fast_start(process: Process) -> None:
    done = process.code("import iot_dr, cdktf_cdktf_provider_aws as aws\naws.no_such_module")
    assert done.stderr.endswith(
        "AttributeError: module 'cdktf_cdktf_provider_aws' has no attribute 'no_such_module'\n"
    )
