import iot_dr  # noqa: F401, I001 - first, for the fast start

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from environments.loader import load
from environments.project import ROOT_VARIABLE
from iot_dr.terraform.runtime import RUNTIME
from tests.support.aws_models import models_read_once
from tests.support.checks import started_early
from tests.support.examples import DEFAULT
from tests.support.lasting import Lasting
from tests.support.made_once import sharing
from tests.support.snapshot_command import pytest_assertrepr_compare  # noqa: F401 - a hook
from tests.support.synthesis import Synthesis
from tests.support.synthesized_once import SynthesizedOnce
from tests.support.within import within

if TYPE_CHECKING:
    from xdist.remote import Producer

    from iot_dr.drill.play.faults import Faults
    from tests.support.applied_world import AppliedWorld

# readline, which workers import, exports the size of a terminal that they do not have.
for _name in ("COLUMNS", "LINES"):
    os.environ.pop(_name, None)

# No deadline: the time of an example depends on the load of the machine.
settings.register_profile("default", deadline=None, max_examples=DEFAULT)
settings.register_profile("exhaustive", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_LONG = {"scenarios", "stacks", "bindings", "emit", "rotate", "test_rehearsal.py"}
# Its files share little, and take a third of the whole time.
_APART = "tests/scenarios"

# The terraform package has a file of that name too.
_CHECKS = Path(__file__).with_name("test_checks.py")
_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

# Terraform's processes end soon or use little memory, but garbage collection would take a fifth of
# their time.
os.environ.setdefault("GOGC", "400")

# If a shell sets it, as in many containers, each process that a test starts would compile the whole
# project again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Tests work in folders of their own, where commands must find the project as they do for a user.
os.environ[ROOT_VARIABLE] = str(Path(__file__).parents[1])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Exclude the collected tests from garbage collection: they live to the end.

    Collection over all modules and tests would take an eighth of the tests' time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take longest, so that all workers are busy to the end.

    The checks come last: they already run in parallel and only their results are read.
    """
    items.sort(key=lambda item: (item.path == _CHECKS, _LONG.isdisjoint(item.path.parts)))


class _ByFolder(LoadFileScheduling):
    """Runs a folder's tests in one process, so that their shared fixtures are created once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        folder = file.rpartition("/")[0]
        return file if folder == _APART else folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> LoadFileScheduling:
    """Distribute tests by folder."""
    return _ByFolder(config, log)


@pytest.fixture(scope="session", autouse=True)
def models() -> Iterator[None]:
    """Make each test process read the descriptions of AWS's services only once."""
    with models_read_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Share equal results between the test processes of a run."""
    own = tmp_path_factory.getbasetemp()
    # xdist gives each of its workers a folder in that of the run.
    with sharing((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _checks(request: pytest.FixtureRequest, shared: None) -> Iterator[None]:  # noqa: ARG001 - in it
    """Start the checks of the whole project if they are among the tests of a run."""
    is_first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    files = {item.path for item in request.session.items}
    with started_early() if is_first and _CHECKS in files else nullcontext():
        yield


@pytest.fixture(scope="session", autouse=True)
def synthesized() -> Iterator[None]:
    """Share synthesized stacks between the commands in a test process."""
    with within(RUNTIME, SynthesizedOnce()):
        yield


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Fail a test that leaves other signal handlers: the next one may send signals."""
    before = [signal.getsignal(number) for number in _SIGNALS]
    yield
    assert [signal.getsignal(number) for number in _SIGNALS] == before


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that waits without end, for code that hangs if it is wrong."""

    def fail(_number: int, _frame: object) -> None:
        pytest.fail("it still waits after a minute")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def synthesis(tmp_path: Path) -> Synthesis:
    """Synthesizes settings into the test's own folder."""
    return Synthesis(tmp_path)


@pytest.fixture(scope="session")
def dev_world(
    tmp_path_factory: pytest.TempPathFactory,
) -> "Iterator[tuple[AppliedWorld, Faults]]":
    """`dev` as in its file, in a made-up account; each test begins with `new_test`."""
    from tests.support.applied_world import applied_world  # noqa: PLC0415 - it loads moto

    with applied_world(load("dev", {}), tmp_path_factory.mktemp("dev")) as made:
        yield made


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """Terraform's processes for all sessions of this test process that may share them."""
    with Lasting(tmp_path_factory.mktemp("lasting")) as made:
        yield made


@pytest.fixture(scope="module")
def lent(lasting: Lasting) -> Iterator[None]:
    """Lend Terraform's processes to the sessions that a module's tests open in this process."""
    with within(RUNTIME, lasting):
        yield
