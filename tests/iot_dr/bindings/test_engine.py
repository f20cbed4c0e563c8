"""Which engine an app gets that imports cdktf."""

import json

import pytest

from tests.iot_dr.bindings.conftest import Process

_SAME = """\
import json, sys
import iot_dr
import cdktf, cdktf_cdktf_provider_aws.route53_zone as zone
from cdktf_cdktf_provider_aws import ssm_parameter
from cdktf import TerraformStack
print(json.dumps({
    "names": [cdktf.__name__, zone.__name__, ssm_parameter.__name__, TerraformStack.__module__],
    "same": [cdktf is sys.modules.get(cdktf.__name__), zone is sys.modules.get(zone.__name__)],
}))
"""
_THREADS = """\
import iot_dr, sys, threading
modules = []
def find():
    from cdktf import App, Postcondition
    modules.append(App)
threads = [threading.Thread(target=find) for _ in range(6)]
[each.start() for each in threads]
[each.join() for each in threads]
print(len(modules), len(set(modules)), sys.modules["cdktf"].__spec__.name)
"""


@pytest.mark.parametrize(
    ("engine", "core", "provider"),
    [
        ("", "cdktf", "cdktf_cdktf_provider_aws"),
        pytest.param(*("cdktf", "cdktf", "cdktf_cdktf_provider_aws"), marks=pytest.mark.exhaustive),
        ("cdktn", "cdktn", "cdktn_provider_aws"),
    ],
)
def test_an_app_that_imports_cdktf_gets_the_engine_that_is_chosen(
    process: Process, engine: str, core: str, provider: str
) -> None:
    # With an empty cache the app ends while node still unpacks the provider.
    own_cache = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(process.folder / "jsii")}
    done = process.code(_SAME, ENGINE=engine, **(own_cache if engine == "cdktn" else {}))
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["names"] == [
        core,
        f"{provider}.route53_zone",
        f"{provider}.ssm_parameter",
        core,
    ]
    assert document["same"] == [True, True]


@pytest.mark.parametrize(
    "value",
    [
        "CDKTN",
        *(pytest.param(value, marks=pytest.mark.exhaustive) for value in ("terraform", "cdktn ")),
    ],
)
def test_an_unknown_engine_is_refused_in_one_line(process: Process, value: str) -> None:
    done = process.code("import iot_dr", ENGINE=value)
    assert done.returncode == 2
    assert done.stderr == (
        f"error: ENGINE={value!r} is not known; set it to 'cdktf' or 'cdktn', or unset it\n"
    )


@pytest.mark.parametrize("package", ["cdktn", "cdktn_provider_aws"])
def test_an_engine_that_is_not_installed_is_refused_in_one_line(
    process: Process, package: str
) -> None:
    done = process.code_without(package, "import iot_dr", ENGINE="cdktn")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: ENGINE=cdktn: the package {package} is not installed; install the extra "
        "cdktn (in a clone: `make install`), or unset ENGINE\n"
    )


def test_a_command_refuses_an_unknown_engine_in_one_line(process: Process) -> None:
    done = process.run("-m", "iot_dr", "synth", ENGINE="other")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ENGINE='other' is not known")
    assert done.stderr.count("\n") == 1


def test_a_module_that_the_engine_lacks_is_named_as_the_engine_names_it(process: Process) -> None:
    done = process.code("import iot_dr, cdktf.nothing", ENGINE="cdktn")
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'cdktn.nothing'\n")


def test_threads_that_import_at_once_get_the_same_whole_module(process: Process) -> None:
    done = process.code(_THREADS, ENGINE="cdktn")
    assert (done.stdout, done.stderr) == ("6 1 cdktn\n", "")
