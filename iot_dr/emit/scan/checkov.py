"""A run of checkov over emitted modules."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.emit.scan.report import Report, ScanError, read_report

_REPORT: Final = "results_json.json"
_SECONDS: Final = 600
# checkov takes a condition that it cannot work out for one that is never so, and judges nothing of
# what stands under it (its terraform/checks/resource/base_resource_check.py).
_CONDITION: Final = re.compile(r"^  count += .*\n", re.MULTILINE)


def scanned(folder: Path, program: Path) -> Report:
    """Let checkov judge each resource of a folder of modules, one under a condition too.

    It asks no network, and heeds no configuration of the user's. Raises ScanError when it does not
    run, or does not understand a file.
    """
    with TemporaryDirectory(prefix="iot-dr-scan-") as name:
        draft = Path(name)
        modules, reports = draft / "modules", draft / "reports"
        shutil.copytree(folder, modules)
        for file in modules.rglob("main.tf"):
            text = file.read_text(encoding="utf-8")
            file.write_text(_CONDITION.sub("", text), encoding="utf-8")
        _run(program, modules, reports, home=draft)
        return read_report(reports / _REPORT)


def _run(program: Path, modules: Path, reports: Path, home: Path) -> None:
    options = ["--framework", "terraform", "--skip-download", "--compact", "--soft-fail"]
    report = ["--output", "json", "--output-file-path", str(reports)]
    try:
        done = subprocess.run(  # noqa: S603 - the scanner that the caller names
            [program.absolute(), "--directory", str(modules), *options, *report],
            cwd=home,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(home), "LOG_LEVEL": "ERROR"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except OSError as error:
        message = f"{plain(str(program))}: {error.strerror}; `make scan` installs checkov"
        raise ScanError(message) from None
    except subprocess.TimeoutExpired:
        raise ScanError(f"checkov did not come to an end within {_SECONDS} s") from None
    if done.returncode != 0:
        said = plain((done.stderr or done.stdout).strip()[-500:])
        raise ScanError(f"checkov ended with status {done.returncode}: {said or 'it says nothing'}")
