"""The report of checkov, in JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.scan.finding import Finding
from iot_dr.emit.synthesis import MODULES
from iot_dr.terraform_json.json_file import JsonFileError, read_json

# Behind the calls that lead to it, and before its number.
_RESOURCE: Final = re.compile(r"[\w-]+\.[\w-]+(?=(\[.*\])?$)")


class ScanError(UserError):
    """The scanner did not judge what it was to judge."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The scanner's version, what it complains of, in order, and the modules that it judged."""

    version: str
    findings: tuple[Finding, ...]
    judged: frozenset[str]


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
