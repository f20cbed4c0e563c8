"""The end of a process."""

import pytest

from tests.iot_dr.bindings.conftest import Process


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
