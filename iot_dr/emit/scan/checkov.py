"""A run of checkov over emitted modules, and its report in JSON."""

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
# checkov takes a condition that it cannot work out for one that is never so, and judges nothing of
# what stands under it (its terraform/checks/resource/base_resource_check.py).
_CONDITION: Final = re.compile(r"^  count += .*\n", re.MULTILINE)

# Behind the calls that lead to it, and before its number.
_RESOURCE: Final = re.compile(r"[\w-]+\.[\w-]+(?=(\[.*\])?$)")


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A check that failed, what it asks for, and where: `MODULE/TYPE.NAME`.

    However often a module is called in what was scanned, it is one finding.
    """

    check: str
    where: str
    asks: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The scanner's version, what it complains of, in order, and the modules that it judged."""

    version: str
    findings: tuple[Finding, ...]
    judged: frozenset[str]


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


class ScanError(UserError):
    """The scanner did not judge what it was to judge."""


def read_report(path: Path) -> Report:
    """Read a report of one framework; raises ScanError for none, or with files not understood."""
    try:
        document: Any = read_json(path)
        results = document["results"]
        unread, version = results["parsing_errors"], document["summary"]["checkov_version"]
        failed, passed = results["failed_checks"], results["passed_checks"]
        found = {_finding(each) for each in failed}
        judged = frozenset(_module(each) for each in (*failed, *passed))
    except (JsonFileError, LookupError, TypeError) as error:
        message = f"{plain(str(path))}: is no report of checkov: {plain(str(error))}"
        raise ScanError(message) from None
    _refuse_unread(unread)
    return Report(version=version, findings=tuple(sorted(found)), judged=judged)


def _refuse_unread(files: Sequence[str]) -> None:
    if files:
        message = (
            f"checkov does not understand {plain(', '.join(files))}, so nothing vouches for it"
        )
        raise ScanError(message)


def _finding(result: Mapping[str, Any]) -> Finding:
    address = result["resource"]
    named = _RESOURCE.search(address)
    where = f"{_module(result)}/{named[0] if named else address}"
    return Finding(check=result["check_id"], where=where, asks=result["check_name"])


def _module(result: Mapping[str, Any]) -> str:
    """Name the module, or the example in it, that holds a file: `/modules/canary/main.tf`."""
    folder = PurePosixPath(result["file_path"].lstrip("/")).parent
    if folder.is_relative_to(MODULES):
        return str(folder.relative_to(MODULES))
    return str(PurePosixPath(PLATFORM.name) / folder)
