"""The ledger of a drain."""

import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from iot_dr.operate.drain.drain_ledger import drain_ledger


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
