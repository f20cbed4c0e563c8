"""The ledger of a drain."""

import resource
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from iot_dr.common.ledger_file import LedgerError
from iot_dr.operate.drain.drain_ledger import drain_ledger
from tests.iot_dr.operate.drain.drained import FLEET, away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import WEST
from tests.support.json_output import result_of


def test_the_ledger_is_readable_after_a_crash(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    crash = dedent(f"""
        import os, signal
        from pathlib import Path
        from iot_dr.operate.drain.drain_ledger import drain_ledger
        with drain_ledger(Path({str(file)!r}), None) as ledger:
            ledger.mark("use", "noon")
            ledger.add(["a", "b", "c"])
            ledger.record("a", "closed")
            ledger.record("b", "begun")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", crash], check=False)
    assert done.returncode == -signal.SIGKILL
    with drain_ledger(file, "noon") as ledger:
        assert ledger.waiting() == ["c"]
        assert ledger.counts() == {"closed": 1, "begun": 1, "waiting": 1}
    with drain_ledger(file, "one o'clock") as ledger:
        assert ledger.counts() == {}


@contextmanager
def files_limited(size: int) -> Generator[None]:
    """Let this process write no file beyond a size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("project")
def test_a_full_disk_after_the_switch_is_a_problem_of_the_drain_in_its_document(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    with files_limited(400_000):
        assert away(day, as_json=True) == 3
    assert day.puts() == [(WEST, True)]
    drain = result_of(capsys.readouterr().out)["drain"]
    assert "disk I/O error: free disk space, or leave out --drain" in drain["problem"]
    assert 0 < len(connections.closed) < FLEET


@pytest.mark.usefixtures("project")
def test_a_ledger_in_use_is_refused_before_the_switch_without_advice_to_name_another(
    day: Day,
) -> None:
    fleet(day)
    file = day.folder / ".deploy" / "drain" / f"dev-{WEST}"
    with (
        drain_ledger(file, None),
        pytest.raises(LedgerError, match="in use by another run: wait for it to end, or") as error,
    ):
        away(day)
    assert "name another file" not in str(error.value)
    assert day.puts() == []
