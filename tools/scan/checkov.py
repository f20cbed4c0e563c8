"""Runs checkov on emitted modules and reads its JSON report."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.synthesis import MODULES
from iot_dr.terraform_json.json_file import JsonFileError, read_json

_REPORT: Final = "results_json.json"
_SECONDS: Final = 600
# checkov skips a resource whose count it cannot evaluate
# (terraform/checks/resource/base_resource_check.py).
_CONDITION: Final = re.compile(r"^  count += .*\n", re.MULTILINE)

# After the module calls in an address, and before an index.
_RESOURCE: Final = re.compile(r"[\w-]+\.[\w-]+(?=(\[.*\])?$)")


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A failed check with its title, and where: `MODULE/TYPE.NAME`.

    A module that is called several times has one finding.
    """

    check: str
    where: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The scanner's version, its sorted findings, and the scanned modules."""

    version: str
    findings: tuple[Finding, ...]
    modules: frozenset[str]


def scan(folder: Path, program: Path) -> Report:
    """Scan a folder of modules with checkov, including conditional resources.

    It uses no network and no configuration of the user. Raises ScanError if checkov does not run or
    cannot parse a file.
    """
    with TemporaryDirectory(prefix="iot-dr-scan-") as name:
        draft = Path(name)
        modules, reports = draft / "modules", draft / "reports"
        shutil.copytree(folder, modules)
        for file in modules.rglob("*.tf"):
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
        raise ScanError(f"checkov did not end within {_SECONDS} s") from None
    if done.returncode != 0:
        said = plain((done.stderr or done.stdout).strip()[-500:])
        raise ScanError(f"checkov ended with status {done.returncode}: {said or 'no message'}")


class ScanError(UserError):
    """The scan failed or is incomplete."""


def read_report(path: Path) -> Report:
    """Read a report of one framework; raises ScanError if invalid or with parsing errors."""
    try:
        document: Any = read_json(path)
        results = document["results"]
        unread, version = results["parsing_errors"], document["summary"]["checkov_version"]
        failed, passed = results["failed_checks"], results["passed_checks"]
        findings = {_finding(each) for each in failed}
        judged = frozenset(_module(each) for each in (*failed, *passed))
    except (JsonFileError, LookupError, TypeError) as error:
        message = f"{plain(str(path))}: not a report of checkov: {plain(str(error))}"
        raise ScanError(message) from None
    _refuse_unread(unread)
    return Report(version=version, findings=tuple(sorted(findings)), modules=judged)


def _refuse_unread(files: Sequence[str]) -> None:
    if files:
        message = f"checkov cannot parse {plain(', '.join(files))}, so the scan is incomplete"
        raise ScanError(message)


def _finding(result: Mapping[str, Any]) -> Finding:
    address = result["resource"]
    named = _RESOURCE.search(address)
    where = f"{_module(result)}/{named[0] if named else address}"
    return Finding(check=result["check_id"], where=where, title=result["check_name"])


def _module(result: Mapping[str, Any]) -> str:
    """Return the module or example of a file such as `/modules/canary/main.tf`."""
    folder = PurePosixPath(result["file_path"].lstrip("/")).parent
    if folder.is_relative_to(MODULES):
        return str(folder.relative_to(MODULES))
    return str(PurePosixPath(PLATFORM.name) / folder)
