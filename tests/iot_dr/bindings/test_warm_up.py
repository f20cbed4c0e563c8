"""An engine that starts while the caller does something else."""

from tests.iot_dr.bindings.conftest import Process


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
