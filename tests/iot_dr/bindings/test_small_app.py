"""An app of a few resources, with the fast start and without, and how its process ends."""

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


@pytest.mark.parametrize(("mode", "frozen"), [("fast", True), ("stock", False)])
def test_the_end_searches_no_cycles_only_with_the_fast_start(
    process: Process, mode: str, frozen: bool
) -> None:
    done = process.code(
        "import atexit, gc, iot_dr\n"
        # Python 3.12 begins with some.
        "before = gc.get_freeze_count()\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > before))\n"
        "import cdktf",
        IOT_DR_BINDINGS=mode,
    )
    assert done.stdout == f"{frozen}\n"


def test_the_engine_is_there_when_the_thread_ends(process: Process) -> None:
    done = process.code(
        "import sys, threading, iot_dr.bindings as bindings\n"
        "bindings.warm_up(); bindings.warm_up()\n"
        "others = [each for each in threading.enumerate() if each.name == 'iot-dr-warm-up']\n"
        "[each.join() for each in others]\n"
        "print(len(others), 'cdktf' in sys.modules)"
    )
    assert (done.stdout, done.stderr) == ("1 True\n", "")


def test_an_app_works_on_while_the_engine_starts(
    process: Process, usual_output: dict[str, bytes]
) -> None:
    app = (
        "import iot_dr.bindings as bindings, runpy, sys; bindings.warm_up()\n"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = process.run("-c", app, process.small_app, process.folder / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert process.output("out") == usual_output


def test_a_command_that_ends_at_once_leaves_nothing_behind(process: Process) -> None:
    temporary = process.folder / "temporary"
    temporary.mkdir()
    done = process.code(
        "import iot_dr.bindings as bindings, sys; bindings.warm_up(); sys.exit(2)",
        TMPDIR=str(temporary),
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
    assert not list(temporary.iterdir())


SLOW_PUBLICATION = """
import iot_dr, sys, time
import jsii, publication
source = open(publication.__file__, encoding="utf-8").read().split("__version__ =")[0]
slow = "    if name == 'cdktf': __import__('time').sleep(0.3)\\n    names = all + ["
scope = {}
exec(source.replace("    names = all + [", slow), scope)
publication.publish = scope["publish"]
iot_dr.bindings.warm_up()
while getattr(sys.modules.get("cdktf"), "__spec__", sys) is not None:
    time.sleep(0.002)
from iot_dr.generate.app import build
print(build.__name__)
"""


def test_an_app_that_is_built_concurrently_waits_until_the_engine_is_whole(
    process: Process,
) -> None:
    # In place of a moment in which cdktf's module is empty, and that rarely is hit, a long one.
    done = process.code(SLOW_PUBLICATION)
    assert (done.stdout, done.stderr) == ("build\n", "")
